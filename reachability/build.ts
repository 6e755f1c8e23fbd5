/** The graph of a model. tor is a node without edges: what goes through tor is what is wanted, and is cut. */
import {
    describeFact,
    isGateway,
    membersOf,
    nicsOf,
    type Domain,
    type Model,
    type Nic,
    type SeedNic,
} from "../model";
import { NIC } from "../cloud-init/guest";
import { attach, type NicNodes } from "./attach";
import { channels } from "./channels";
import { judge, seedContentOf, seedNicOf, type Judged } from "./expected";
import { controlledBy } from "./egress";
import { PROGRAMS, gatewayOf } from "./gateway";
import { GraphBuilder, type Graph, type Owner } from "./graph";
import { ALL } from "./packet";
import { networkSegments } from "./segments";

/** Nodes of one domain. */
export interface Guest {
    readonly domain: Domain;
    readonly gateway: boolean;
    readonly out: number;
    readonly in: number;
    /** What separates identities, by number: the declared enclave, else the first network. */
    readonly enclave: number;
    /** Gateways only. */
    readonly judged?: Judged;
}

export interface BuiltGraph extends Graph {
    readonly guests: readonly Guest[];
}

type Members = ReturnType<typeof membersOf>;

const networkOf = ({ attachment }: Nic): string | undefined =>
    attachment.kind === "known" && attachment.value.to === "network" ? attachment.value.network : undefined;

/** Undeclared: the first network, of a Gateway the first that another guest is on. */
function enclaveKey(domain: Domain, members: Members): string {
    if (domain.enclave.kind === "known" && domain.enclave.value !== undefined) {
        return `${domain.host} ${domain.enclave.value}`;
    }
    const networks = nicsOf(domain).flatMap((nic) => networkOf(nic) ?? []);
    const inner = networks.find((network) =>
        (members.get(network) ?? []).some((m) => m.domain !== domain && !isGateway(m.domain)),
    );
    return (isGateway(domain) ? inner : undefined) ?? networks[0] ?? domain.resource.id;
}

const RULES_FIX = "let this project render the Gateway's seed for the Workstations that are attached";

/** Entries of the seed's network-config, which have the names that the rules use; undefined when one has none. */
function entriesOf(domain: Domain, nics: readonly NicNodes[]): SeedNic[] | undefined {
    const content = seedContentOf(domain);
    if (typeof content === "string") {
        return undefined;
    }
    const found: SeedNic[] = [];
    for (const { nic } of nics) {
        const entry = seedNicOf(content, nic);
        if (typeof entry === "string") {
            return undefined;
        }
        found.push(entry);
    }
    return found;
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
    owner: Owner,
    nics: readonly NicNodes[],
    guest: { out: number; in: number },
    judged: Judged,
): void {
    const content = seedContentOf(domain);
    const { id, name } = domain.resource;
    graph.own("tor", id, `tor of ${name}`, owner);
    const at = typeof content === "string" ? { resource: id, path: "" } : content.ruleset.at;
    const entries = entriesOf(domain, nics);
    const torrc =
        typeof content !== "string" && content.torrc.kind === "known" ? (content.torrc.value ?? []) : [];
    const control =
        typeof content !== "string" && content.files.kind === "known"
            ? controlledBy(content.files.value)
            : [];
    const ways =
        judged.ruleset === undefined || entries === undefined
            ? undefined
            : worked(() =>
                  gatewayOf(
                      judged.kind,
                      judged.ruleset ?? { tables: [] },
                      entries,
                      torrc,
                      NIC.tunnel,
                      control,
                  ),
              );
    if (typeof ways === "object") {
        for (const { from, to, flow } of ways) {
            graph.edge(
                from === PROGRAMS ? guest.out : (nics[from]?.in ?? guest.in),
                to === PROGRAMS ? guest.in : (nics[to]?.out ?? guest.out),
                flow.classes,
                { sure: true, at, because: () => `${name}: ${flow.because}`, fix: RULES_FIX },
            );
        }
    }
    if (!judged.trusted || typeof ways !== "object") {
        const because = `undecided: what ${name} lets through is not known: ${[...(typeof ways === "string" ? [ways] : []), ...(judged.why === undefined ? [] : [judged.why])].join("; ") || "its interfaces have no names"}`;
        const maybe = { sure: false, at, because, fix: RULES_FIX };
        for (const from of nics) {
            graph.edge(from.in, guest.in, ALL, maybe);
            graph.edge(guest.out, from.out, ALL, maybe);
            nics.forEach((to) => graph.edge(from.in, to.out, ALL, maybe));
        }
    }
    // A program that is reached may send in turn, as far as the rules let it.
    graph.program(guest.in, guest.out, ALL, {
        sure: true,
        at: { resource: id, path: "" },
        because: () => `a program in ${name} that is not tor may pass on what it hears`,
        fix: RULES_FIX,
    });
}

/** A guest that is no Gateway is hostile: its programs send what they like and pass on what they hear. */
function hostile(
    graph: GraphBuilder,
    domain: Domain,
    nics: readonly NicNodes[],
    guest: { out: number; in: number },
): void {
    const { id, name } = domain.resource;
    for (const { nic, in: from, out: to } of nics) {
        const reason = {
            sure: true,
            at: nic.at,
            because: () => `programs in ${name} use nic ${nic.index}`,
            fix: "remove the NIC",
        };
        graph.edge(from, guest.in, ALL, reason);
        graph.edge(guest.out, to, ALL, reason);
    }
    graph.program(guest.in, guest.out, ALL, {
        sure: true,
        at: { resource: id, path: "" },
        because: () =>
            `${name} is no Gateway (${describeFact(domain.role)}): it may pass on whatever it hears`,
        fix: "leave it one NIC, on one isolated network",
    });
}

export function buildGraph(model: Model): BuiltGraph {
    const graph = new GraphBuilder();
    const segments = networkSegments(graph, model);
    const members = membersOf(model);
    const enclaves = new Map<string, number>();
    const guests = model.domains.map((domain, index): Guest => {
        const { id, name } = domain.resource;
        const key = enclaveKey(domain, members);
        const enclave = enclaves.get(key) ?? enclaves.size;
        enclaves.set(key, enclave);
        const isOne = isGateway(domain);
        const owner: Owner = { domain: index, role: isOne ? "gateway" : "workstation", enclave };
        const guest = {
            out: graph.own("guest-out", id, name, owner),
            in: graph.own("guest-in", id, name, owner),
        };
        const nics = attach(graph, model, domain, owner, segments, guest.out);
        channels(graph, domain, guest.out);
        if (!isOne) {
            hostile(graph, domain, nics, guest);
            return { domain, gateway: false, out: guest.out, in: guest.in, enclave };
        }
        const judged = judge(domain, insideOf(domain, members));
        gateway(graph, domain, owner, nics, guest, judged);
        return { domain, gateway: true, out: guest.out, in: guest.in, enclave, judged };
    });
    const { nodes, labels, edges, reasons } = graph;
    return { nodes, labels, edges, reasons, guests };
}

/** Members that are no Gateways on every network that the Gateway is on. */
function insideOf(gateway: Domain, members: Members): { readonly domain: Domain; readonly nic: Nic }[] {
    const networks = new Set(nicsOf(gateway).map(networkOf));
    const inside: { readonly domain: Domain; readonly nic: Nic }[] = [];
    for (const network of networks) {
        for (const member of network === undefined ? [] : (members.get(network) ?? [])) {
            if (!isGateway(member.domain)) {
                inside.push(member);
            }
        }
    }
    return inside;
}
