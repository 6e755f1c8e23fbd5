/**
 * Paths of a lab host, as far as their spelling tells (links and mounts are the host's and cannot be seen from
 * its XML), and folders of pools: none that belongs to the system.
 */
import { posix } from "node:path";
import { isPlainFolder } from "./disk-files";

/** One spelling of an absolute path: no `.`, no `..`, no empty part, no slash at the end. */
export const plainPath = (path: string): string => {
    const plain = posix.normalize(path).replace(/^\/+/, "/");
    return plain.length > 1 ? plain.replace(/\/$/, "") : plain;
};

/** Whether a path is a folder's or in it. Both plain. */
export const isWithin = (folder: string, path: string): boolean =>
    path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);

/** Whether one path is the other, or a folder that the other is in. Both plain. */
export const overlap = (one: string, other: string): boolean => isWithin(one, other) || isWithin(other, one);

/** Ways to a file that are not its path: any file of the host may be behind them. */
export const isDetour = (path: string): boolean =>
    /^\/(proc(\/|$)|dev\/(fd(\/|$)|loop|nbd|disk\/by-loop))/.test(plainPath(path));

/** Of the system (hier(7)), or gone with a restart: nothing of guests lies there. */
const SYSTEM = [
    "bin",
    "boot",
    "dev",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "lost+found",
    "proc",
    "run",
    "sbin",
    "sys",
    "tmp",
    "usr",
].map((name) => `/${name}`);
/** Below /var, /var/lib is for data (and /var/cache, /var/tmp … are for what may go at any time). */
const DATA_OF_VAR = "/var/lib";

/** What a folder for pools looks like, for messages. */
export const FOLDER_FORM = `an absolute path out of A-Z a-z 0-9 . _ - and /, without //, . and .., outside ${SYSTEM.join(" ")} and of /var below ${DATA_OF_VAR}`;

/** Whether the one folder is the other or lies below it. */
export const isInside = (path: string, folder: string): boolean =>
    isWithin(plainPath(folder), plainPath(path));

/** Whether pools may lie in this folder: `storage.path` of the configuration. */
export const isPoolRoot = (path: string): boolean =>
    isPlainFolder(path) &&
    !SYSTEM.some((folder) => isInside(path, folder)) &&
    (!isInside(path, "/var") || isInside(path, DATA_OF_VAR));

/** What a pool's own folder is, for messages. */
export const POOL_FORM = `a folder of its own that is called like the pool; around it ${FOLDER_FORM}`;

/** Whether this is a folder of a pool's own: no other files are in one that is called like the pool. */
export const isPoolFolder = (path: string, pool: string): boolean =>
    posix.basename(path) === pool && isPoolRoot(posix.dirname(path)) && isPlainFolder(path);
