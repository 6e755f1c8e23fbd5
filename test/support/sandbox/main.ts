/**
 * `test/sandboxed COMMAND...`: removes what killed runs left, runs the command in a sandbox of its own, and
 * removes that. `test/sandboxed --dead` only removes what killed runs left; `--clean` also fails while a run is at
 * work.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { constants } from "node:os";
import { removeDead, removeSandbox } from "./remove";
import { living, openSandbox, VARIABLE } from "./sandbox";

/** Exit status of a run, 1 when something of it stays. */
async function run(command: string, args: readonly string[]): Promise<number> {
    const sandbox = openSandbox();
    const child = spawn(command, args, {
        stdio: "inherit",
        env: { ...process.env, TMPDIR: sandbox.folder, [VARIABLE]: sandbox.folder },
    });
    // A terminal tells the child as well; it is waited for, so that it can clean up.
    process.on("SIGINT", () => undefined);
    for (const name of ["SIGTERM", "SIGHUP"] as const) {
        process.on(name, () => child.kill(name));
    }
    const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    const left = await removeSandbox(sandbox);
    left.forEach((one) => console.error(`test/sandboxed: not removed: ${one}`));
    const ended = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return left.length > 0 && ended === 0 ? 1 : ended;
}

async function main([command = "", ...args]: readonly string[]): Promise<number> {
    const left = await removeDead();
    left.forEach((one) => console.error(`test/sandboxed: a run that was killed left ${one}`));
    if (!["", "--dead", "--clean"].includes(command)) {
        return run(command, args);
    }
    const busy = command === "--dead" ? [] : living();
    busy.forEach(({ owner }) =>
        console.error(`a test run is at work (process ${owner.pid}); fix: wait for it, or kill ${owner.pid}`),
    );
    return left.length + busy.length > 0 ? 1 : 0;
}

// The bundle is of this run alone (test/sandboxed).
rmSync(__filename);
// Whatever ends this program early, it has failed.
process.exitCode = 1;
void main(process.argv.slice(2)).then(
    (status) => void (process.exitCode = status),
    (error: unknown) =>
        console.error(`test/sandboxed: ${error instanceof Error ? error.message : String(error)}`),
);
