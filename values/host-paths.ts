/**
 * Paths of a lab host, as far as their spelling tells: links and mounts are the host's and cannot be seen
 * from its XML.
 */
import { posix } from "node:path";

/** One spelling of an absolute path: no `.`, no `..`, no empty part, no slash at the end. */
export const plainPath = (path: string): string => {
    const plain = posix.normalize(path).replace(/^\/+/, "/");
    return plain.length > 1 ? plain.replace(/\/$/, "") : plain;
};

const within = (folder: string, path: string): boolean =>
    path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);

/** Whether one path is the other, or a folder that the other is in. Both plain. */
export const overlap = (one: string, other: string): boolean => within(one, other) || within(other, one);

/** Whether a path is a folder's or in it. Both plain. */
export const isWithin = within;

/** Ways to a file that are not its path: any file of the host may be behind them. */
export const isDetour = (path: string): boolean =>
    /^\/(proc(\/|$)|dev\/(fd(\/|$)|loop|nbd|disk\/by-loop))/.test(plainPath(path));
