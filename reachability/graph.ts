/**
 * The graph that is searched: plain data, so that a checker which shares no code with us can read it. Nodes
 * and edges hold what a certificate says of them and nothing else; what people read stands beside them.
 */
import type { Role } from "../cloud-init/guest";
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

/** Whose a node is; guests, NICs and tor. */
export interface Owner {
    /** Index of the domain in the model. */
    readonly domain: number;
    readonly role: Role;
    /** Index of its enclave. */
    readonly enclave: number;
}

export interface GraphNode extends Partial<Owner> {
    readonly place: Place;
    /** Unique: `guest-out <urn>`. */
    readonly id: string;
}

export interface Edge {
    readonly from: number;
    readonly to: number;
    readonly classes: ClassSet;
    /** A program takes part: whatever comes in, anything may go out. */
    readonly rewrites?: true;
}

/** Why an edge is there; several may have one reason. */
export interface Reason {
    /** False: it cannot be excluded; a path over such an edge leaves the question undecided. */
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

export const becauseOf = ({ because }: Reason): string => (typeof because === "string" ? because : because());

export interface Graph {
    readonly nodes: readonly GraphNode[];
    /** Of each node, for people. */
    readonly labels: readonly string[];
    readonly edges: readonly Edge[];
    /** Of each edge. */
    readonly reasons: readonly Reason[];
}

/** A host's surroundings. */
export interface Sinks {
    readonly host: number;
    readonly lan: number;
    readonly outside: number;
}

/** Collects nodes and edges. */
export class GraphBuilder implements Graph {
    readonly nodes: GraphNode[] = [];
    readonly labels: string[] = [];
    readonly edges: Edge[] = [];
    readonly reasons: Reason[] = [];
    readonly #index = new Map<string, number>();
    readonly #sinks = new Map<string, Sinks>();

    /** One node for each place and id. */
    node(place: Place, name: string, label: string): number {
        const id = `${place} ${name}`;
        let index = this.#index.get(id);
        if (index === undefined) {
            index = this.#add({ place, id }, label);
            this.#index.set(id, index);
        }
        return index;
    }

    /** A node that is not asked for again by its id. */
    own(place: Place, name: string, label: string, { domain, role, enclave }: Owner): number {
        return this.#add({ place, id: `${place} ${name}`, domain, role, enclave }, label);
    }

    #add(node: GraphNode, label: string): number {
        this.labels.push(label);
        return this.nodes.push(node) - 1;
    }

    sinks(host: string): Sinks {
        let made = this.#sinks.get(host);
        if (made === undefined) {
            made = {
                host: this.node("host", host, `host ${host}`),
                lan: this.node("lan", host, `LAN of ${host}`),
                outside: this.node("outside", "", "outside"),
            };
            this.#sinks.set(host, made);
        }
        return made;
    }

    edge(from: number, to: number, classes: ClassSet, reason: Reason): void {
        this.edges.push({ from, to, classes });
        this.reasons.push(reason);
    }

    /** From a program that hears to the same as one that speaks: it may pass on whatever it hears. */
    program(from: number, to: number, classes: ClassSet, reason: Reason): void {
        this.edges.push({ from, to, classes, rewrites: true });
        this.reasons.push(reason);
    }

    /** An uplink: from here the host, its LAN and the outside are reached. */
    uplink(from: number, host: string, classes: ClassSet, reason: Reason): void {
        const { host: stack, lan, outside } = this.sinks(host);
        this.edge(from, outside, classes, reason);
        this.edge(from, lan, classes, reason);
        this.edge(from, stack, classes, reason);
    }
}
