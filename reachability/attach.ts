/** NICs: from a guest's programs to the segment that each is on, and back. */
import { filterOf } from "../model/filters";
import {
    describeFact,
    isGateway,
    possible,
    type Attachment,
    type Domain,
    type Model,
    type Nic,
} from "../model";
import type { GraphBuilder, Owner } from "./graph";
import { ALL } from "./packet";
import { hostBridge, segment, type Segment, type Segments } from "./segments";

/** The two directions of a NIC. */
export interface NicNodes {
    readonly nic: Nic;
    readonly out: number;
    readonly in: number;
    /** Why the host does not hold it to its Gateway alone; undefined: it does. */
    readonly unfiltered: string | undefined;
}

const MOVE = "attach the NIC to an isolated network that this stack declares, or remove it";

const last = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** The wire that a NIC is on. */
function wireOf(attachment: Attachment): string {
    switch (attachment.to) {
        case "network":
            return `network ${last(attachment.network)}`;
        case "undeclared-network":
            return `network ${attachment.name}`;
        case "host-bridge":
            return `bridge ${attachment.bridge}`;
        default:
            return attachment.to;
    }
}

function plug(
    graph: GraphBuilder,
    domain: Domain,
    nodes: NicNodes,
    to: Segment,
    sure: boolean,
    attachment: Attachment,
): void {
    const { nic, unfiltered } = nodes;
    const why = unfiltered === undefined || isGateway(domain) ? "" : `; ${unfiltered}`;
    const isolated = nic.isolatedPort.kind === "known" && nic.isolatedPort.value;
    const reason = {
        sure,
        at: nic.attachment.at,
        because: () =>
            `${domain.resource.name} nic ${nic.index} is on ${wireOf(attachment)} (${shortly(nic)})${why}`,
        fix: MOVE,
    };
    const inside = unfiltered === undefined ? to.filtered : to.isolated;
    graph.edge(nodes.out, isolated ? inside : to.open, ALL, reason);
    graph.edge(isolated ? to.open : to.filtered, nodes.in, ALL, reason);
}

/** `networkInterfaces[1].networkName` leads to …, without the URN in full. */
function shortly(nic: Nic): string {
    const { attachment } = nic;
    if (attachment.kind !== "known") {
        return describeFact(attachment);
    }
    const { value, at } = attachment;
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
    const uplink = (certain: boolean): void =>
        graph.uplink(nodes.out, host, ALL, {
            sure: certain,
            at,
            because: () => `${domain.resource.name} nic ${nodes.nic.index}: ${shortly(nodes.nic)}`,
            fix: MOVE,
        });
    switch (attachment.to) {
        case "network": {
            const to = segments.byNetwork.get(attachment.network);
            if (to !== undefined) {
                plug(graph, domain, nodes, to, sure, attachment);
            }
            return;
        }
        case "undeclared-network": {
            const to = segment(
                graph,
                `${host} undeclared ${attachment.name}`,
                `network ${attachment.name}, undeclared`,
            );
            graph.uplink(to.filtered, host, ALL, {
                sure: false,
                at,
                because: `network ${attachment.name} is not declared here: it may be anything, NAT on most hosts`,
                fix: "declare the network in this stack, or attach the NIC to one that is",
            });
            plug(graph, domain, nodes, to, sure, attachment);
            return;
        }
        case "host-bridge": {
            const known = segments.byBridge.get(host)?.get(attachment.bridge);
            plug(
                graph,
                domain,
                nodes,
                known ?? hostBridge(graph, host, attachment.bridge, at),
                sure,
                attachment,
            );
            return;
        }
        case "user":
        case "direct":
            uplink(sure);
            return;
        case "hostdev":
        case "other":
            uplink(false);
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
    owner: Owner,
    segments: Segments,
    out: number,
): NicNodes[] {
    const { nics, host, resource } = domain;
    if (nics.kind !== "known") {
        graph.uplink(out, host, ALL, {
            sure: false,
            at: nics.at,
            because: `the NICs of ${resource.name} are not known: ${describeFact(nics)}`,
            fix: "declare them so that they can be read",
        });
        return [];
    }
    return nics.value.map((nic) => {
        const filter = filterOf(model, domain, nic);
        const id = `${resource.id} nic ${nic.index}`;
        const label = `${resource.name} nic ${nic.index}`;
        const nodes: NicNodes = {
            nic,
            out: graph.own("nic-out", id, label, owner),
            in: graph.own("nic-in", id, label, owner),
            unfiltered: "why" in filter ? filter.why : undefined,
        };
        const { attachment } = nic;
        if (attachment.kind === "known") {
            one(graph, domain, nodes, segments, attachment.value, true);
            return nodes;
        }
        const choices = possible(attachment);
        if (choices === undefined) {
            graph.uplink(nodes.out, host, ALL, {
                sure: false,
                at: attachment.at,
                because: `${label}: ${describeFact(attachment)}`,
                fix: MOVE,
            });
        }
        (choices ?? []).forEach((choice) =>
            one(graph, domain, nodes, segments, choice, choices?.length === 1),
        );
        return nodes;
    });
}
