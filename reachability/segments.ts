/** Segments and what the host does with them: which of its parts hear what is sent there. */
import {
    describeFact,
    possible,
    type Fact,
    type ForwardMode,
    type HostAddress,
    type Model,
    type Network,
    type Origin,
} from "../model";
import type { GraphBuilder } from "./graph";
import { ALL, IPV4, IPV6, type ClassSet } from "./packet";

/** What a sender reaches: ports that are isolated hear nothing of one another. */
export interface Segment {
    /** Where frames of ordinary ports go. */
    readonly open: number;
    /**
     * Where frames of isolated ports go: ordinary ports and the host's own stack, not other isolated ports.
     */
    readonly isolated: number;
    /** Where frames of isolated ports go that the Gateway's filter lets through: ordinary ports. */
    readonly filtered: number;
}

/** Reason of the edges between a segment's nodes: no hop that anyone needs to read about. */
export const WITHIN = "a port with fewer limits reaches whatever one with more reaches";

/**
 * Linux answers ARP for all of its addresses on every interface, and takes packets for them from each
 * (ip-sysctl: arp_ignore, rp_filter). Whether a host does is not declared, so it is not known that it does
 * not.
 */
function weakHost(graph: GraphBuilder, network: Network, from: number): void {
    graph.edge(from, graph.sinks(network.host).host, IPV4, {
        sure: false,
        at: { resource: network.resource.id, path: "" },
        because: () =>
            `a bridge without an address is no wall: Linux answers for its other addresses on ${network.resource.name}, too`,
        fix: "give every Workstation's NIC this project's filter (<filterref>, defined by `bin/sallyport define-filter`)",
    });
}

export function segment(graph: GraphBuilder, id: string, label: string): Segment {
    const filtered = graph.node("segment", `${id} filtered ports`, `${label} (filtered ports)`);
    const isolated = graph.node("segment", `${id} isolated ports`, `${label} (isolated ports)`);
    const open = graph.node("segment", id, label);
    const at = { resource: id, path: "" };
    graph.edge(open, isolated, ALL, { sure: true, at, because: WITHIN, fix: "isolate the port" });
    graph.edge(isolated, filtered, ALL, {
        sure: true,
        at,
        because: WITHIN,
        fix: "give the NIC this project's filter",
    });
    return { open, isolated, filtered };
}

/** A bridge of the host's that no network here is known to be: a physical NIC may be on it. */
export function hostBridge(graph: GraphBuilder, host: string, bridge: string, at: Origin): Segment {
    const made = segment(graph, `${host} bridge ${bridge}`, `bridge ${bridge}`);
    graph.uplink(made.filtered, host, ALL, {
        sure: true,
        at,
        because: `bridge ${bridge} is the host's own`,
        fix: "attach the NIC to the isolated network instead",
    });
    return made;
}

const LAYER2: ReadonlySet<ForwardMode> = new Set(["bridge", "private", "vepa", "passthrough", "hostdev"]);

/** Families of a network's addresses; undefined when these are not known. */
function familiesOf(addresses: Fact<readonly HostAddress[]>): ClassSet | undefined {
    return addresses.kind === "known"
        ? addresses.value.reduce((all, { family }) => all | (family === "ipv4" ? IPV4 : IPV6), 0)
        : undefined;
}

function forwarding(graph: GraphBuilder, network: Network, from: number): void {
    const { forward, addresses, host } = network;
    if (forward.kind === "known" && forward.value === "isolated") {
        return;
    }
    const modes = possible(forward);
    const because = (): string => `network ${network.resource.name}: ${describeFact(forward)}`;
    if (modes === undefined) {
        graph.uplink(from, host, ALL, {
            sure: false,
            at: forward.at,
            because,
            fix: 'declare the network so that its forwarding can be read: mode "none" and a stylesheet of this project, or none',
        });
        return;
    }
    const reason = {
        sure: modes.length === 1,
        at: forward.at,
        because,
        fix: 'take the forwarding away from the network (mode "none"), or attach the NIC to an isolated network',
    };
    for (const mode of modes) {
        if (mode !== "isolated") {
            const classes = LAYER2.has(mode) ? ALL : IPV4 | (familiesOf(addresses) ?? ALL);
            graph.uplink(from, host, classes, reason);
        }
    }
}

/** Edges of one network: to the host's addresses, and wherever it forwards. */
function networkSegment(graph: GraphBuilder, network: Network): Segment {
    const made = segment(graph, network.resource.id, `network ${network.resource.name}`);
    const { addresses, host } = network;
    const families = familiesOf(addresses);
    if (families !== 0) {
        graph.edge(made.filtered, graph.sinks(host).host, families ?? ALL, {
            sure: families !== undefined,
            at: addresses.at,
            because: () =>
                `network ${network.resource.name}: the host has an address on it (${describeFact(addresses)})`,
            fix: "give the network no address",
        });
    }
    forwarding(graph, network, made.filtered);
    weakHost(graph, network, made.isolated);
    return made;
}

/** Segments by the networks' ids, and by the bridges of each host. */
export interface Segments {
    readonly byNetwork: ReadonlyMap<string, Segment>;
    readonly byBridge: ReadonlyMap<string, ReadonlyMap<string, Segment>>;
}

/** Segments of all networks; networks over one bridge of a host are one. */
export function networkSegments(graph: GraphBuilder, model: Model): Segments {
    const byNetwork = new Map<string, Segment>();
    const byBridge = new Map<string, Map<string, Segment>>();
    for (const network of model.networks) {
        const made = networkSegment(graph, network);
        byNetwork.set(network.resource.id, made);
        const bridge = network.bridge.kind === "known" ? network.bridge.value : undefined;
        if (bridge === undefined) {
            continue;
        }
        let ofHost = byBridge.get(network.host);
        if (ofHost === undefined) {
            byBridge.set(network.host, (ofHost = new Map()));
        }
        const twin = ofHost.get(bridge);
        if (twin === undefined) {
            ofHost.set(bridge, made);
            continue;
        }
        const reason = {
            sure: true,
            at: network.bridge.at,
            because: `network ${network.resource.name} and another one share bridge ${bridge}`,
            fix: "give each network a bridge of its own",
        };
        for (const part of ["open", "isolated", "filtered"] as const) {
            graph.edge(made[part], twin[part], ALL, reason);
            graph.edge(twin[part], made[part], ALL, reason);
        }
    }
    return { byNetwork, byBridge };
}
