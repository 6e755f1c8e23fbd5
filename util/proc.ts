/** What /proc says about processes (proc(5)). Nothing here signals anybody. */
import { fstatSync, openSync, readFileSync, readdirSync, statSync } from "node:fs";

/** A process, told apart from a later one with the same pid by its start time. */
export interface ProcessId {
    readonly pid: number;
    /** Field 22 of /proc/PID/stat: clock ticks since boot. */
    readonly startTime: string;
}

/** The fields of /proc/PID/stat that we use. */
export interface ProcessStat {
    readonly command: string;
    readonly state: string;
    readonly parent: number;
    readonly startTime: string;
}

/** Parse /proc/PID/stat; the command may hold spaces and parentheses. @throws Error on another format */
export function parseStat(text: string): ProcessStat {
    const open = text.indexOf("(");
    const close = text.lastIndexOf(")");
    const fields = text
        .slice(close + 2)
        .trim()
        .split(" ");
    const [state, parent] = fields;
    const startTime = fields[19];
    if (
        open < 0 ||
        close < open ||
        state === undefined ||
        parent === undefined ||
        !/^\d+$/.test(startTime ?? "")
    ) {
        throw new Error(`not the format of /proc/PID/stat: ${JSON.stringify(text)}`);
    }
    return {
        command: text.slice(open + 1, close),
        state,
        parent: Number(parent),
        startTime: startTime as string,
    };
}

function attempt<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch {
        return undefined; // the process ended while we looked
    }
}

/** A living process's stat; undefined when it is gone or a zombie (it holds nothing any more). */
export function processStat(pid: number): ProcessStat | undefined {
    const stat = attempt(() => parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")));
    return stat === undefined || stat.state === "Z" || stat.state === "X" ? undefined : stat;
}

/** Identify a living process. */
export function identify(pid: number): ProcessId | undefined {
    const stat = processStat(pid);
    return stat && { pid, startTime: stat.startTime };
}

/** Whether exactly this process still lives. */
export function isAlive(process: ProcessId): boolean {
    return processStat(process.pid)?.startTime === process.startTime;
}

/** All process ids. */
export function allPids(): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}

/** Inode of a file, or of the namespace that a /proc link stands for. */
export function inodeOf(path: string): bigint | undefined {
    return attempt(() => statSync(path, { bigint: true }).ino);
}

/** Open a file, and say which it is. The caller closes it. @returns undefined when it is not there */
export function openInode(path: string): { readonly fd: number; readonly inode: bigint } | undefined {
    const fd = attempt(() => openSync(path, "r"));
    return fd === undefined ? undefined : { fd, inode: fstatSync(fd, { bigint: true }).ino };
}

/** Inode of a process's network namespace. */
export function networkNamespaceOf(pid: number | "self"): bigint | undefined {
    return inodeOf(`/proc/${pid}/ns/net`);
}

/** Whether a process sees `directory` (of our view) at `path` (of its view): same device and inode. */
export function seesAt(pid: number, path: string, directory: string): boolean {
    const theirs = attempt(() => statSync(`/proc/${pid}/root${path}`, { bigint: true }));
    const ours = attempt(() => statSync(directory, { bigint: true }));
    return theirs !== undefined && ours !== undefined && theirs.dev === ours.dev && theirs.ino === ours.ino;
}

/** Arguments of a process. */
export function commandLine(pid: number): string[] {
    return (
        attempt(() =>
            readFileSync(`/proc/${pid}/cmdline`, "utf8")
                .split("\0")
                .filter((part) => part !== ""),
        ) ?? []
    );
}

/** Proportional set size in KiB: shared pages are counted once over all who share them. */
export function memoryKiB(pid: number): number {
    const rollup = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup ?? "")?.[1] ?? 0);
}

/** Random id of this boot: pids recorded before a reboot mean nothing after it. */
export function bootId(): string {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
