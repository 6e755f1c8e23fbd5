/**
 * Temporary folders that do not outlive a crash for long. A process that is killed (SIGKILL) removes nothing,
 * and a copy of the golden image is big; so the folder's name says whose it is, and the next process that
 * needs one removes those of dead ones.
 */
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, inodeOf, isAlive } from "./proc";
import { CliError } from "./error";

/** Purpose, then pid, start time and PID namespace of its process, then mkdtemp's six characters. */
const NAME = /^sallyport-[a-z-]+\.(\d+)\.(\d+)\.(\d+)\.[A-Za-z0-9]{6}$/;

/** Pids mean something in their namespace alone: containers may share a folder for temporary files. */
const pidNamespace = (): string => String(inodeOf("/proc/self/ns/pid") ?? "");

/**
 * Remove what dead processes of ours left. Of other users' folders, of other PID namespaces, and of what is
 * named otherwise nothing is touched. What can't be looked at or removed stays: a caller that needs a folder is not
 * stopped by that.
 */
export async function sweep(parent: string, user = process.getuid?.()): Promise<void> {
    const ours = pidNamespace();
    const names = await readdir(parent).catch((): string[] => []);
    await Promise.allSettled(
        names.map(async (name) => {
            const [, pid, startTime, namespace] = NAME.exec(name) ?? [];
            if (
                pid === undefined ||
                startTime === undefined ||
                namespace !== ours ||
                isAlive({ pid: Number(pid), startTime })
            ) {
                return;
            }
            const folder = join(parent, name);
            if ((await lstat(folder)).uid === user) {
                await rm(folder, { recursive: true, force: true });
            }
        }),
    );
}

let swept: Promise<void> | undefined;

/**
 * Use a folder of one's own for temporary files, and remove it. The first call of a process removes those of
 * dead ones.
 * @param purpose small letters and hyphens
 * @throws CliError when /proc does not show this process; then it could not be told later whose the folder is
 */
export async function withTemporaryFolder<T>(
    purpose: string,
    use: (folder: string) => Promise<T>,
): Promise<T> {
    const self = identify(process.pid);
    const namespace = pidNamespace();
    if (self === undefined || namespace === "") {
        throw new CliError("/proc does not show this process", "mount /proc");
    }
    await (swept ??= sweep(tmpdir()));
    const folder = await mkdtemp(
        join(tmpdir(), `sallyport-${purpose}.${self.pid}.${self.startTime}.${namespace}.`),
    );
    try {
        return await use(folder);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
