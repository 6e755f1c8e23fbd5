/** Networks as libvirt will have them: provider defaults filled in, pinned stylesheets applied. */
import type { Touch } from "./domain";
import type { Fact } from "./fact";
import type { Resource } from "./resource";
import type { Stylesheet } from "./stylesheet";
import type { Node } from "./tree";

/**
 * libvirt's forward modes; "isolated" is the absence of one. Provider 0.8: no mode means nat; 0.9 and XML:
 * isolated.
 */
export type ForwardMode =
    "isolated" | "nat" | "route" | "open" | "bridge" | "private" | "vepa" | "passthrough" | "hostdev";

/** An address that the host takes on the network's bridge. */
export interface HostAddress {
    readonly family: "ipv4" | "ipv6";
    /** `10.0.0.1/24`; the host's own address where the source says it, else the subnet. */
    readonly cidr: string;
}

export interface Network {
    readonly resource: Resource;
    readonly host: string;
    readonly name: Fact<string>;
    /** UUID, as NICs may refer to it; unknown before it exists. */
    readonly id: Fact<string>;
    /** Absent: libvirt picks the next virbrN. */
    readonly bridge: Fact<string | undefined>;
    readonly forward: Fact<ForwardMode>;
    readonly addresses: Fact<readonly HostAddress[]>;
    /** Whether the host answers DHCP on it. */
    readonly dhcp: Fact<boolean>;
    /** Whether the host runs a resolver on it. Only where the host has an address. */
    readonly dns: Fact<boolean>;
    readonly autostart: Fact<boolean>;
    readonly stylesheet: Stylesheet;
    /**
     * The `<network>` as a tree, for everything else: `bridge.stp`, `route`, `dns.forwarder`, `ipv6`,
     * `portgroup`, `bandwidth` …
     */
    readonly xml: Node;
    /**
     * Live XML only: a stranger's, which the stack does not declare; bridges and devices of it that are the
     * stack's.
     */
    readonly touches?: readonly Touch[];
}
