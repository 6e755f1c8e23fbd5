/** Which seeds a domain has, by its disks and its `cloudinit` property. */
import { holds, known, unknown, type DiskSource, type Domain, type Fact, type Seed, type Volume } from "..";
import type { Lookup } from "./link";

/** Seeds that a domain's disks and its `cloudinit` property attach. */
export function attachedSeeds(
    disks: Domain["disks"],
    cloudinit: Fact<string> | undefined,
    cloudinitFeeds: readonly string[],
    lookup: Lookup,
    volumes: ReadonlyMap<string, Volume>,
): Fact<readonly Seed[]> {
    if (disks.kind !== "known") {
        return disks.kind === "opaque" ? disks : unknown(disks.at, disks.why);
    }
    const sure: Seed[] = [];
    const maybe = new Set<Seed>();
    let blind: Fact<unknown> | undefined;
    const seedOf = (source: DiskSource): Seed | undefined =>
        source.from === "volume" ? lookup.seedOf(source.volume, volumes) : undefined;
    for (const { source } of disks.value) {
        const candidates = source.kind === "unknown" ? source.candidates : undefined;
        if (source.kind === "known") {
            sure.push(...[seedOf(source.value)].filter((s) => s !== undefined));
        } else if (candidates === undefined) {
            blind = source;
        } else {
            candidates
                .map(seedOf)
                .filter((s) => s !== undefined)
                .forEach((s) => maybe.add(s));
        }
    }
    if (cloudinit !== undefined) {
        const named =
            cloudinit.kind === "known"
                ? lookup.seeds.filter(
                      (s) => holds(s.id, (id) => id === (cloudinit.value.split(";")[0] ?? "")) === "yes",
                  )
                : lookup.seeds.filter((s) => cloudinitFeeds.includes(s.resource.id));
        named.forEach((s) => (cloudinit.kind === "known" ? sure.push(s) : maybe.add(s)));
        blind = named.length === 0 ? cloudinit : blind;
    }
    sure.forEach((s) => maybe.delete(s));
    if (blind !== undefined) {
        return { kind: "unknown", why: "a disk or seed of it is not known", at: blind.at };
    }
    if (maybe.size === 0) {
        return known(sure, disks.at);
    }
    const why = "known only after the update";
    // Two possible seeds may be one, the other, or both: that many guesses decide nothing.
    return maybe.size === 1
        ? unknown(disks.at, why, [[...sure, ...maybe]])
        : { kind: "unknown", why, at: disks.at };
}
