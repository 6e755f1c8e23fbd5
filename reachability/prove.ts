/**
 * Asks the queries of the graph, in which tor has no edges. Proved with a certificate, refuted with a path, or
 * undecided with one.
 */
import { checkCertificate } from "./check-certificate";
import type { Model } from "../model";
import { WITHIN } from "./segments";
import { buildGraph, type BuiltGraph, type Guest } from "./build";
import type { Certificate, CertificateRun } from "./certificate";
import { becauseOf, type Place } from "./graph";
import { CLASSES, classNames } from "./packet";
import { QUERIES, type Query, type QueryId, type RunName } from "./queries";
import { Adjacency, groupsOf, labelsOf, NONE, pathsTo, spread, type Path, type Spread } from "./search";
import { trustOf, type Trust } from "./trust";

export type Verdict = "proved" | "refuted" | "undecided";

interface Hop {
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

class Prover {
    readonly #graph: BuiltGraph;
    readonly #guests: readonly Guest[];
    readonly #byPlace = new Map<Place, number[]>();
    readonly #groups: readonly number[];
    readonly #leaving: Adjacency;
    #entering?: { readonly all: Adjacency; readonly sure: Adjacency };

    constructor(graph: BuiltGraph) {
        this.#graph = graph;
        this.#guests = graph.guests;
        const { nodes, edges } = graph;
        this.#leaving = new Adjacency(nodes.length, edges, "from");
        this.#groups = groupsOf(edges);
        nodes.forEach(({ place }, i) => {
            const list = this.#byPlace.get(place);
            if (list === undefined) {
                this.#byPlace.set(place, [i]);
            } else {
                list.push(i);
            }
        });
    }

    /** Whether guests of this kind are where a run begins. */
    #starts(run: RunName, guest: Guest): boolean {
        return guest.gateway === (run === "gateways");
    }

    /** Whose label a guest has in a run. */
    #label(run: RunName, guest: Guest, domain: number): number {
        return run === "workstations-by-enclave" ? guest.enclave : domain;
    }

    spread(run: RunName): Spread {
        return spread(this.#graph, this.#leaving, this.#groups, (start) =>
            this.#guests.forEach((guest, domain) => {
                if (this.#starts(run, guest)) {
                    start(guest.out, this.#label(run, guest, domain));
                }
            }),
        );
    }

    /** @param labels of each node */
    ask(query: Query, labels: Int32Array): QueryResult {
        const { nodes } = this.#graph;
        const targets: number[] = [];
        for (const place of query.places) {
            for (const i of this.#byPlace.get(place) ?? []) {
                const [node, label] = [nodes[i], labels[i] ?? NONE];
                if (label !== NONE && node !== undefined && query.breaks(node, label)) {
                    targets.push(i);
                }
            }
        }
        targets.sort((a, b) => a - b);
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
                most: nodes[target]?.domain === undefined ? Infinity : NAMED,
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
        const ordered = breaches.sort(
            (a, b) => Number(b.verdict === "refuted") - Number(a.verdict === "refuted"),
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
        const { nodes, edges, reasons } = graph;
        this.#entering ??= {
            all: new Adjacency(nodes.length, edges, "to"),
            sure: new Adjacency(nodes.length, edges, "to", (e) => reasons[e]?.sure === true),
        };
        const goal = nodes[target];
        const wanted = (i: number): boolean => {
            const { domain } = nodes[i] ?? {};
            const guest = domain === undefined ? undefined : this.#guests[domain];
            return (
                goal !== undefined &&
                domain !== undefined &&
                guest?.out === i &&
                this.#starts(query.run, guest) &&
                query.breaks(goal, this.#label(query.run, guest, domain))
            );
        };
        // Of a guest as target some attackers are named, of a place outside every one.
        const limit = goal?.domain === undefined ? Infinity : NAMED + 1;
        const sure = pathsTo(graph, this.#entering.sure, this.#groups, target, wanted, limit);
        const maybe = pathsTo(graph, this.#entering.all, this.#groups, target, wanted, limit);
        const breaches = [
            ...sure.map((p) => this.#breach(p, target, "refuted")),
            ...maybe.map((p) => this.#breach(p, target, "undecided")),
        ];
        // One for each path out of each source; what is sure comes first.
        return [
            ...new Map(
                [...breaches].reverse().map((b) => [JSON.stringify([b.sourceResource, b.by]), b]),
            ).values(),
        ].reverse();
    }

    #leaves({ edges: [first = -1] }: Path): string {
        const { nodes, labels, edges, reasons } = this.#graph;
        const to = edges[first]?.to ?? -1;
        return (
            (nodes[to]?.place === "nic-out" ? / (nic \d+)$/.exec(labels[to] ?? "")?.[1] : undefined) ??
            reasons[first]?.at.path ??
            ""
        );
    }

    #breach(path: Path, target: number, verdict: Breach["verdict"]): Breach {
        const reasons = path.edges.flatMap((e) => this.#graph.reasons[e] ?? []);
        const guest = this.#guests[this.#graph.nodes[path.source]?.domain ?? -1];
        // The first ambiguous hop, or the last one, is where a change helps most.
        const key = reasons.find((r) => !r.sure) ?? reasons.at(-1);
        return {
            verdict,
            source: guest?.domain.resource.name ?? "",
            sourceResource: guest?.domain.resource.id ?? "",
            target: this.#graph.labels[target] ?? "",
            by: this.#leaves(path),
            packet: classNames(path.classes),
            hops: reasons
                .filter((r) => r.because !== WITHIN)
                .map((r) => ({
                    resource: r.at.resource,
                    input: r.at.path,
                    because: becauseOf(r),
                    sure: r.sure,
                })),
            fix: key?.fix ?? "",
        };
    }

    certificate(runs: ReadonlyMap<RunName, Spread>, results: readonly QueryResult[]): Certificate {
        const { nodes, edges } = this.#graph;
        const proved = new Set(results.filter((r) => r.verdict === "proved").map((r) => r.id));
        return {
            version: 1,
            classes: CLASSES,
            nodes,
            edges,
            cut: (this.#byPlace.get("tor") ?? []).map((i) => nodes[i]?.id ?? ""),
            runs: [...runs].map(([sources, { groups, labels }]): CertificateRun => ({
                sources,
                groups,
                labels,
                claims: QUERIES.filter((q) => q.run === sources && proved.has(q.id)).map((q) => q.id),
            })),
        };
    }
}

const worst = (results: readonly QueryResult[]): Verdict =>
    (["refuted", "undecided"] as const).find((verdict) => results.some((r) => r.verdict === verdict)) ??
    "proved";

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
