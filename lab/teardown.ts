/** Taking a lab away, in whatever state it is: whole, half-started, or with pieces killed. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { NETNS_DIR, deleteNamespace, namespaceExists, releaseNetnsMount } from "./namespaces";
import { holdNamespaces, ownMounts, ownProcesses } from "./own";
import type { OwnProcess } from "./own";
import { ownFiles } from "./paths";
import type { LabPaths } from "./paths";
import { pause } from "./pause";
import { isAlive } from "../util/proc";
import type { Progress } from "./progress";
import { run } from "./run";

const GRACE_MS = 4000;
const KILL_MS = 10_000;
const LOOK_MS = 50;

function signal(process_: OwnProcess, name: NodeJS.Signals): void {
    try {
        if (isAlive(process_)) {
            process.kill(process_.pid, name);
        }
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
            throw error;
        }
    }
}

/**
 * TERM, wait, KILL. It asks anew who is there each time, because libvirtd may start one more while it is told
 * to end, and keeps an eye on everyone it saw, because an ending process leaves its namespaces some time
 * before it is gone.
 */
async function endProcesses(
    paths: LabPaths,
    namespaces: ReadonlySet<bigint>,
    progress: Progress,
): Promise<OwnProcess[]> {
    const first = ownProcesses(paths, namespaces);
    const seen = new Map<string, OwnProcess>();
    const look = (found: readonly OwnProcess[]): OwnProcess[] => {
        found.forEach((one) => seen.set(`${one.pid} ${one.startTime}`, one));
        return [...seen.values()].filter(isAlive);
    };
    if (first.length > 0) {
        progress(`ending ${first.length} processes`);
    }
    first.forEach((one) => signal(one, "SIGTERM"));
    const begin = performance.now();
    for (let living = look(first); ; living = look(ownProcesses(paths, namespaces))) {
        const elapsed = performance.now() - begin;
        if (living.length === 0 || elapsed > GRACE_MS + KILL_MS) {
            return living;
        }
        if (elapsed > GRACE_MS) {
            living.forEach((one) => signal(one, "SIGKILL"));
        }
        await pause(LOOK_MS);
    }
}

function leftovers(paths: LabPaths, processes: readonly OwnProcess[]): string[] {
    const links = readdirSync("/sys/class/net").filter((name) => name.startsWith(`sp${paths.id}-`));
    return [
        ...processes.map((one) => `process ${one.pid} (${one.command})`),
        ...[paths.names.host, paths.names.internet]
            .filter(namespaceExists)
            .map((name) => `network namespace ${NETNS_DIR}/${name}`),
        ...links.map((name) => `network link ${name}`),
        ...ownMounts(paths).map((point) => `mount ${point}`),
        ...ownFiles(paths)
            .filter((file) => existsSync(file))
            .map((file) => `file ${file}`),
    ];
}

/**
 * Remove processes, links, namespaces, mounts and files of a lab. The cache stays, and what others put into
 * the state folder.
 * @returns what could not be removed; empty when nothing is left
 */
export async function teardown(paths: LabPaths, progress: Progress): Promise<string[]> {
    const { inodes, release } = holdNamespaces(paths);
    try {
        return await takeDown(paths, inodes, progress);
    } finally {
        release();
    }
}

async function takeDown(
    paths: LabPaths,
    namespaces: ReadonlySet<bigint>,
    progress: Progress,
): Promise<string[]> {
    const stubborn = await endProcesses(paths, namespaces, progress);
    progress("removing links, namespaces and files");
    for (const name of [paths.names.host, paths.names.internet]) {
        await deleteNamespace(name);
    }
    await releaseNetnsMount();
    for (const point of ownMounts(paths)) {
        await run("umount", [point], { reject: false });
    }
    // Deleting through a mount or under a living process would destroy what is not ours or leave half of it.
    if (stubborn.length === 0 && ownMounts(paths).length === 0) {
        for (const file of ownFiles(paths)) {
            rmSync(file, { recursive: true, force: true });
        }
    }
    return leftovers(paths, ownProcesses(paths, namespaces));
}
