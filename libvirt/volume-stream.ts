/**
 * A volume's content through pipes: not a byte of it is in a file here. virsh opens a path, and opens a pipe by
 * /dev/stdin and /dev/stdout; Node's own are sockets, which it can't open, so `cat` stands between.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { CliError } from "../util/error";
import { complaint } from "./errors";

/** How long nothing may pass, in milliseconds. */
const STALL_MS = 300_000;

export interface VolumeAt {
    readonly uri: string;
    readonly pool: string;
    readonly volume: string;
}

/** The status of virsh, not of cat, is what counts: it comes by descriptor 3. */
const DOWN = `{ virsh "$@" /dev/stdout 3>&-; echo $? >&3; } | cat 3>&-`;
const UP = `cat 3>&- | { virsh "$@" /dev/stdin 3>&-; echo $? >&3; }`;

interface Pipes {
    readonly child: ReturnType<typeof spawn>;
    /** Anew after each piece that passed. */
    readonly alive: () => void;
    /** Ends it, by its process group. */
    readonly stop: () => void;
    /** @throws CliError with libvirt's complaint */
    readonly ended: () => Promise<void>;
}

function start(script: string, at: VolumeAt, verb: string, more: readonly string[]): Pipes {
    const args = ["-q", "-c", at.uri, verb, "--pool", at.pool, "--vol", at.volume, ...more, "--file"];
    const child = spawn("sh", ["-c", script, "sh", ...args], {
        stdio: ["pipe", "pipe", "pipe", "pipe"],
        env: { ...process.env, LC_ALL: "C" },
        // A group of its own: Ctrl-C at the terminal reaches us first, and we end it.
        detached: true,
    });
    let [said, status, stalled] = ["", "", false];
    child.stderr?.on("data", (data: Buffer) => (said = `${said}${data.toString()}`.slice(-4096)));
    child.stdio[3]?.on("data", (data: Buffer) => (status += data.toString()));
    child.stdin?.on("error", () => undefined);
    const closed = once(child, "close");
    closed.catch(() => undefined);
    const stop = (): void => {
        try {
            process.kill(-(child.pid ?? NaN), "SIGKILL");
        } catch {
            // It has ended.
        }
    };
    const timer = setTimeout(() => {
        stalled = true;
        stop();
    }, STALL_MS);
    return {
        child,
        alive: () => void timer.refresh(),
        stop: () => {
            clearTimeout(timer);
            stop();
        },
        ended: async () => {
            await closed;
            clearTimeout(timer);
            if (status.trim() !== "0") {
                const why = stalled ? `nothing passed for ${STALL_MS / 1000} s` : complaint(said);
                throw new CliError(
                    `${verb} of ${at.pool}/${at.volume} at ${at.uri}: ${why || "virsh failed"}`,
                    "see that libvirt answers and the host's disk has room, then run it again",
                );
            }
        },
    };
}

/** Content of a volume from a place on. @throws CliError with libvirt's complaint, at its end as well */
export async function* readVolume(at: VolumeAt, offset = 0): AsyncGenerator<Buffer> {
    const { child, alive, stop, ended } = start(DOWN, at, "vol-download", ["--offset", String(offset)]);
    child.stdin?.end();
    try {
        for await (const piece of child.stdout as AsyncIterable<Buffer>) {
            alive();
            yield piece;
        }
        await ended();
    } finally {
        stop();
    }
}

/** Write into a volume from a place on. @throws CliError with libvirt's complaint, or what the pieces throw */
export async function writeVolume(
    at: VolumeAt,
    offset: number,
    pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
    const { child, alive, stop, ended } = start(UP, at, "vol-upload", ["--offset", String(offset)]);
    const input = child.stdin;
    try {
        let open = input !== null;
        child.once("close", () => (open = false));
        for await (const piece of pieces) {
            if (!open || input === null || input.destroyed) {
                break;
            }
            alive();
            if (!input.write(piece)) {
                // A broken pipe is told by virsh's own complaint.
                await Promise.race([once(input, "drain"), once(input, "close"), once(child, "close")]).catch(
                    () => undefined,
                );
            }
        }
        input?.end();
        child.stdout?.resume();
        await ended();
    } finally {
        stop();
    }
}
