/**
 * What goes to and comes from a shell on a serial console, as pure functions. A terminal echoes, so a marker
 * never stands in the command as it is printed: printf puts it together, and the echo of the command does not
 * match.
 */

/** The command as a line for the guest's shell, and how to find its result in the console's output. */
export interface Typed {
    readonly line: string;
    readonly find: (output: string) => GuestResult | undefined;
}

export interface GuestResult {
    /** Exit status; 124 when the time limit inside the guest ended it (timeout(1)). */
    readonly status: number;
    /** Output and errors together, as the command wrote them, with LF line ends. */
    readonly output: string;
}

/** Longest line that a terminal takes in canonical mode (N_TTY_BUF_SIZE), less the newline. */
const MAX_LINE = 4095;

const QUIET = "\\r*\\n";

/**
 * Wrap a shell script.
 * @param nonce letters and digits that no other output holds
 * @throws RangeError when the script is too long to be typed
 */
export function typed(script: string, nonce: string, timeoutSeconds: number): Typed {
    const encoded = Buffer.from(script).toString("base64");
    const line =
        ` printf '\\n@@%s@@\\n' B${nonce}; timeout ${timeoutSeconds} sh -c "$(printf %s ${encoded} | base64 -d)" </dev/null 2>&1;` +
        ` printf '\\n@@%s:%s@@\\n' E${nonce} $?`;
    if (line.length > MAX_LINE) {
        throw new RangeError(
            `a script of ${script.length} bytes is too long to be typed on a console (${line.length} of ${MAX_LINE})`,
        );
    }
    const pattern = new RegExp(`@@B${nonce}@@${QUIET}([^]*?)${QUIET}@@E${nonce}:(\\d{1,3})@@`);
    return {
        line,
        find: (output) => {
            const match = pattern.exec(output);
            return match === null
                ? undefined
                : { status: Number(match[2]), output: (match[1] ?? "").replace(/\r+\n/g, "\n") };
        },
    };
}

/** A line that shows whether a shell listens; `seen` tells its answer from its echo. */
export function handshake(nonce: string): {
    readonly line: string;
    readonly seen: (output: string) => boolean;
} {
    return { line: ` printf '@@%s@@\\n' H${nonce}`, seen: (output) => output.includes(`@@H${nonce}@@`) };
}
