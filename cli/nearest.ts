/** The name that somebody may have meant. */
import { distance } from "fastest-levenshtein";

/** The nearest of them, if it is near: at most half of its characters differ. */
export function nearest(name: string, names: readonly string[]): string | undefined {
    const [best] = names
        .map((candidate) => ({ candidate, off: distance(name.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.off - b.off);
    return best !== undefined && best.off * 2 <= best.candidate.length ? best.candidate : undefined;
}
