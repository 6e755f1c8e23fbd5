/**
 * A lock file that names its holder: only one start or stop of a lab at a time, and a crash does not block
 * the next.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { LabError } from "./error";
import { bootId, identify, isAlive } from "../util/proc";
import type { ProcessId } from "../util/proc";

interface Holder extends ProcessId {
    readonly purpose: string;
    readonly bootId: string;
}

function read(file: string): Holder | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as Holder;
    } catch {
        return undefined; // gone, or emptied by a crash of the machine
    }
}

const holds = (holder: Holder | undefined): holder is Holder =>
    holder !== undefined && holder.bootId === bootId() && isAlive(holder);

function refuse(file: string, holder: Holder): never {
    throw new LabError(
        `another \`lab ${holder.purpose}\` is at work here (process ${holder.pid}, lock ${file})`,
        `wait for it, or end it with \`kill ${holder.pid}\` and try again`,
    );
}

/**
 * Move a dead holder's lock away. The process that renames it first may delete it; a lock taken meanwhile is put back.
 */
function breakStale(file: string): void {
    const aside = `${file}.${process.pid}.stale`;
    try {
        renameSync(file, aside);
    } catch {
        return; // another process was faster
    }
    const holder = read(aside);
    if (holds(holder)) {
        linkSync(aside, file);
        rmSync(aside);
        refuse(file, holder);
    }
    rmSync(aside);
}

/**
 * Take the lock.
 * @param purpose the verb, for the message that others get
 * @returns a function that gives it back
 * @throws LabError when a living process holds it
 */
export function acquireLock(file: string, purpose: string): () => void {
    const self = identify(process.pid);
    if (self === undefined) {
        throw new LabError("/proc does not show this process", "mount /proc");
    }
    const mine = `${file}.${process.pid}.tmp`;
    writeFileSync(mine, JSON.stringify({ ...self, purpose, bootId: bootId() } satisfies Holder));
    try {
        for (let attempt = 0; attempt < 10; attempt++) {
            try {
                linkSync(mine, file); // atomic, with its contents
                return () => rmSync(file, { force: true });
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
                    throw error;
                }
            }
            const holder = read(file);
            if (holds(holder)) {
                refuse(file, holder);
            }
            breakStale(file);
        }
        throw new LabError(`could not take the lock ${file}`, `delete ${file} if no \`lab\` command runs`);
    } finally {
        rmSync(mine, { force: true });
    }
}
