/** What a guest costs its host in memory. */
import { mustVirsh } from "../../libvirt/client";

export interface DomainMemory {
    readonly domain: string;
    /** RAM that the guest was given, in MiB. */
    readonly guestMiB: number;
    /** Resident memory of its QEMU process, in MiB. */
    readonly residentMiB: number;
}

/** Numbers of `virsh dommemstat` (KiB) by name. Pure. */
export function parseMemory(text: string): ReadonlyMap<string, number> {
    return new Map(
        text
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .filter((words) => words.length === 2 && /^\d+$/.test(words[1] ?? ""))
            .map((words) => [words[0] ?? "", Number(words[1])]),
    );
}

/**
 * A domain's own memory in KiB by `virsh dominfo`: without a balloon `dommemstat` tells only what QEMU takes.
 * Pure.
 */
export const guestMemory = (text: string): number | undefined => {
    const kib = /^Max memory:\s+(\d+) KiB$/m.exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib);
};

/** Memory of a running domain. @throws Error when libvirt does not tell */
export async function memoryOf(uri: string, domain: string): Promise<DomainMemory> {
    const guest = guestMemory(await mustVirsh(uri, ["dominfo", domain]));
    const rss = parseMemory(await mustVirsh(uri, ["dommemstat", domain])).get("rss");
    if (guest === undefined || rss === undefined) {
        throw new Error(`libvirt does not tell the memory of ${domain}`);
    }
    return { domain, guestMiB: Math.round(guest / 1024), residentMiB: Math.round(rss / 1024) };
}
