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
import type { Edge, GraphBuilder } from "./graph";
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
 * (ip-sysctl: arp_ignore, rp_filter). Whether a host does is not declared, so nobody can say that it does
 * not.
 */
function weakHost(graph: GraphBuilder, network: Network, from: number): void {
    graph.edge({
        from,
        to: sinksOf(graph, network.host).host,
        classes: IPV4,
        sure: false,
        at: { resource: network.resource.id, path: "" },
        because: `a bridge without an address is no wall: Linux answers for its other addresses on ${network.resource.name}, too`,
        fix: "give every Workstation's NIC this project's filter (<filterref>, defined by `bin/sallyport define-filter`)",
    });
}

interface Sinks {
    readonly host: number;
    readonly lan: number;
    readonly outside: number;
}

/** Makes nodes of a host and its surroundings. */
export function sinksOf(graph: GraphBuilder, host: string): Sinks {
    const of = sinks.get(graph) ?? new Map<string, Sinks>();
    sinks.set(graph, of);
    const made = of.get(host) ?? {
        host: graph.node("host", host, `host ${host}`),
        lan: graph.node("lan", host, `LAN of ${host}`),
        outside: graph.node("outside", "", "outside"),
    };
    of.set(host, made);
    return made;
}

const sinks = new WeakMap<GraphBuilder, Map<string, Sinks>>();

/** An uplink: from here the host, its LAN and the outside are reached. */
export function uplink(
    graph: GraphBuilder,
    from: number,
    host: string,
    classes: ClassSet,
    sure: boolean,
    at: Origin,
    because: Edge["because"],
    fix: string,
): void {
    const { host: stack, lan, outside } = sinksOf(graph, host);
    for (const to of [outside, lan, stack]) {
        graph.edge({ from, to, classes, sure, at, because, fix });
    }
}

export function segment(graph: GraphBuilder, id: string, label: string): Segment {
    const filtered = graph.node("segment", `${id} filtered ports`, `${label} (filtered ports)`);
    const isolated = graph.node("segment", `${id} isolated ports`, `${label} (isolated ports)`);
    const open = graph.node("segment", id, label);
    const within = { classes: ALL, sure: true, at: { resource: id, path: "" }, because: WITHIN };
    graph.edge({ ...within, from: open, to: isolated, fix: "isolate the port" });
    graph.edge({ ...within, from: isolated, to: filtered, fix: "give the NIC this project's filter" });
    return { open, isolated, filtered };
}

/** A bridge of the host's that no network here is known to be: a physical NIC may be on it. */
export function hostBridge(graph: GraphBuilder, host: string, bridge: string, at: Origin): Segment {
    const made = segment(graph, `${host} bridge ${bridge}`, `bridge ${bridge}`);
    uplink(
        graph,
        made.filtered,
        host,
        ALL,
        true,
        at,
        `bridge ${bridge} is the host's own`,
        "attach the NIC to the isolated network instead",
    );
    return made;
}

const LAYER2: ReadonlySet<ForwardMode> = new Set(["bridge", "private", "vepa", "passthrough", "hostdev"]);

function families(addresses: Fact<readonly HostAddress[]>): {
    readonly sure: ClassSet;
    readonly maybe: ClassSet;
} {
    if (addresses.kind !== "known") {
        return { sure: 0, maybe: ALL };
    }
    const has = (family: string): boolean => addresses.value.some((a) => a.family === family);
    return { sure: (has("ipv4") ? IPV4 : 0) | (has("ipv6") ? IPV6 : 0), maybe: 0 };
}

function forwarding(graph: GraphBuilder, network: Network, from: number): void {
    const { forward, addresses, host } = network;
    const because = (): string => `network ${network.resource.name}: ${describeFact(forward)}`;
    const modes = possible(forward);
    if (modes === undefined) {
        uplink(
            graph,
            from,
            host,
            ALL,
            false,
            forward.at,
            because,
            'declare the network so that its forwarding can be read: mode "none" and a stylesheet of this project, or none',
        );
        return;
    }
    for (const mode of modes.filter((m) => m !== "isolated")) {
        const classes = LAYER2.has(mode) ? ALL : IPV4 | families(addresses).sure | families(addresses).maybe;
        uplink(
            graph,
            from,
            host,
            classes,
            modes.length === 1,
            forward.at,
            because,
            'take the forwarding away from the network (mode "none"), or attach the NIC to an isolated network',
        );
    }
}

/** Edges of one network: to the host's addresses, and wherever it forwards. */
function networkSegment(graph: GraphBuilder, network: Network): Segment {
    const made = segment(graph, network.resource.id, `network ${network.resource.name}`);
    const { addresses, host } = network;
    const { sure, maybe } = families(addresses);
    const to = sinksOf(graph, host).host;
    const edge = {
        from: made.filtered,
        to,
        at: addresses.at,
        because: () =>
            `network ${network.resource.name}: the host has an address on it (${describeFact(addresses)})`,
        fix: "give the network no address",
    };
    if (sure !== 0) {
        graph.edge({ ...edge, classes: sure, sure: true });
    }
    if (maybe !== 0) {
        graph.edge({ ...edge, classes: maybe, sure: false });
    }
    forwarding(graph, network, made.filtered);
    weakHost(graph, network, made.isolated);
    return made;
}

/** Segments of all networks; networks over one bridge of a host are one. */
export function networkSegments(
    graph: GraphBuilder,
    model: Model,
): { readonly byNetwork: ReadonlyMap<string, Segment>; readonly byBridge: ReadonlyMap<string, Segment> } {
    const byNetwork = new Map<string, Segment>();
    const byBridge = new Map<string, Segment>();
    for (const network of model.networks) {
        const made = networkSegment(graph, network);
        byNetwork.set(network.resource.id, made);
        const bridge = network.bridge.kind === "known" ? network.bridge.value : undefined;
        if (bridge === undefined) {
            continue;
        }
        const key = JSON.stringify([network.host, bridge]);
        const twin = byBridge.get(key);
        if (twin === undefined) {
            byBridge.set(key, made);
            continue;
        }
        const because = `network ${network.resource.name} and another one share bridge ${bridge}`;
        for (const [from, to] of [
            [made.open, twin.open],
            [twin.open, made.open],
            [made.isolated, twin.isolated],
            [twin.isolated, made.isolated],
            [made.filtered, twin.filtered],
            [twin.filtered, made.filtered],
        ] as const) {
            graph.edge({
                from,
                to,
                classes: ALL,
                sure: true,
                at: network.bridge.at,
                because,
                fix: "give each network a bridge of its own",
            });
        }
    }
    return { byNetwork, byBridge };
}
