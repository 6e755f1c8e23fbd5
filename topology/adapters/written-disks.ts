/**
 * The files that a pinned stylesheet makes of a guest's disks. It takes the volumes of one pool and writes that pool's folder
 * before their names; a disk is judged by its volume only where that is surely the same file.
 */
import { diskOf } from "../disk-files";
import { opaque, possible, type Disk, type Fact, type Pool, type WrittenPool } from "../model";
import type { Stored } from "./link";

/** What a stylesheet's disks are compared with. */
export interface Around {
    readonly host: string;
    /** libvirt's name of the domain. */
    readonly domain: Fact<string>;
    readonly written: WrittenPool;
    readonly pools: readonly Pool[];
    /** A volume or seed by its `resource.id`. */
    readonly storedById: (id: string) => Stored | undefined;
}

const valueOf = (fact: Fact<string | undefined>): string | undefined => (fact.kind === "known" ? fact.value : undefined);

/** Folders are compared as they are spelled: the plan has one spelling, and another may be another folder. */
function wrongFolder({ host, written, pools }: Around): string | undefined {
    const [pool, ...others] = pools.filter((p) => p.host === host && valueOf(p.name) === written.name);
    if (pool === undefined || others.length > 0) {
        return `${pool === undefined ? "no pool" : "more than one pool"} of that name is declared on its host`;
    }
    const path = valueOf(pool.path);
    return path === written.path ? undefined : `that pool's folder is ${path ?? "not known"}`;
}

/** Why the stylesheet makes no file of a volume, or perhaps another than the volume's own. */
function wrongVolume({ host, domain, written }: Around, stored: Stored): string | undefined {
    const [name, pool, owner] = [valueOf(stored.name), valueOf(stored.pool), valueOf(domain)];
    const what = `volume ${name ?? stored.resource.name}`;
    if (stored.host !== host || pool !== written.name) {
        return `${what} is in ${pool === undefined ? "a pool that is not known" : `pool ${pool}`}`;
    }
    if (name === undefined || owner === undefined || diskOf(owner, name) === undefined) {
        return `${what} is not named as a disk of ${owner ?? "this guest"} is: NAME-XXXXXXXX.qcow2 or NAME-XXXXXXXX-seed.iso`;
    }
    return stored.id.kind === "known" && stored.id.value !== `${written.path}/${name}` ? `${what} is ${stored.id.value}` : undefined;
}

/** The same disk where its file is its volume's; else one of which nothing can be said, with the reason. */
export function writtenDisk(disk: Disk, around: Around): Disk {
    const candidates = (possible(disk.source) ?? []).flatMap((source) =>
        (source.from === "volume" ? around.storedById(source.volume) ?? [] : []));
    const why = candidates.length === 0 ? undefined
        : wrongFolder(around) ?? candidates.map((stored) => wrongVolume(around, stored)).find((reason) => reason !== undefined);
    const { name, path } = around.written;
    return why === undefined ? disk
        : { ...disk, source: opaque(disk.source.at, `its stylesheet takes volumes of pool ${name} in ${path}, and ${why}`) };
}
