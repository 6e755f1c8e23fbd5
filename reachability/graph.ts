/** The graph that is searched: plain data, so that a checker which shares no code with us can read it. */
import type { Origin } from "../model";
import type { ClassSet } from "./packet";

export type Place =
    /** Programs of a guest, as senders. */
    | "guest-out"
    /** Programs of a guest, as receivers. */
    | "guest-in"
    | "nic-out"
    | "nic-in"
    | "segment"
    | "tor"
    | "host"
    | "lan"
    | "outside";

export interface GraphNode {
    readonly place: Place;
    /** Unique: `out <urn>`. */
    readonly id: string;
    /** For people. */
    readonly label: string;
    /** Index of the domain in the model; guests, NICs and tor. */
    readonly domain?: number;
}

export interface Edge {
    readonly from: number;
    readonly to: number;
    readonly classes: ClassSet;
    /** A program takes part: whatever comes in, anything may go out. */
    readonly rewrites?: boolean;
    /** False: nobody can exclude it; a path over such an edge leaves the question undecided. */
    readonly sure: boolean;
    /** The input that allows it. */
    readonly at: Origin;
    /**
     * What it says there and what follows from it; asked for only when it is shown, as most edges never are.
     */
    readonly because: string | (() => string);
    /** What to change so that the edge is gone. */
    readonly fix: string;
}

export const reasonOf = (edge: Edge): string =>
    typeof edge.because === "string" ? edge.because : edge.because();

export interface Graph {
    readonly nodes: readonly GraphNode[];
    readonly edges: readonly Edge[];
}

/** Collects nodes and edges; one node for each id. */
export class GraphBuilder {
    readonly nodes: GraphNode[] = [];
    readonly edges: Edge[] = [];
    readonly #index = new Map<string, number>();

    node(place: Place, id: string, label: string, domain?: number): number {
        const key = `${place} ${id}`;
        const before = this.#index.get(key);
        if (before !== undefined) {
            return before;
        }
        this.#index.set(key, this.nodes.length);
        return this.#push(place, key, label, domain);
    }

    /** A node that nobody will ask for again by its id. */
    own(place: Place, id: string, label: string, domain: number): number {
        return this.#push(place, `${place} ${id}`, label, domain);
    }

    #push(place: Place, id: string, label: string, domain?: number): number {
        return (
            this.nodes.push(domain === undefined ? { place, id, label } : { place, id, label, domain }) - 1
        );
    }

    edge(edge: Edge): void {
        this.edges.push(edge);
    }
}
