/** Domains as libvirt will have them: provider defaults filled in, pinned stylesheets applied. */
import type { Role } from "../cloud-init/guest";
import type { Fact, Origin } from "./fact";
import type { Resource } from "./resource";
import type { Seed } from "./seed";
import type { Stylesheet } from "./stylesheet";
import type { Node } from "./tree";

/** Where a NIC's other end is, after the provider's own precedence and resolved against the model. */
export type Attachment =
    /** A network of this model; `network` is its `resource.id`. */
    | { readonly to: "network"; readonly network: string }
    /** A network that is not declared here: it may be anything ("default" is a NAT network on most hosts). */
    | { readonly to: "undeclared-network"; readonly name: string }
    /** A bridge of the host's. */
    | { readonly to: "host-bridge"; readonly bridge: string }
    /** macvtap and the like: straight on a NIC of the host's. */
    | { readonly to: "direct"; readonly device: string; readonly mode: string }
    /** QEMU's own NAT (slirp, passt): the Internet without any network object. */
    | { readonly to: "user" }
    /** A device of the host's handed through. */
    | { readonly to: "hostdev" }
    /** Every other kind: ethernet, vdpa, vhostuser, mcast, udp, server, client, internal, vds. */
    | { readonly to: "other"; readonly type: string }
    /** No backend at all (type null): leads nowhere. */
    | { readonly to: "nowhere" };

export interface Nic {
    /** Position in the list. */
    readonly index: number;
    readonly attachment: Fact<Attachment>;
    /**
     * Sources that are also set but lose to the one above; a second reader of the same inputs may take one of
     * these.
     */
    readonly shadowed: readonly Fact<string | undefined>[];
    /** Lower case; absent: libvirt draws one. */
    readonly mac: Fact<string | undefined>;
    readonly model: Fact<string | undefined>;
    /** `<port isolated="yes"/>`: no traffic with other isolated ports of the bridge. */
    readonly isolatedPort: Fact<boolean>;
    /** nwfilter that it references. */
    readonly filter: Fact<string | undefined>;
    /**
     * The `<interface>` as a tree, for everything else: `trustGuestRxFilters`, `rom.enabled`, `portForward`,
     * `vlan` …
     */
    readonly xml: Node;
    readonly at: Origin;
}

export type DiskSource =
    /** A volume or seed of this model; `volume` is its `resource.id`. */
    | { readonly from: "volume"; readonly volume: string }
    /** A volume that is not declared here, by its key or path. */
    | { readonly from: "undeclared-volume"; readonly key: string }
    | { readonly from: "file" | "block-device" | "url"; readonly path: string }
    | { readonly from: "nothing" };

export interface Disk {
    readonly index: number;
    readonly source: Fact<DiskSource>;
    /** disk, cdrom, floppy, lun. */
    readonly device: Fact<string>;
    readonly readOnly: Fact<boolean>;
    readonly shareable: Fact<boolean>;
    /** The `<disk>` as a tree: `driver.type`, `target.bus`, `serial`, `wwn` … */
    readonly xml: Node;
    readonly at: Origin;
}

/** What of a stack a stranger on its host touches, and where its XML says so. */
export interface Touch {
    /** One clause for the reader. */
    readonly what: string;
    readonly at: Origin;
}

export interface Domain {
    readonly resource: Resource;
    readonly host: string;
    readonly name: Fact<string>;
    /**
     * As declared by the component around it or by the caller; undefined: not said. Such a domain counts
     * as a Workstation.
     */
    readonly role: Fact<Role | undefined>;
    /** The enclave that the component around it names. */
    readonly enclave: Fact<string | undefined>;
    /** Whether the component around it says that its data may go; absent: no. */
    readonly allowDataLoss?: true;
    readonly nics: Fact<readonly Nic[]>;
    readonly disks: Fact<readonly Disk[]>;
    /**
     * Every device but NICs and disks, one node each, named as the XML element: `graphics`, `channel`,
     * `serial`, `hostdev` …
     */
    readonly devices: Fact<readonly Node[]>;
    /**
     * The `<domain>` as a tree without its devices: `onCrash`, `memory.dumpCore`, `clock.timer`,
     * `qemuCommandline` …
     */
    readonly xml: Node;
    readonly autostart: Fact<boolean>;
    /** cloud-init seeds that are attached, by whatever way. */
    readonly seeds: Fact<readonly Seed[]>;
    readonly stylesheet: Stylesheet;
    /** Live XML only: whether it runs (paused counts), so that libvirt shows what it has added. */
    readonly running?: boolean;
    /**
     * Live XML only: a stranger's, which the stack does not declare; devices and networks, and files, that
     * are the stack's or may be.
     */
    readonly touches?: { readonly wires: readonly Touch[]; readonly files: readonly Touch[] };
}
