/** Which processes and mounts belong to a lab. */
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { livingInRegistry } from "./process-registry";
import { LabError } from "./error";
import { libvirtMark } from "./libvirt";
import { NETNS_DIR } from "./namespaces";
import type { LabPaths } from "./paths";
import { allPids, networkNamespaceOf, openInode, processStat, seesAt } from "../util/proc";
import type { ProcessId } from "../util/proc";

/** A process of the lab. */
export interface OwnProcess extends ProcessId {
    readonly command: string;
}

/** The lab's network namespaces, held open. */
export interface HeldNamespaces {
    readonly inodes: ReadonlySet<bigint>;
    /** Lets go of them. Their inodes mean nothing from then on. */
    readonly release: () => void;
}

/**
 * The lab's network namespaces: those with its names, and those its recorded processes are in. They are held,
 * since the kernel gives the inode of one that is gone to the next that comes, and a stranger's processes
 * would be taken for ours.
 */
export function holdNamespaces(paths: LabPaths): HeldNamespaces {
    const held = new Map<bigint, number>();
    const release = (): void => held.forEach((fd) => closeSync(fd));
    const foreign = [networkNamespaceOf("self"), networkNamespaceOf(1)];
    /** @returns its inode, when it is there */
    const hold = (path: string, strangers: readonly (bigint | undefined)[]): bigint | undefined => {
        const file = openInode(path);
        if (file !== undefined && !held.has(file.inode) && !strangers.includes(file.inode)) {
            held.set(file.inode, file.fd);
        } else if (file !== undefined) {
            closeSync(file.fd);
        }
        return file?.inode;
    };
    for (const name of [paths.names.host, paths.names.internet]) {
        if (hold(join(NETNS_DIR, name), []) === foreign[0] && foreign[0] !== undefined) {
            release();
            throw new LabError(
                "this command runs inside the lab's own network namespace and would end itself",
                "run it from outside (leave `ip netns exec`)",
            );
        }
    }
    // A process that was ended on its way into the namespace is still in ours.
    livingInRegistry(paths.state).forEach(({ pid }) => hold(`/proc/${pid}/ns/net`, foreign));
    return { inodes: new Set(held.keys()), release };
}

/**
 * Every living process of the lab: what is in one of its network namespaces, sees its libvirt folder as
 * /var/lib/libvirt (also when the namespaces lost their names), or was recorded. That holds QEMU and dnsmasq,
 * which libvirtd starts, and programs that a person runs inside for a test.
 * @param namespaces inodes of the lab's namespaces, held
 */
export function ownProcesses(paths: LabPaths, namespaces: ReadonlySet<bigint>): OwnProcess[] {
    const recorded = new Set(livingInRegistry(paths.state).map((process) => process.pid));
    return allPids().flatMap((pid) => {
        const namespace = networkNamespaceOf(pid);
        const own =
            recorded.has(pid) ||
            (namespace !== undefined && namespaces.has(namespace)) ||
            seesAt(pid, "/var/lib/libvirt", libvirtMark(paths));
        const stat = own && pid !== process.pid ? processStat(pid) : undefined;
        return stat === undefined ? [] : [{ pid, startTime: stat.startTime, command: stat.command }];
    });
}

/**
 * Mount points in the text of /proc/self/mountinfo; spaces and the like are written in octal there (proc(5)).
 */
export function mountPoints(mountinfo: string): string[] {
    return mountinfo
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
            const point = line.split(" ")[4];
            if (point === undefined) {
                throw new Error(`line of an unknown form in mountinfo: ${JSON.stringify(line)}`);
            }
            return point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
                String.fromCharCode(Number.parseInt(octal, 8)),
            );
        });
}

/** Mounts below the lab's folders, deepest first. */
export function ownMounts(paths: LabPaths): string[] {
    return mountPoints(readFileSync("/proc/self/mountinfo", "latin1"))
        .map((point) => Buffer.from(point, "latin1").toString("utf8"))
        .filter(
            (point) =>
                point.startsWith(`${paths.dir}/`) ||
                point.startsWith(`${paths.sockets}/`) ||
                point === paths.sockets,
        )
        .sort((a, b) => b.length - a.length);
}
