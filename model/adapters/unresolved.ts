/** Domains before their references are looked up in the model. */
import type { Attachment, Disk, DiskSource, Domain, Fact, Nic, Node, Shape, Stylesheet } from "..";

/** A reference by name or id, or an attachment that needs no looking up. */
export type UnresolvedAttachment =
    | { readonly to: "network-name"; readonly name: string }
    | { readonly to: "network-id"; readonly id: string }
    | Exclude<Attachment, { to: "network" | "undeclared-network" }>;

export type UnresolvedSource =
    | { readonly from: "volume-key"; readonly key: string }
    /** By pool and name, as libvirt's XML has it. */
    | { readonly from: "volume-name"; readonly pool: string; readonly name: string }
    | Exclude<DiskSource, { from: "volume" | "undeclared-volume" }>;

export interface UnresolvedNic extends Omit<Nic, "attachment"> {
    readonly attachment: Fact<UnresolvedAttachment>;
    /** Id of a network that stands beside a name: the same network's, or one more source. */
    readonly besideId?: Fact<string | undefined>;
    /** Input whose declared dependencies may tell what an unknown reference can become. */
    readonly fedBy?: string;
}

export interface UnresolvedDisk extends Omit<Disk, "source"> {
    readonly source: Fact<UnresolvedSource>;
    readonly fedBy?: string;
}

/** What an adapter says about a domain. */
export interface UnresolvedDomain extends Pick<Domain, "devices" | "xml" | "autostart"> {
    readonly nics: Fact<readonly UnresolvedNic[]>;
    readonly disks: Fact<readonly UnresolvedDisk[]>;
    /** Provider 0.8's own property for a seed. */
    readonly cloudinit?: Fact<string>;
    readonly shape: Shape;
    readonly stylesheet: Stylesheet;
    readonly tree: Node;
}
