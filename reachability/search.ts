/**
 * Who reaches what: every source's label is spread along the edges until nothing changes. A place that two
 * sources reach holds MANY; so each place changes at most twice and the work is linear in the edges.
 */
import type { Edge, Graph } from "./graph";
import { ALL, type ClassSet } from "./packet";

export const NONE = -1;
const MANY = -2;

/** Classes that every edge treats alike are searched as one. */
export function groupsOf(edges: readonly Edge[]): readonly ClassSet[] {
    let groups: ClassSet[] = [ALL];
    const seen = new Set<ClassSet>([ALL]);
    edges.forEach(({ classes }) => {
        if (!seen.has(classes)) {
            seen.add(classes);
            groups = groups.flatMap((group) =>
                [group & classes, group & ~classes].filter((part) => part !== 0),
            );
        }
    });
    return groups;
}

/** Edges by the node that they leave, or by the one that they enter. */
export class Adjacency {
    readonly #start: Int32Array;
    readonly #edges: Int32Array;

    /** @param usable by index; default: all */
    constructor(
        nodes: number,
        edges: readonly Edge[],
        end: "from" | "to",
        usable: (e: number) => boolean = () => true,
    ) {
        this.#start = new Int32Array(nodes + 1);
        edges.forEach((edge, e) => {
            if (usable(e)) {
                const at = edge[end] + 1;
                this.#start[at] = (this.#start[at] ?? 0) + 1;
            }
        });
        for (let i = 0; i < nodes; i += 1) {
            this.#start[i + 1] = (this.#start[i + 1] ?? 0) + (this.#start[i] ?? 0);
        }
        this.#edges = new Int32Array(edges.length);
        const next = this.#start.slice();
        edges.forEach((edge, e) => {
            if (usable(e)) {
                const slot = next[edge[end]] ?? 0;
                this.#edges[slot] = e;
                next[edge[end]] = slot + 1;
            }
        });
    }

    /** Where the edges of a node begin in `edge`; they end where the next one's begin. */
    start(node: number): number {
        return this.#start[node] ?? 0;
    }

    edge(slot: number): number {
        return this.#edges[slot] ?? 0;
    }
}

export interface Spread {
    /** Label at node * groups.length + group. */
    readonly labels: readonly number[];
    readonly groups: readonly ClassSet[];
}

/**
 * @param leaving the edges that may be used, by the node that they leave
 * @param sources names each node where something begins, with its label
 */
export function spread(
    { nodes, edges }: Graph,
    leaving: Adjacency,
    groups: readonly ClassSet[],
    sources: (start: (node: number, label: number) => void) => void,
): Spread {
    const width = groups.length;
    const labels = new Array<number>(nodes.length * width).fill(NONE);
    const work: number[] = [];
    const join = (state: number, label: number): void => {
        const before = labels[state] ?? NONE;
        const after = before === NONE || before === label ? label : MANY;
        if (after !== before) {
            labels[state] = after;
            work.push(state);
        }
    };
    sources((node, label) => {
        for (let g = 0; g < width; g += 1) {
            join(node * width + g, label);
        }
    });
    for (let state = work.pop(); state !== undefined; state = work.pop()) {
        const group = state % width;
        const label = labels[state] ?? NONE;
        const node = (state - group) / width;
        for (let slot = leaving.start(node), end = leaving.start(node + 1); slot < end; slot += 1) {
            const edge = edges[leaving.edge(slot)];
            if (edge === undefined || (edge.classes & (groups[group] ?? 0)) === 0) {
                continue;
            }
            if (edge.rewrites === true) {
                for (let g = 0; g < width; g += 1) {
                    join(edge.to * width + g, label);
                }
            } else {
                join(edge.to * width + group, label);
            }
        }
    }
    return { labels, groups };
}

/** Label of each node over all classes: NONE, one source, or MANY. */
export function labelsOf({ labels, groups }: Spread): Int32Array {
    const width = groups.length;
    const found = new Int32Array(labels.length / width).fill(NONE);
    for (let node = 0; node < found.length; node += 1) {
        for (let g = 0; g < width; g += 1) {
            const label = labels[node * width + g] ?? NONE;
            const before = found[node] ?? NONE;
            if (label !== NONE && label !== before) {
                found[node] = before === NONE ? label : MANY;
            }
        }
    }
    return found;
}

export interface Path {
    readonly source: number;
    /** The class that the packet has when it leaves. */
    readonly classes: ClassSet;
    /** Indexes of edges, first to last. */
    readonly edges: readonly number[];
}

/**
 * Shortest paths from sources to a target, one for each edge that leaves a source, searched backwards once: a
 * source with two channels has two paths, and neither hides the other.
 * @param wanted whether a path from this node is asked for
 * @param limit stops after so many paths
 */
export function pathsTo(
    graph: Graph,
    entering: Adjacency,
    groups: readonly ClassSet[],
    target: number,
    wanted: (node: number) => boolean,
    limit = Infinity,
): Path[] {
    const width = groups.length;
    const next = new Map<number, { readonly edge: number; readonly state: number } | undefined>();
    let frontier = groups.map((_, g) => target * width + g);
    frontier.forEach((state) => next.set(state, undefined));
    const paths = new Map<number, Path>();
    while (frontier.length > 0 && paths.size < limit) {
        const further: number[] = [];
        for (const state of frontier) {
            const group = state % width;
            const node = (state - group) / width;
            for (let slot = entering.start(node), end = entering.start(node + 1); slot < end; slot += 1) {
                const e = entering.edge(slot);
                const edge = graph.edges[e];
                if (edge === undefined) {
                    continue;
                }
                const from = edge.rewrites === true ? groups.map((_, g) => g) : [group];
                for (const g of from.filter((i) => (edge.classes & (groups[i] ?? 0)) !== 0)) {
                    const before = edge.from * width + g;
                    if (paths.size < limit && !paths.has(e) && wanted(edge.from)) {
                        paths.set(e, {
                            source: edge.from,
                            classes: groups[g] ?? 0,
                            edges: [e, ...follow(next, state)],
                        });
                    }
                    if (!next.has(before)) {
                        next.set(before, { edge: e, state });
                        further.push(before);
                    }
                }
            }
        }
        frontier = further;
    }
    return [...paths.values()];
}

function follow(
    next: ReadonlyMap<number, { readonly edge: number; readonly state: number } | undefined>,
    start: number,
): number[] {
    const edges: number[] = [];
    for (let step = next.get(start); step !== undefined; step = next.get(step.state)) {
        edges.push(step.edge);
    }
    return edges;
}
