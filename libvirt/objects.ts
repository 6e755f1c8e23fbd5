/** Kinds of objects that libvirt has, and virsh's arguments for them. */
import { own } from "../util/own";

export type Kind = "domain" | "volume" | "network" | "filter" | "pool";

/** An object of libvirt's. Volumes are named `pool/volume`. */
export interface LibvirtObject {
    readonly kind: Kind;
    readonly name: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
    "libvirt:index/domain:Domain": "domain",
    "libvirt:index/network:Network": "network",
    "libvirt:index/pool:Pool": "pool",
    "libvirt:index/volume:Volume": "volume",
    "libvirt:index/cloudinitDisk:CloudinitDisk": "volume",
};

/** The kind of object that a resource of this type token makes. */
export const kindOfType = (type: string): Kind | undefined => own(KINDS, type);

export const poolOf = (volume: LibvirtObject): string => volume.name.split("/")[0] ?? "";
export const fileOf = (volume: LibvirtObject): string => volume.name.slice(poolOf(volume).length + 1);

/** The question that tells whether an object exists. Of a filter no verb tells more than its document. */
export function question(o: LibvirtObject): readonly string[] {
    switch (o.kind) {
        case "domain":
            return ["domstate", o.name];
        case "network":
            return ["net-info", o.name];
        case "filter":
            return ["nwfilter-dumpxml", o.name];
        case "pool":
            return ["pool-info", o.name];
        case "volume":
            return ["vol-info", "--pool", poolOf(o), fileOf(o)];
    }
}

/** One call of a removal. One that may fail stops what may not run. */
export interface Removal {
    readonly args: readonly string[];
    readonly mayFail: boolean;
}

/** What removes an object, one call after the other. */
export function removal(o: LibvirtObject): Removal[] {
    const call = (mayFail: boolean, ...args: string[]): Removal => ({ args, mayFail });
    switch (o.kind) {
        case "domain":
            return [call(true, "destroy", o.name), call(false, "undefine", o.name)];
        case "network":
            return [call(true, "net-destroy", o.name), call(false, "net-undefine", o.name)];
        case "filter":
            return [call(false, "nwfilter-undefine", o.name)];
        case "volume":
            return [call(false, "vol-delete", "--pool", poolOf(o), fileOf(o))];
        case "pool":
            return [
                call(true, "pool-destroy", o.name),
                call(true, "pool-delete", o.name),
                call(false, "pool-undefine", o.name),
            ];
    }
}
