/** Removing sandboxes with all that their runs made. */
import { closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livingInRegistry } from "../../../lab/process-registry";
import { LabError } from "../../../lab/error";
import { acquireLock } from "../../../lab/lock";
import { deleteNamespace, namespaceExists, NETNS_DIR } from "../../../lab/namespaces";
import { poll } from "../../../lab/pause";
import { stopLab } from "../../../lab/stop";
import { allPids, identify, isAlive, networkNamespaceOf, openInode } from "../../../util/proc";
import type { ProcessId } from "../../../util/proc";
import { checkout, madeIn, sandboxes, takenBy, VARIABLE, type Made, type Sandbox } from "./sandbox";

const LIMIT_MS = 60_000;

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}

/** End processes at once, and wait until they are gone. New ones are looked for until there is none. */
async function end(find: () => ProcessId[]): Promise<void> {
    const seen = new Map<number, ProcessId>();
    await poll(
        () => {
            find().forEach((one) => seen.set(one.pid, one));
            const alive = [...seen.values()].filter((one) => one.pid !== process.pid && isAlive(one));
            alive.forEach(({ pid }) => kill(pid));
            return alive.length === 0 || undefined;
        },
        { every: 20, within: LIMIT_MS, late: () => new Error("a process of a run that has ended lives on") },
    );
}

const those = (belongs: (pid: number) => boolean): ProcessId[] =>
    allPids()
        .filter(belongs)
        .flatMap((pid) => identify(pid) ?? []);

/** Whether a process was started with this sandbox in its environment (proc(5): as it was at its start). */
function startedIn(folder: string, pid: number): boolean {
    try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${VARIABLE}=${folder}`);
    } catch {
        return false; // gone, or another user's
    }
}

async function removeNamespace(name: string): Promise<string[]> {
    // Held: the kernel gives the number of one that is gone to the next that comes.
    const held = openInode(join(NETNS_DIR, name));
    try {
        if (held !== undefined && held.inode !== networkNamespaceOf("self")) {
            await end(() => those((pid) => networkNamespaceOf(pid) === held.inode));
        }
        await deleteNamespace(name);
    } finally {
        if (held !== undefined) {
            closeSync(held.fd);
        }
    }
    return namespaceExists(name) ? [`network namespace ${name}`] : [];
}

const REMOVERS: Readonly<Record<Made["kind"], (what: string) => Promise<readonly string[]>>> = {
    lab: async (dir) => (await stopLab({ dir })).left,
    book: async (file) => {
        await end(() => livingInRegistry(file));
        rmSync(file, { force: true });
        return [];
    },
    namespace: removeNamespace,
    path: async (path) => {
        rmSync(path, { recursive: true, force: true });
        return [];
    },
};

/**
 * Remove what a record names, the last first. What another living run has as well stays.
 * @param folder of the sandbox that has the record
 * @returns what could not be removed
 */
export async function removeMade(entries: readonly Made[], folder: string): Promise<string[]> {
    const left: string[] = [];
    for (const entry of [...entries].reverse()) {
        if (takenBy(entry, folder) !== undefined) {
            continue;
        }
        try {
            left.push(...(await REMOVERS[entry.kind](entry.what)));
        } catch (error) {
            left.push(
                `${entry.kind} ${entry.what} (${error instanceof Error ? error.message : String(error)})`,
            );
        }
    }
    return left;
}

/**
 * Remove a sandbox with what its record names, and end what was started in it.
 * @returns what could not be removed; then the sandbox stays, for the next run to try again
 */
export async function removeSandbox({ folder }: Sandbox): Promise<string[]> {
    await end(() => those((pid) => startedIn(folder, pid)));
    const left = await removeMade(madeIn(folder), folder);
    if (left.length === 0) {
        rmSync(folder, { recursive: true, force: true });
    }
    return left;
}

/** Remove the sandboxes of runs that have ended. One at a time. @returns what could not be removed */
export async function removeDead(base = tmpdir()): Promise<string[]> {
    const dead = (): Sandbox[] => sandboxes(base).filter(({ owner }) => !isAlive(owner));
    if (dead().length === 0) {
        return [];
    }
    const release = await poll(
        () => {
            try {
                return acquireLock(join(base, `sp${checkout()}.lock`), "test run");
            } catch (error) {
                if (error instanceof LabError) {
                    return undefined; // another run is removing them
                }
                throw error;
            }
        },
        { every: 100, within: 10 * LIMIT_MS, late: () => new Error("another run removes for ten minutes") },
    );
    try {
        const left: string[] = [];
        for (const one of dead()) {
            left.push(...(await removeSandbox(one)));
        }
        return left;
    } finally {
        release();
    }
}
