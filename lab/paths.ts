/**
 * Where a lab keeps its things and how they are called. Everything derives from the real path of the state
 * folder, so that several checkouts run labs side by side and `stop` finds its own even when the state folder
 * was deleted.
 */
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { projectRoot } from "../util/root";
import { LabError } from "./error";

/** Names in the kernel that belong to one lab. Interface names are at most 15 characters (IFNAMSIZ - 1). */
export interface LabNames {
    readonly host: string;
    readonly internet: string;
    readonly uplink: string;
    readonly isp: string;
}

/** Absolute paths of one lab. */
export interface LabPaths {
    readonly dir: string;
    /** Six hexadecimal digits. */
    readonly id: string;
    readonly names: LabNames;
    readonly lock: string;
    readonly info: string;
    readonly state: string;
    /**
     * Kept by stop, for the next start: authority keys, libvirt's QEMU capabilities. `demo --down` removes
     * it.
     */
    readonly cache: string;
    readonly libvirt: string;
    /** libvirt's sockets; under /run when the state folder is too deep for a Unix socket's address. */
    readonly sockets: string;
    readonly pools: string;
    readonly tor: string;
    readonly services: string;
    readonly webLog: string;
    readonly logs: string;
}

/** sun_path holds 108 bytes with the final zero (unix(7)). */
const SOCKET_PATH_MAX = 107;
const LONGEST_SOCKET = "virtlogd-admin-sock";

/** The lab replaces these in libvirtd's mount namespace, so nothing that libvirtd must see can live there. */
const HIDDEN = ["/run", "/var/run", "/dev", "/proc", "/sys"];

/** First six hexadecimal digits of the SHA-256 of the state folder's real path. */
export function labId(realDir: string): string {
    return createHash("sha256").update(realDir).digest("hex").slice(0, 6);
}

/** Kernel names for a lab's id. */
export function labNames(id: string): LabNames {
    return { host: `sp${id}-host`, internet: `sp${id}-net`, uplink: `sp${id}-wan`, isp: `sp${id}-isp` };
}

/** Folder for sockets when the state folder is too deep. */
export function shortSocketDir(id: string): string {
    return `/run/sallyport-${id}`;
}

/**
 * All paths for a state folder.
 * @param realDir absolute path without symbolic links
 * @throws LabError when the lab cannot work there
 */
export function labPaths(realDir: string): LabPaths {
    const hidden = HIDDEN.find((parent) => realDir === parent || realDir.startsWith(`${parent}/`));
    if (hidden !== undefined) {
        throw new LabError(
            `the lab's state folder ${realDir} lies under ${hidden}, which the lab's libvirtd cannot see`,
            "set SALLYPORT_LAB_DIR to a folder elsewhere",
        );
    }
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x1f\x7f]/.test(realDir)) {
        throw new LabError(
            `the lab's state folder ${JSON.stringify(realDir)} has a control character in its path`,
            "set SALLYPORT_LAB_DIR to a folder with a plain name",
        );
    }
    const id = labId(realDir);
    const sockets = join(realDir, "libvirt", "run");
    const fits = Buffer.byteLength(join(sockets, LONGEST_SOCKET)) <= SOCKET_PATH_MAX;
    return Object.freeze({
        dir: realDir,
        id,
        names: labNames(id),
        lock: join(realDir, "lock"),
        info: join(realDir, "lab.json"),
        state: join(realDir, "state.json"),
        cache: join(realDir, "cache"),
        libvirt: join(realDir, "libvirt"),
        sockets: fits ? sockets : shortSocketDir(id),
        pools: join(realDir, "pools"),
        tor: join(realDir, "tor"),
        services: join(realDir, "services"),
        webLog: join(realDir, "web.jsonl"),
        logs: join(realDir, "logs"),
    });
}

/** What stop deletes. The cache, and reports that others wrote beside it, stay. */
export function ownFiles(paths: LabPaths): readonly string[] {
    return [
        paths.info,
        paths.state,
        paths.libvirt,
        paths.pools,
        paths.tor,
        paths.services,
        paths.webLog,
        paths.logs,
        shortSocketDir(paths.id),
    ];
}

/** Real path of something that may not exist yet. */
function realPathOf(path: string): string {
    return existsSync(path) || dirname(path) === path
        ? realpathSync(path)
        : join(realPathOf(dirname(path)), basename(path));
}

/**
 * The paths of the lab that a caller means.
 * @param dir state folder; default the environment's SALLYPORT_LAB_DIR, then `.lab` in the project's root
 */
export function resolveLab(dir: string | undefined = process.env["SALLYPORT_LAB_DIR"]): LabPaths {
    return labPaths(realPathOf(resolve(dir === undefined || dir === "" ? join(projectRoot(), ".lab") : dir)));
}

/** libvirt connection URI for a private socket (libvirt.org/uri.html, parameter `socket`). */
export function libvirtUri(sockets: string): string {
    const path = join(sockets, "libvirt-sock").split("/").map(encodeURIComponent).join("/");
    return `qemu:///system?socket=${path}`;
}
