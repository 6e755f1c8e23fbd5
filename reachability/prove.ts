/**
 * Takes tor out of the graph and asks the queries. Proved with a certificate, refuted with a path, or
 * undecided with one.
 */
import { checkCertificate } from "./check-certificate";
import type { Model } from "../model";
import { WITHIN } from "./segments";
import { buildGraph, type BuiltGraph, type Guest } from "./build";
import type { Certificate, CertificateEdge, CertificateRun } from "./certificate";
import { reasonOf, type GraphNode } from "./graph";
import { CLASSES, classNames } from "./packet";
import { QUERIES, type Query, type QueryId, type RunName } from "./queries";
import {
    Adjacency,
    groupsOf,
    labelsOf,
    NONE,
    pathsTo,
    spread,
    type Path,
    type Source,
    type Spread,
} from "./search";
import { trustOf, type Trust } from "./trust";

export type Verdict = "proved" | "refuted" | "undecided";

export interface Hop {
    readonly resource: string;
    /** The very input. */
    readonly input: string;
    readonly because: string;
    readonly sure: boolean;
}

/** One way from a source to a place where it must not come. */
export interface Breach {
    readonly verdict: "refuted" | "undecided";
    /** Name of the domain that sends. */
    readonly source: string;
    readonly sourceResource: string;
    readonly target: string;
    /** How it leaves its source, for the finding's name: `nic 1`, or the input of a way that is no NIC. */
    readonly by: string;
    /** The packet, by its classes. */
    readonly packet: readonly string[];
    readonly hops: readonly Hop[];
    readonly fix: string;
}

export interface QueryResult {
    readonly id: QueryId;
    readonly title: string;
    readonly why: string;
    readonly verdict: Verdict;
    readonly breaches: readonly Breach[];
    /** Breaches that are not written out, at least. */
    readonly more: number;
}

export interface Proof {
    readonly verdict: Verdict;
    readonly queries: readonly QueryResult[];
    readonly trust: readonly Trust[];
    readonly graph: BuiltGraph;
    readonly certificate: Certificate;
    /** What the separate checker has against the certificate; with any, no query is proved. */
    readonly objections: readonly string[];
}

/** Breaches of one query that are written out in full. */
const SHOWN = 100;
/**
 * Attackers of one guest that are named; that there are more is a finding of its own, so that no
 * acknowledgement hides them.
 */
const NAMED = 8;

/** Indexes of all edges but tor's. */
function withoutTor({ nodes, edges }: BuiltGraph): number[] {
    const left: number[] = [];
    edges.forEach((edge, e) => {
        if (nodes[edge.from]?.place !== "tor" && nodes[edge.to]?.place !== "tor") {
            left.push(e);
        }
    });
    return left;
}

class Prover {
    readonly #graph: BuiltGraph;
    readonly #all: readonly number[];
    readonly #groups: readonly number[];
    readonly #leaving: Adjacency;
    readonly #enclaves = new Map<string, number>();
    readonly #known = new Map<RunName, ReadonlySet<number>>();
    #entering?: { readonly all: Adjacency; readonly sure: Adjacency };

    constructor(graph: BuiltGraph) {
        this.#graph = graph;
        this.#all = withoutTor(graph);
        this.#leaving = new Adjacency(graph.nodes.length, graph.edges, this.#all, "from");
        this.#groups = groupsOf(new Set(this.#all.map((e) => graph.edges[e]?.classes ?? 0)));
        graph.guests.forEach((g) =>
            this.#enclaves.set(g.enclave, this.#enclaves.get(g.enclave) ?? this.#enclaves.size),
        );
    }

    enclaveAt = (guest: Guest): number => this.#enclaves.get(guest.enclave) ?? -1;
    guestAt = (node: GraphNode): Guest | undefined =>
        node.domain === undefined ? undefined : this.#graph.guests[node.domain];

    #sources(run: RunName): Source[] {
        return this.#graph.guests.flatMap((guest, i) =>
            guest.gateway === (run === "gateways")
                ? [{ node: guest.out, label: run === "workstations-by-enclave" ? this.enclaveAt(guest) : i }]
                : [],
        );
    }

    #starts(run: RunName): ReadonlySet<number> {
        const starts = this.#known.get(run) ?? new Set(this.#sources(run).map((s) => s.node));
        this.#known.set(run, starts);
        return starts;
    }

    spread(run: RunName): Spread {
        return spread(this.#graph, this.#leaving, this.#groups, this.#sources(run));
    }

    /** Queries look at guests of one role; the rest of a guest-in's rule is the query's own. */
    #asks(query: Query, node: GraphNode, label: number): boolean {
        const gateway = this.guestAt(node)?.gateway;
        if (
            (query.id === "PATH-workstation" && gateway === true) ||
            (query.id === "PATH-gateway" && gateway !== true)
        ) {
            return false;
        }
        return query.breaks(node, label, this.guestAt, this.enclaveAt);
    }

    /** @param labels of each node */
    ask(query: Query, labels: Int32Array): QueryResult {
        const targets: number[] = [];
        this.#graph.nodes.forEach((node, i) => {
            const label = labels[i] ?? NONE;
            if (label !== NONE && this.#asks(query, node, label)) {
                targets.push(i);
            }
        });
        const head = { id: query.id, title: query.title, why: query.why };
        if (targets.length === 0) {
            return { ...head, verdict: "proved", breaches: [], more: 0 };
        }
        const all: { readonly found: readonly Breach[]; readonly most: number }[] = [];
        let named = 0;
        for (const target of targets) {
            // Beyond what is written out, a place that is reached is counted and not looked into.
            if (named >= 2 * SHOWN) {
                break;
            }
            const one = {
                found: this.#breaches(query, target),
                most: this.#graph.nodes[target]?.domain === undefined ? Infinity : NAMED,
            };
            named += Math.min(one.found.length, one.most);
            all.push(one);
        }
        const breaches = all.flatMap(({ found, most }) => found.slice(0, most));
        const unnamed =
            all.reduce((sum, { found, most }) => sum + Math.max(0, found.length - most), 0) +
            targets.length -
            all.length;
        const verdict = breaches.some((b) => b.verdict === "refuted") ? "refuted" : "undecided";
        const ordered = breaches.sort((a, b) =>
            a.verdict === b.verdict ? 0 : a.verdict === "refuted" ? -1 : 1,
        );
        return {
            ...head,
            verdict,
            breaches: ordered.slice(0, SHOWN),
            more: Math.max(0, ordered.length - SHOWN) + unnamed,
        };
    }

    #breaches(query: Query, target: number): Breach[] {
        const graph = this.#graph;
        this.#entering ??= {
            all: new Adjacency(graph.nodes.length, graph.edges, this.#all, "to"),
            sure: new Adjacency(
                graph.nodes.length,
                graph.edges,
                this.#all.filter((e) => graph.edges[e]?.sure === true),
                "to",
            ),
        };
        const goal = graph.nodes[target];
        const allowed = this.#starts(query.run);
        const wanted = (node: number): boolean => {
            const guest = graph.nodes[node] === undefined ? undefined : this.guestAt(graph.nodes[node]);
            if (!allowed.has(node) || guest === undefined || goal === undefined) {
                return false;
            }
            const label =
                query.run === "workstations-by-enclave"
                    ? this.enclaveAt(guest)
                    : (graph.nodes[node]?.domain ?? -1);
            return this.#asks(query, goal, label);
        };
        // Of a guest as target some attackers are named, of a place outside every one.
        const limit = goal?.domain === undefined ? Infinity : NAMED + 1;
        const sure = pathsTo(graph, this.#entering.sure, this.#groups, target, wanted, limit);
        const maybe = pathsTo(graph, this.#entering.all, this.#groups, target, wanted, limit);
        const breaches = [
            ...sure.map((p) => this.#breach(p, target, "refuted")),
            ...maybe.map((p) => this.#breach(p, target, "undecided")),
        ];
        // One for each way out of each source; what is sure comes first.
        return [
            ...new Map(
                [...breaches].reverse().map((b) => [JSON.stringify([b.sourceResource, b.by]), b]),
            ).values(),
        ].reverse();
    }

    #leaves(path: Path): string {
        const first = this.#graph.edges[path.edges[0] ?? -1];
        const node = this.#graph.nodes[first?.to ?? -1];
        return (
            (node?.place === "nic-out" ? / (nic \d+)$/.exec(node.label)?.[1] : undefined) ??
            first?.at.path ??
            ""
        );
    }

    #breach(path: Path, target: number, verdict: Breach["verdict"]): Breach {
        const edges = path.edges.flatMap((e) => this.#graph.edges[e] ?? []);
        const guest = this.#graph.guests[this.#graph.nodes[path.source]?.domain ?? -1];
        // The first ambiguous hop, or the last one, is where a change helps most.
        const key = edges.find((e) => !e.sure) ?? edges.at(-1);
        return {
            verdict,
            source: guest?.domain.resource.name ?? "",
            sourceResource: guest?.domain.resource.id ?? "",
            target: this.#graph.nodes[target]?.label ?? "",
            by: this.#leaves(path),
            packet: classNames(path.classes),
            hops: edges
                .filter((e) => e.because !== WITHIN)
                .map((e) => ({
                    resource: e.at.resource,
                    input: e.at.path,
                    because: reasonOf(e),
                    sure: e.sure,
                })),
            fix: key?.fix ?? "",
        };
    }

    certificate(runs: ReadonlyMap<RunName, Spread>, results: readonly QueryResult[]): Certificate {
        const graph = this.#graph;
        const proved = new Set(results.filter((r) => r.verdict === "proved").map((r) => r.id));
        return {
            version: 1,
            classes: CLASSES,
            nodes: graph.nodes.map((node) => {
                const guest = ["guest-in", "guest-out", "nic-in"].includes(node.place)
                    ? this.guestAt(node)
                    : undefined;
                return guest === undefined || node.domain === undefined
                    ? { place: node.place, id: node.id }
                    : {
                          place: node.place,
                          id: node.id,
                          domain: node.domain,
                          role: guest.gateway ? "gateway" : "workstation",
                          enclave: this.enclaveAt(guest),
                      };
            }),
            edges: this.#all.map((e): CertificateEdge => {
                const { from = -1, to = -1, classes = 0, rewrites } = graph.edges[e] ?? {};
                return rewrites === true ? { from, to, classes, rewrites } : { from, to, classes };
            }),
            cut: graph.nodes.filter((node) => node.place === "tor").map((node) => node.id),
            runs: [...runs].map(([name, labels]): CertificateRun => ({
                sources: name,
                groups: labels.groups,
                labels: labels.labels,
                claims: QUERIES.filter((q) => q.run === name && proved.has(q.id)).map((q) => q.id),
            })),
        };
    }
}

const worst = (results: readonly QueryResult[]): Verdict =>
    results.some((r) => r.verdict === "refuted")
        ? "refuted"
        : results.some((r) => r.verdict === "undecided")
          ? "undecided"
          : "proved";

/** A proof as the checker leaves it: a certificate that it refuses proves nothing. */
export function checked(proof: Omit<Proof, "objections">): Proof {
    const objections = checkCertificate(proof.certificate);
    const queries = proof.queries.map((query): QueryResult =>
        objections.length > 0 && query.verdict === "proved" ? { ...query, verdict: "undecided" } : query,
    );
    return { ...proof, queries, verdict: worst(queries), objections };
}

/** The proof for a model, and what the separate checker says of it. */
export const prove = (model: Model): Proof => checked(search(model));

/** A model without a domain has nothing to be isolated: every query is then undecided. */
export function search(model: Model): Omit<Proof, "objections"> {
    const graph = buildGraph(model);
    const prover = new Prover(graph);
    const runs = new Map<RunName, Spread>(
        (["workstations", "workstations-by-enclave", "gateways"] as const).map((name) => [
            name,
            prover.spread(name),
        ]),
    );
    const labels = new Map([...runs].map(([name, run]) => [name, labelsOf(run)]));
    const empty = model.domains.length === 0;
    const queries = QUERIES.map((query): QueryResult => {
        const reached = labels.get(query.run);
        return reached === undefined || empty
            ? {
                  id: query.id,
                  title: query.title,
                  why: query.why,
                  verdict: "undecided",
                  breaches: [],
                  more: 0,
              }
            : prover.ask(query, reached);
    });
    return {
        verdict: worst(queries),
        queries,
        trust: trustOf(model, graph),
        graph,
        certificate: prover.certificate(runs, queries),
    };
}
