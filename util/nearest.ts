/** The name that may have been meant. */
import { distance } from "fastest-levenshtein";

/** Letters that differ; those left out at the end count half. */
const difference = (name: string, candidate: string): number =>
    distance(name, candidate) / (name.length >= 3 && candidate.startsWith(name) ? 2 : 1);

/** The nearest of them, if it is near: at most half of its characters differ. */
export function nearest(name: string, names: readonly string[]): string | undefined {
    const [best] = names
        .map((candidate) => ({ candidate, off: difference(name.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.off - b.off);
    return best !== undefined && best.off * 2 <= best.candidate.length ? best.candidate : undefined;
}

/** The same as the end of a message. */
export const nearestIs = (near: string | undefined): string =>
    near === undefined ? "" : `; the nearest is ${near}`;
