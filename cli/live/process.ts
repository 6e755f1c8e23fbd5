/**
 * Running a program that starts others, under one time limit for all of them. Pulumi puts its plugins into
 * process groups of their own, so a group is not enough to end them: every process of a run carries a mark in
 * its environment.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

const MARK = "SALLYPORT_RUN";

export interface RunOptions {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Limit for the whole run in seconds; then it is interrupted, and killed when it does not end. */
    readonly timeoutSeconds: number;
    /** Each line of output, standard error included. */
    readonly onLine?: (line: string) => void;
    /** Interrupts the run. */
    readonly signal?: AbortSignal;
}

export interface RunResult {
    /** Exit status; undefined when a signal ended the program. */
    readonly exitCode: number | undefined;
    readonly timedOut: boolean;
    /** Standard output and error in the order in which they came. */
    readonly output: string;
}

/** A run that may be killed from outside. */
export interface Running {
    readonly result: Promise<RunResult>;
    /** SIGKILL for every process of the run, at once. @returns how many there were */
    killAll(): number;
    /** Every living process of the run. */
    pids(): number[];
}

/** Time between the interrupt and the kill. */
const GRACE_MS = 15_000;

/** Processes whose environment holds the mark. Unreadable ones are not ours. */
function marked(mark: string): number[] {
    const entry = `${MARK}=${mark}`;
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => {
            try {
                return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(entry);
            } catch {
                return false;
            }
        });
}

const send = (pid: number, signal: NodeJS.Signals): void => {
    try {
        process.kill(pid, signal);
    } catch {
        // it ended meanwhile
    }
};

/** Start a program. Nothing of it outlives the run: what it leaves behind is killed when it ends. */
export function start(command: string, args: readonly string[], options: RunOptions): Running {
    const mark = randomBytes(12).toString("hex");
    const child = execa(command, args, {
        cwd: options.cwd,
        env: { ...options.env, [MARK]: mark },
        all: true,
        buffer: false,
        reject: false,
        stdin: "ignore",
    });
    const pids = (): number[] => marked(mark);
    const killAll = (): number => {
        const found = pids();
        found.forEach((pid) => send(pid, "SIGKILL"));
        return found.length;
    };
    let timedOut = false;
    const interrupt = (): void => {
        child.kill("SIGINT");
        setTimeout(() => void killAll(), GRACE_MS).unref();
    };
    const limit = setTimeout(() => {
        timedOut = true;
        interrupt();
    }, options.timeoutSeconds * 1000);
    options.signal?.addEventListener("abort", interrupt, { once: true });

    const run = async (): Promise<RunResult> => {
        const lines: string[] = [];
        // An orphan may hold the pipe open; the program's own end is what counts.
        const reading = (async () => {
            for await (const line of child.iterable({ from: "all" })) {
                lines.push(String(line));
                options.onLine?.(String(line));
            }
        })().catch(() => undefined);
        const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        await Promise.race([exited, reading, child]);
        await Promise.race([reading, sleep(2000)]);
        while (killAll() > 0) {
            await sleep(50);
        }
        await reading;
        const result = await child;
        clearTimeout(limit);
        options.signal?.removeEventListener("abort", interrupt);
        if (result.code === "ENOENT") {
            lines.push(`${command} does not exist`);
        }
        return { exitCode: result.exitCode, timedOut, output: lines.join("\n") };
    };
    return { result: run(), killAll, pids };
}

/** Start a program and wait for its end. */
export const runToEnd = (command: string, args: readonly string[], options: RunOptions): Promise<RunResult> =>
    start(command, args, options).result;
