/** Domains before their references are looked up in the model. */
import type { Attachment, Disk, DiskSource, Domain, Fact, Nic, Node, Shape, Stylesheet } from "..";

/** A reference by name or id, or an attachment that needs no looking up. */
export type LooseAttachment =
    | { readonly to: "network-name"; readonly name: string }
    | { readonly to: "network-id"; readonly id: string }
    | Exclude<Attachment, { to: "network" | "undeclared-network" }>;

export type LooseSource =
    | { readonly from: "volume-key"; readonly key: string }
    /** By pool and name, as libvirt's XML has it. */
    | { readonly from: "volume-name"; readonly pool: string; readonly name: string }
    | Exclude<DiskSource, { from: "volume" | "undeclared-volume" }>;

export interface LooseNic extends Omit<Nic, "attachment"> {
    readonly attachment: Fact<LooseAttachment>;
    /** Id of a network that stands beside a name: the same network's, or one more source. */
    readonly besideId?: Fact<string | undefined>;
    /** Input whose declared dependencies may tell what an unknown reference can become. */
    readonly fedBy?: string;
}

export interface LooseDisk extends Omit<Disk, "source"> {
    readonly source: Fact<LooseSource>;
    readonly fedBy?: string;
}

/** What an adapter says about a domain. */
export interface LooseDomain extends Pick<Domain, "devices" | "xml" | "autostart"> {
    readonly nics: Fact<readonly LooseNic[]>;
    readonly disks: Fact<readonly LooseDisk[]>;
    /** Provider 0.8's own property for a seed. */
    readonly cloudinit?: Fact<string>;
    readonly shape: Shape;
    readonly stylesheet: Stylesheet;
    readonly tree: Node;
}
