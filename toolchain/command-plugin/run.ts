/** Runs one command in a process group of its own, so that everything it started can be ended with it. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Output } from "./resource";

/** How long a group that was asked to end may take before it is killed, in milliseconds. */
const GRACE = 3000;
/** How many of the last lines of output an error repeats. */
const LAST_LINES = 20;

export interface Job {
    readonly command: string;
    readonly interpreter: readonly string[];
    /** The whole environment. */
    readonly env: NodeJS.ProcessEnv;
    readonly dir?: string | undefined;
    readonly stdin?: string | undefined;
    /** Called with every finished line while the command runs. */
    readonly onLine?: ((stream: "stdout" | "stderr", line: string) => void) | undefined;
    /** Keep the command's text out of errors, because it holds a secret. */
    readonly secret?: boolean | undefined;
}

/** Commands that are running. A set of process group ids, which are the ids of their leaders. */
export class Jobs {
    readonly #groups = new Set<number>();
    #stopped = false;

    /**
     * Runs a command to its end.
     *
     * @throws Error when it cannot be started, ends with a status other than 0 or by a signal; the message has the status
     *     and the last lines of what it wrote.
     */
    async run(job: Job): Promise<Output> {
        if (this.#stopped) {
            throw new Error("the update was cancelled");
        }
        const [program = "/bin/sh", ...args] = [...job.interpreter, job.command];
        const child = spawn(program, args, {
            cwd: job.dir,
            env: job.env,
            detached: true, // a new process group
            stdio: [job.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        });
        if (child.pid !== undefined) {
            this.#groups.add(child.pid);
        }
        try {
            return await finish(child, job);
        } finally {
            if (child.pid !== undefined) {
                this.#groups.delete(child.pid);
            }
        }
    }

    /** Ends all running commands with everything they started, and refuses new ones. */
    async stop(): Promise<void> {
        this.#stopped = true;
        const groups = [...this.#groups];
        groups.forEach((group) => signal(group, "SIGTERM"));
        for (let waited = 0; groups.some((group) => signal(group, 0)) && waited < GRACE; waited += 50) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        this.kill(groups);
    }

    /** The same at once, for the end of this process. */
    kill(groups: Iterable<number> = this.#groups): void {
        for (const group of groups) {
            signal(group, "SIGKILL");
        }
    }
}

/** Signals a group; false when it is gone. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(-group, name);
    } catch {
        return false;
    }
}

async function finish(child: ChildProcess, job: Job): Promise<Output> {
    const stdout = collect(child.stdout, (line) => job.onLine?.("stdout", line));
    const stderr = collect(child.stderr, (line) => job.onLine?.("stderr", line));
    // A command that does not read its input is no error.
    child.stdin?.on("error", () => undefined).end(job.stdin);
    const shown = job.secret === true ? "a command that holds a secret" : JSON.stringify(job.command);
    const [code, sig] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        child.on("error", (e) =>
            reject(
                new Error(
                    `cannot run ${shown} with ${job.interpreter.join(" ")} in ${job.dir ?? process.cwd()}: ${e.message}`,
                ),
            ),
        );
        child.on("close", (c, s) => resolve([c, s])); // after both streams have ended
    });
    const output = { stdout: trimLast(await stdout), stderr: trimLast(await stderr) };
    if (code === 0) {
        return output;
    }
    const status = code === null ? `signal: ${sig ?? "unknown"}` : `exit status ${code}`;
    const said = output.stderr === "" ? output.stdout : output.stderr;
    throw new Error(`${status}: running ${shown}:\n${said.split("\n").slice(-LAST_LINES).join("\n")}`);
}

/** All that a stream has, and its lines as they come. */
async function collect(stream: Readable | null, onLine: (line: string) => void): Promise<string> {
    if (stream === null) {
        return "";
    }
    let all = "";
    let rest = "";
    stream.setEncoding("utf8");
    for await (const chunk of stream) {
        all += String(chunk);
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(onLine);
    }
    if (rest !== "") {
        onLine(rest);
    }
    return all;
}

const trimLast = (text: string): string => (text.endsWith("\n") ? text.slice(0, -1) : text);
