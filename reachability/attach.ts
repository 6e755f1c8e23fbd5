/** NICs: from a guest's programs to the segment that each is on, and back. */
import { filterOf } from "../model/filters";
import { describeFact, possible, type Attachment, type Domain, type Model, type Nic } from "../model";
import type { GraphBuilder } from "./graph";
import { ALL } from "./packet";
import { hostBridge, segment, uplink, type Segment } from "./segments";

/** The two directions of a NIC. */
export interface NicNodes {
    readonly nic: Nic;
    readonly out: number;
    readonly in: number;
    /** The host lets it speak with its Gateway alone. */
    readonly filtered: boolean;
}

export interface Segments {
    readonly byNetwork: ReadonlyMap<string, Segment>;
    readonly byBridge: ReadonlyMap<string, Segment>;
}

const MOVE = "attach the NIC to an isolated network that this stack declares, or remove it";

function plug(
    graph: GraphBuilder,
    domain: Domain,
    nodes: NicNodes,
    to: Segment,
    sure: boolean,
    network: () => string,
): void {
    const { nic, filtered } = nodes;
    const isolated = nic.isolatedPort.kind === "known" && nic.isolatedPort.value;
    const because = (): string =>
        `${domain.resource.name} nic ${nic.index} is on ${network()} (${shortly(nic)})`;
    const common = { classes: ALL, sure, at: nic.attachment.at, because, fix: MOVE };
    graph.edge({
        ...common,
        from: nodes.out,
        to: isolated ? (filtered ? to.filtered : to.isolated) : to.open,
    });
    graph.edge({ ...common, from: isolated ? to.open : to.filtered, to: nodes.in });
}

/** `networkInterfaces[1].networkName` leads to …, without the URN in full. */
function shortly(nic: Nic): string {
    const { attachment } = nic;
    if (attachment.kind !== "known") {
        return describeFact(attachment);
    }
    const { value, at } = attachment;
    const last = (urn: string): string => urn.split("::").at(-1) ?? urn;
    const where: Record<Attachment["to"], () => string> = {
        network: () => (value.to === "network" ? last(value.network) : ""),
        "undeclared-network": () => (value.to === "undeclared-network" ? value.name : ""),
        "host-bridge": () => (value.to === "host-bridge" ? value.bridge : ""),
        direct: () => (value.to === "direct" ? `${value.device}, mode ${value.mode}` : ""),
        user: () => "QEMU's own NAT",
        hostdev: () => "a device of the host's",
        other: () => (value.to === "other" ? `type ${value.type}` : ""),
        nowhere: () => "nowhere",
    };
    return `${at.path} = ${where[value.to]()}`;
}

function one(
    graph: GraphBuilder,
    domain: Domain,
    nodes: NicNodes,
    segments: Segments,
    attachment: Attachment,
    sure: boolean,
): void {
    const { host } = domain;
    const at = nodes.nic.attachment.at;
    const because = (): string => `${domain.resource.name} nic ${nodes.nic.index}: ${shortly(nodes.nic)}`;
    switch (attachment.to) {
        case "network": {
            const to = segments.byNetwork.get(attachment.network);
            if (to !== undefined) {
                plug(
                    graph,
                    domain,
                    nodes,
                    to,
                    sure,
                    () => `network ${attachment.network.split("::").at(-1) ?? ""}`,
                );
            }
            return;
        }
        case "undeclared-network": {
            const to = segment(
                graph,
                `${host} undeclared ${attachment.name}`,
                `network ${attachment.name}, undeclared`,
            );
            uplink(
                graph,
                to.filtered,
                host,
                ALL,
                false,
                at,
                `network ${attachment.name} is not declared here: it may be anything, NAT on most hosts`,
                "declare the network in this stack, or attach the NIC to one that is",
            );
            plug(graph, domain, nodes, to, sure, () => `network ${attachment.name}`);
            return;
        }
        case "host-bridge": {
            const known = segments.byBridge.get(JSON.stringify([host, attachment.bridge]));
            plug(
                graph,
                domain,
                nodes,
                known ?? hostBridge(graph, host, attachment.bridge, at),
                sure,
                () => `bridge ${attachment.bridge}`,
            );
            return;
        }
        case "user":
        case "direct":
            uplink(graph, nodes.out, host, ALL, sure, at, because, MOVE);
            return;
        case "hostdev":
        case "other":
            uplink(graph, nodes.out, host, ALL, false, at, because, MOVE);
            return;
        case "nowhere":
            return;
    }
}

/**
 * All NICs of a domain. @returns their nodes; empty when the list is not known, which is an edge to
 * everywhere
 */
export function attach(
    graph: GraphBuilder,
    model: Model,
    domain: Domain,
    index: number,
    segments: Segments,
    guest: { readonly out: number },
): NicNodes[] {
    const { nics, host, resource } = domain;
    if (nics.kind !== "known") {
        uplink(
            graph,
            guest.out,
            host,
            ALL,
            false,
            nics.at,
            `the NICs of ${resource.name} are not known: ${describeFact(nics)}`,
            "declare them so that they can be read",
        );
        return [];
    }
    return nics.value.map((nic) => {
        const id = `${resource.id} nic ${nic.index}`;
        const label = `${resource.name} nic ${nic.index}`;
        const nodes: NicNodes = {
            nic,
            out: graph.own("nic-out", id, label, index),
            in: graph.own("nic-in", id, label, index),
            filtered: "step" in filterOf(model, domain, nic),
        };
        const choices = possible<Attachment>(nic.attachment);
        if (choices === undefined) {
            uplink(
                graph,
                nodes.out,
                host,
                ALL,
                false,
                nic.attachment.at,
                `${label}: ${describeFact(nic.attachment)}`,
                MOVE,
            );
        }
        (choices ?? []).forEach((choice) =>
            one(graph, domain, nodes, segments, choice, choices?.length === 1),
        );
        return nodes;
    });
}
