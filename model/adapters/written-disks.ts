/**
 * The files that a pinned stylesheet makes of a guest's disks. It takes the volumes of one pool, or of two
 * where one outlives its guest, and writes the pool's folder before their names; a disk is judged by its
 * volume only where that is surely the same file.
 */
import { opaque, possible, type Disk, type Fact, type Pool, type WrittenPool } from "..";
import type { Stored } from "./link";

/** What a stylesheet's disks are compared with. */
interface WrittenPlace {
    readonly host: string;
    /** The pool of overlay and seed first. */
    readonly written: readonly WrittenPool[];
    readonly pools: readonly Pool[];
    /** A volume or seed by its `resource.id`. */
    readonly storedById: (id: string) => Stored | undefined;
}

const valueOf = (fact: Fact<string | undefined>): string | undefined =>
    fact.kind === "known" ? fact.value : undefined;

/** Folders are compared as they are spelled: the plan has one spelling, and another may be another folder. */
function wrongFolder({ host, pools }: WrittenPlace, written: WrittenPool): string | undefined {
    const [pool, ...others] = pools.filter((p) => p.host === host && valueOf(p.name) === written.name);
    if (pool === undefined || others.length > 0) {
        return (
            `${pool === undefined ? "no pool" : "more than one pool"} of that name is declared on ` +
            "its host"
        );
    }
    const path = valueOf(pool.path);
    return path === written.path ? undefined : `that pool's folder is ${path ?? "not known"}`;
}

/**
 * Why a volume's own file may be another than the stylesheet writes. One of another pool, or of another name
 * than is allowed, the stylesheet refuses: DD-19 says so.
 */
function wrongFile(written: WrittenPool, { name, pool, id, resource }: Stored): string | undefined {
    const file = `${written.path}/${valueOf(name) ?? ""}`;
    return valueOf(pool) !== written.name || id.kind !== "known" || id.value === file
        ? undefined
        : `volume ${valueOf(name) ?? resource.name} is ${id.value}`;
}

/** The same disk where its file is its volume's; else one of which nothing can be said, with the reason. */
export function writtenDisk(disk: Disk, place: WrittenPlace): Disk {
    const candidates = (possible(disk.source) ?? []).flatMap((source) =>
        source.from === "volume" ? (place.storedById(source.volume) ?? []) : [],
    );
    const wrong = candidates.flatMap((stored) => {
        const written = place.written.find(({ name }) => name === valueOf(stored.pool)) ?? place.written[0];
        const why =
            written === undefined ? undefined : (wrongFolder(place, written) ?? wrongFile(written, stored));
        return written === undefined || why === undefined ? [] : [{ written, why }];
    });
    const [first] = wrong;
    return first === undefined
        ? disk
        : {
              ...disk,
              source: opaque(
                  disk.source.at,
                  `its stylesheet takes volumes of pool ${first.written.name} in ${first.written.path}, and ${first.why}`,
              ),
          };
}
