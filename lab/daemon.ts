/** Starting a process that outlives this one, inside a namespace of the lab, with its output in a log. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { ProcessRegistry } from "./process-registry";
import { LabError } from "./error";
import { tail } from "./files";
import { ENVIRONMENT, namespaceCommand } from "./run";

/** A started process. */
export interface Daemon {
    readonly pid: number;
    /** Rejects when the process ends; never resolves. Race it against what you wait for. */
    readonly ended: Promise<never>;
}

/**
 * Start a process in the background. Not by execa, which would pass the output through this process.
 * @param what name for the record and for messages, e.g. "tor exit1"
 * @param log file that gets its standard output and error output
 */
export function startDaemon(
    registry: ProcessRegistry,
    what: string,
    namespace: string,
    command: string,
    args: readonly string[],
    log: string,
): Daemon {
    const output = openSync(log, "a");
    const child = spawn(...namespaceCommand(namespace, command, args), {
        cwd: "/",
        detached: true,
        env: ENVIRONMENT,
        stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    const ended = new Promise<never>((_, reject) => {
        child.on("error", (error) =>
            reject(new LabError(`${what} could not be started: ${error.message}`, `see ${log}`)),
        );
        child.on("exit", (code, signal) =>
            reject(
                new LabError(
                    `${what} ended by itself (${signal ?? `code ${code ?? "?"}`}): ${tail(log) || "it said nothing"}`,
                    "correct what the message names, then run bin/sallyport lab start",
                ),
            ),
        );
    });
    ended.catch(() => undefined); // once start is over, no caller waits for it
    if (child.pid === undefined) {
        throw new LabError(`${what} could not be started`, `see ${log}`);
    }
    registry.add(what, child.pid);
    return { pid: child.pid, ended };
}
