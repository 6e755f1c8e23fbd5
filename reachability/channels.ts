/** Paths out of a guest that are no NICs: shared folders, sockets to the host, devices handed through. */
import {
    describeFact,
    digestOf,
    digestOfNode,
    holds,
    marked,
    nodesAt,
    valueAt,
    type Domain,
    type Node,
} from "../model";
import type { GraphBuilder } from "./graph";
import { ALL } from "./packet";

/**
 * Devices that matter here, by what libvirt calls them: they end on the host, may be anything (a NIC among
 * it), or are character devices.
 */
const KINDS: ReadonlyMap<string, "host" | "anywhere" | "character"> = new Map([
    ["filesystem", "host"],
    ["shmem", "host"],
    ["vsock", "host"],
    ["channel", "host"],
    ["hostdev", "anywhere"],
    ["redirdev", "anywhere"],
    ["serial", "character"],
    ["console", "character"],
    ["parallel", "character"],
]);
/** Character devices that are read by the host's owner alone. */
const LOCAL: ReadonlySet<string | undefined> = new Set(["pty", "null", "file", undefined]);

/** Words that libvirt hands to QEMU as they are. */
const RAW = ["qemuCommandline", "qemuOverride"] as const;

function device(graph: GraphBuilder, { host, resource }: Domain, from: number, node: Node): void {
    const kind = KINDS.get(node.name);
    if (kind === undefined) {
        return;
    }
    const type = kind === "character" ? valueAt(node, "type") : undefined;
    const local = type === undefined ? "no" : holds(type, (t) => LOCAL.has(t));
    if (local === "yes") {
        return;
    }
    const because = (): string =>
        `${resource.name} has a <${node.name}> ${marked(digestOfNode(node))}${type === undefined ? "" : `: ${describeFact(type)}`}`;
    const reason = {
        sure: local === "no" && kind !== "anywhere",
        at: node.at,
        because,
        fix: type === undefined ? `remove the <${node.name}>` : "make it a pty without a log",
    };
    if (kind === "anywhere") {
        graph.uplink(from, host, ALL, reason);
    } else {
        graph.edge(from, graph.sinks(host).host, ALL, reason);
    }
}

export function channels(graph: GraphBuilder, domain: Domain, from: number): void {
    const { devices, xml, host, resource } = domain;
    if (devices.kind !== "known") {
        graph.uplink(from, host, ALL, {
            sure: false,
            at: devices.at,
            because: `the devices of ${resource.name} are not known: ${describeFact(devices)}`,
            fix: "use a stylesheet of this project, or none",
        });
        return;
    }
    for (const node of devices.value) {
        device(graph, domain, from, node);
    }
    for (const raw of RAW) {
        const found = nodesAt(xml, raw);
        if (found.kind !== "known" || found.value.length > 0) {
            graph.uplink(from, host, ALL, {
                sure: false,
                at: found.kind === "known" ? (found.value[0]?.at ?? xml.at) : found.at,
                because: `${resource.name} hands words of its own to QEMU (${raw}) ${marked(found.kind === "known" ? digestOf(found.value.map(digestOfNode)) : digestOf(found.why))}`,
                fix: "remove it: what it opens is not known",
            });
        }
    }
}
