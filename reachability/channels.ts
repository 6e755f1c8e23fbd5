/** Ways out of a guest that are no NICs: shared folders, sockets to the host, devices handed through. */
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
import { sinksOf, uplink } from "./segments";

/** Devices that end on the host, by what libvirt calls them. */
const TO_HOST: ReadonlySet<string> = new Set(["filesystem", "shmem", "vsock", "channel"]);
/** Devices that may be anything, a NIC among them. */
const TO_ANYWHERE: ReadonlySet<string> = new Set(["hostdev", "redirdev"]);
const CHARACTER: ReadonlySet<string> = new Set(["serial", "console", "parallel"]);
/** Character devices that are read by whoever runs the host, and by nobody else. */
const LOCAL: ReadonlySet<string | undefined> = new Set(["pty", "null", "file", undefined]);

function device(graph: GraphBuilder, domain: Domain, from: number, node: Node): void {
    const { host, resource } = domain;
    const because = (): string => `${resource.name} has a <${node.name}> ${marked(digestOfNode(node))}`;
    const fix = `remove the <${node.name}>`;
    if (TO_HOST.has(node.name)) {
        graph.edge({
            from,
            to: sinksOf(graph, host).host,
            classes: ALL,
            sure: true,
            at: node.at,
            because,
            fix,
        });
    } else if (TO_ANYWHERE.has(node.name)) {
        uplink(graph, from, host, ALL, false, node.at, because, fix);
    } else if (CHARACTER.has(node.name)) {
        const type = valueAt(node, "type");
        const local = holds(type, (t) => LOCAL.has(t));
        if (local !== "yes") {
            graph.edge({
                from,
                to: sinksOf(graph, host).host,
                classes: ALL,
                sure: local === "no",
                at: node.at,
                because: () => `${because()}: ${describeFact(type)}`,
                fix: "make it a pty without a log",
            });
        }
    }
}

export function channels(graph: GraphBuilder, domain: Domain, from: number): void {
    const { devices, xml, host, resource } = domain;
    if (devices.kind !== "known") {
        uplink(
            graph,
            from,
            host,
            ALL,
            false,
            devices.at,
            `the devices of ${resource.name} are not known: ${describeFact(devices)}`,
            "use a stylesheet of this project, or none",
        );
        return;
    }
    devices.value.forEach((node) => device(graph, domain, from, node));
    for (const raw of ["qemuCommandline", "qemuOverride"]) {
        const found = nodesAt(xml, raw);
        if (found.kind !== "known" || found.value.length > 0) {
            const at = found.kind === "known" ? (found.value[0]?.at ?? xml.at) : found.at;
            uplink(
                graph,
                from,
                host,
                ALL,
                false,
                at,
                `${resource.name} hands words of its own to QEMU (${raw}) ${marked(found.kind === "known" ? digestOf(found.value.map(digestOfNode)) : digestOf(found.why))}`,
                "remove it: nobody can say what it opens",
            );
        }
    }
}
