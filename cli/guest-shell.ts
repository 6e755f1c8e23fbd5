/**
 * Driver of a guest's serial console through `virsh console`, which works for every URI. It needs a terminal,
 * and script(1) gives it one. The console is the only access to a Workstation: no agent, no sshd, nothing for
 * tests alone.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { virshLine } from "../libvirt/client";
import { CliError } from "../util/error";
import { printable } from "../util/output";
import { type GuestResult, handshake, typed } from "./transcript";

/** virsh's own escape, Ctrl+]. */
const ESCAPE = "\x1d";
/**
 * How often an unanswered handshake is typed again: a booting guest throws away what came before its shell.
 */
const HANDSHAKE_MS = 2000;
const POLL_MS = 50;
/** Output kept in memory, in characters; older output is of no use any more. */
const KEEP = 4_000_000;

/** A shell on a guest's console. Only one session per console; ours takes it over. */
export interface GuestShell {
    /**
     * Run a shell script and wait for its end.
     * @throws CliError when there is no result within the limit (plus a few seconds of typing)
     */
    run(script: string, timeoutSeconds: number): Promise<GuestResult>;
    /** Everything that the console has shown in this session. */
    transcript(): string;
    close(): Promise<void>;
}

export interface ShellOptions {
    readonly uri: string;
    readonly domain: string;
    /** How long to wait for a shell that answers, in seconds. */
    readonly timeoutSeconds: number;
}

/** Last lines of a transcript, safe to print. */
const tail = (text: string): string =>
    printable(text.replaceAll("\r", "")).trim().split("\n").slice(-3).join(" | ");

/** virsh under script(1), with what it has shown so far. */
function startConsole({ uri, domain }: ShellOptions): {
    write(s: string): void;
    shown(): string;
    ended(): boolean;
    stop(): Promise<void>;
} {
    const command = `exec ${virshLine(uri, "console", "--force", domain)}`;
    const child = execa("script", ["-qfec", command, "/dev/null"], {
        reject: false,
        buffer: false,
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
        env: { LC_ALL: "C", SHELL: "/bin/sh" },
        forceKillAfterDelay: 500,
    });
    let [text, over] = ["", false];
    const take = (chunk: Buffer): void => {
        text = (text + chunk.toString("latin1")).slice(-KEEP);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    // A broken pipe shows as the end of the process, which callers look at.
    child.stdin.on("error", () => undefined);
    const end = child.then((result) => {
        over = true;
        text += result.code === "ENOENT" ? "script(1) is not installed: apt install bsdutils" : "";
    });
    return {
        write: (s) => void child.stdin.write(s),
        shown: () => text,
        ended: () => over,
        stop: async () => {
            child.stdin.write(ESCAPE);
            await Promise.race([end, sleep(500)]);
            child.kill();
            await end;
        },
    };
}

/**
 * Take over a guest's console and wait until a shell answers.
 * @throws CliError when there is no console or no shell within the limit
 */
export async function openShell(options: ShellOptions): Promise<GuestShell> {
    const con = startConsole(options);
    const wait = async (
        seconds: number,
        what: string,
        done: () => boolean,
        again?: () => void,
    ): Promise<void> => {
        const end = performance.now() + seconds * 1000;
        let next = performance.now();
        while (!done()) {
            if (con.ended() || performance.now() > end) {
                const why = con.ended() ? "the console closed" : `nothing within ${seconds} s`;
                await con.stop();
                throw new CliError(
                    `${what} on the console of ${options.domain}: ${why}; it last showed: ${tail(con.shown()) || "nothing"}`,
                    `look at it with bin/sallyport console ${options.domain} --uri '${options.uri}'`,
                );
            }
            if (again !== undefined && performance.now() >= next) {
                next += HANDSHAKE_MS;
                again();
            }
            await sleep(POLL_MS);
        }
    };
    // What is written before virsh has made its terminal raw would be echoed and lost.
    await wait(Math.min(15, options.timeoutSeconds), "no session", () =>
        con.shown().includes("Escape character is"),
    );
    const hello = handshake(randomBytes(8).toString("hex"));
    await wait(
        options.timeoutSeconds,
        "no shell",
        () => hello.seen(con.shown()),
        () => con.write(`\x15${hello.line}\r`),
    );
    return {
        run: async (script, timeoutSeconds) => {
            const command = typed(script, randomBytes(8).toString("hex"), timeoutSeconds);
            con.write(`${command.line}\r`);
            let result: GuestResult | undefined;
            await wait(
                timeoutSeconds + 15,
                "no result of a command",
                () => (result = command.find(con.shown())) !== undefined,
            );
            if (result === undefined) {
                throw new Error("a result was found and is gone");
            }
            return result;
        },
        transcript: () => con.shown(),
        close: () => con.stop(),
    };
}
