/** The graph of a model. tor's own edges are in it; whoever searches leaves them out. */
import { NIC } from "../cloud-init/guest";
import { describeFact, isGateway, membersOf, type Domain, type Model, type Nic } from "../model";
import { attach, type NicNodes } from "./attach";
import { channels } from "./channels";
import { TUNNEL_NIC, judge, seedContentOf, seedNicOf, type Judged } from "./expected";
import { controlledBy } from "./egress";
import { gatewayOf, type Flow, type Interface } from "./gateway";
import { GraphBuilder, type Graph } from "./graph";
import { ALL } from "./packet";
import { networkSegments } from "./segments";

/** Nodes of one domain. */
export interface Guest {
    readonly domain: Domain;
    readonly gateway: boolean;
    readonly out: number;
    readonly in: number;
    /** What separates identities: the declared enclave, else the first network. */
    readonly enclave: string;
    /** Gateways only. */
    readonly judged?: Judged;
}

export interface BuiltGraph extends Graph {
    readonly guests: readonly Guest[];
}

/** Undeclared: the first network, of a Gateway the first that somebody else is on. */
function enclaveKey(
    domain: Domain,
    nics: readonly NicNodes[],
    members: ReturnType<typeof membersOf>,
): string {
    if (domain.enclave.kind === "known" && domain.enclave.value !== undefined) {
        return `${domain.host} ${domain.enclave.value}`;
    }
    const networks = nics.flatMap(({ nic }) =>
        nic.attachment.kind === "known" && nic.attachment.value.to === "network"
            ? [nic.attachment.value.network]
            : [],
    );
    const inner = networks.find((network) =>
        (members.get(network) ?? []).some((m) => m.domain !== domain && !isGateway(m.domain)),
    );
    return (isGateway(domain) ? inner : undefined) ?? networks[0] ?? domain.resource.id;
}

const RULES_FIX = "let this project render the Gateway's seed for the Workstations that are attached";

/** Interfaces by the name that the rules use; undefined when one has none. */
function interfaces(
    domain: Domain,
    nics: readonly NicNodes[],
): { readonly nodes: NicNodes; readonly face: Interface }[] | undefined {
    const content = seedContentOf(domain);
    if (typeof content === "string") {
        return undefined;
    }
    const found = nics.map((nodes) => {
        const entry = seedNicOf(content, nodes.nic);
        return typeof entry === "string"
            ? undefined
            : {
                  nodes,
                  face: { name: entry.name, addresses: entry.addresses.map((a) => a.split("/")[0] ?? a) },
              };
    });
    return found.every((f) => f !== undefined) ? found : undefined;
}

/** What is worked out, or why that cannot be done: rules too many, or a part that is not read. */
function worked<T>(work: () => T): T | string {
    try {
        return work();
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

function gateway(
    graph: GraphBuilder,
    domain: Domain,
    index: number,
    nics: readonly NicNodes[],
    guest: { out: number; in: number },
    judged: Judged,
): void {
    const content = seedContentOf(domain);
    const tor = graph.own("tor", domain.resource.id, `tor of ${domain.resource.name}`, index);
    const at = typeof content === "string" ? { resource: domain.resource.id, path: "" } : content.ruleset.at;
    for (const { in: from, out: to } of nics) {
        const own = { classes: ALL, sure: true, at, because: "tor", fix: "" };
        graph.edge({ ...own, from, to: tor });
        graph.edge({ ...own, from: tor, to });
    }
    const faces = interfaces(domain, nics);
    const torrc =
        typeof content !== "string" && content.torrc.kind === "known" ? (content.torrc.value ?? []) : [];
    const control =
        typeof content !== "string" && content.files.kind === "known"
            ? controlledBy(content.files.value)
            : [];
    const kind =
        judged.ruleset === undefined || faces === undefined
            ? undefined
            : worked(() =>
                  gatewayOf(
                      judged.kind,
                      judged.ruleset ?? { tables: [] },
                      faces.map((f) => f.face),
                      torrc,
                      TUNNEL_NIC,
                      control,
                  ),
              );
    if (typeof kind === "object" && faces !== undefined) {
        const { transfer, tunnel } = kind;
        const edge = (from: number, to: number, flow: Flow | undefined): void => {
            if (flow !== undefined) {
                graph.edge({
                    from,
                    to,
                    classes: flow.classes,
                    sure: true,
                    at,
                    because: () => `${domain.resource.name}: ${flow.because}`,
                    fix: RULES_FIX,
                });
            }
        };
        for (const from of faces) {
            edge(from.nodes.in, guest.in, transfer.delivered.get(from.face.name));
            edge(guest.out, from.nodes.out, transfer.emitted.get(from.face.name));
            faces.forEach((to) =>
                edge(
                    from.nodes.in,
                    to.nodes.out,
                    transfer.forwarded.get(`${from.face.name} > ${to.face.name}`),
                ),
            );
            // What enters a tunnel leaves by the outer NIC, wrapped.
            if (tunnel && from.face.name === NIC.outer) {
                edge(from.nodes.in, guest.in, transfer.delivered.get(TUNNEL_NIC));
                edge(guest.out, from.nodes.out, transfer.emitted.get(TUNNEL_NIC));
                faces.forEach((inner) =>
                    edge(
                        inner.nodes.in,
                        from.nodes.out,
                        transfer.forwarded.get(`${inner.face.name} > ${TUNNEL_NIC}`),
                    ),
                );
            }
        }
    }
    if (!judged.trusted || typeof kind !== "object") {
        const because = `nobody can say what ${domain.resource.name} lets through: ${[...(typeof kind === "string" ? [kind] : []), ...(judged.why === undefined ? [] : [judged.why])].join("; ") || "its interfaces have no names"}`;
        const maybe = { classes: ALL, sure: false, at, because, fix: RULES_FIX };
        for (const from of nics) {
            graph.edge({ ...maybe, from: from.in, to: guest.in });
            graph.edge({ ...maybe, from: guest.out, to: from.out });
            nics.forEach((to) => graph.edge({ ...maybe, from: from.in, to: to.out }));
        }
    }
}

/** Whoever is no Gateway is hostile: its programs send what they like and pass on what they hear. */
function hostile(
    graph: GraphBuilder,
    domain: Domain,
    nics: readonly NicNodes[],
    guest: { out: number; in: number },
): void {
    const at = { resource: domain.resource.id, path: "" };
    for (const { nic, in: from, out: to } of nics) {
        const because = (): string => `programs in ${domain.resource.name} use nic ${nic.index}`;
        graph.edge({
            from,
            to: guest.in,
            classes: ALL,
            sure: true,
            at: nic.at,
            because,
            fix: "remove the NIC",
        });
        graph.edge({
            from: guest.out,
            to,
            classes: ALL,
            sure: true,
            at: nic.at,
            because,
            fix: "remove the NIC",
        });
    }
    graph.edge({
        from: guest.in,
        to: guest.out,
        classes: ALL,
        rewrites: true,
        sure: true,
        at,
        because: () =>
            `${domain.resource.name} is no Gateway (${describeFact(domain.role)}): it may pass on whatever it hears`,
        fix: "leave it one NIC, on one isolated network",
    });
}

export function buildGraph(model: Model): BuiltGraph {
    const graph = new GraphBuilder();
    const segments = networkSegments(graph, model);
    const members = membersOf(model);
    const guests = model.domains.map((domain, index): Guest => {
        const { id, name } = domain.resource;
        const guest = {
            out: graph.own("guest-out", id, name, index),
            in: graph.own("guest-in", id, name, index),
        };
        const nics = attach(graph, model, domain, index, segments, guest);
        channels(graph, domain, guest.out);
        const enclave = enclaveKey(domain, nics, members);
        if (!isGateway(domain)) {
            hostile(graph, domain, nics, guest);
            return { domain, gateway: false, ...guest, enclave };
        }
        const judged = judge(domain, insideOf(domain, members));
        gateway(graph, domain, index, nics, guest, judged);
        // A program that is reached may send in turn, as far as the rules let it.
        graph.edge({
            from: guest.in,
            to: guest.out,
            classes: ALL,
            rewrites: true,
            sure: true,
            at: { resource: id, path: "" },
            because: () => `a program in ${name} that is not tor may pass on what it hears`,
            fix: RULES_FIX,
        });
        return { domain, gateway: true, ...guest, enclave, judged };
    });
    return { nodes: graph.nodes, edges: graph.edges, guests };
}

/** Members that are no Gateways on every network that the Gateway is on. */
function insideOf(
    gateway: Domain,
    members: ReturnType<typeof membersOf>,
): { readonly domain: Domain; readonly nic: Nic }[] {
    const networks =
        gateway.nics.kind === "known"
            ? gateway.nics.value.flatMap(({ attachment }) =>
                  attachment.kind === "known" && attachment.value.to === "network"
                      ? [attachment.value.network]
                      : [],
              )
            : [];
    return [...new Set(networks)].flatMap((network) =>
        (members.get(network) ?? []).filter((m) => !isGateway(m.domain)),
    );
}
