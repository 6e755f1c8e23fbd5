/**
 * The one model: what a stack declares, or what a host has, as typed facts. Adapters (`model/adapters`) make
 * it from Pulumi resources of either provider shape, from exports and previews, and from live libvirt XML;
 * rules, the reachability proof and diagrams read nothing else.
 *
 * How to read it:
 * - Every property that could be undecided is a `Fact`: known, unknown or opaque (fact.ts). `holds(fact, p)` answers
 *   yes, no or undecided; treat undecided as a finding.
 * - Records hold what libvirt will get. Provider defaults are filled in and pinned stylesheets are applied; a foreign
 *   stylesheet makes the record's own `stylesheet` opaque and every tree below it, too.
 * - Whatever has no typed property is in the record's `xml` tree: `valueAt(domain.xml, "onCrash")` (tree.ts).
 * - NICs, disks and seeds are resolved: `nic.attachment` names the network's `resource.id`; look it up with
 *   `networkById`. `enclavesOf` (enclaves.ts) groups domains by the isolated network that they share.
 * - What is declared (inputs) and what was read from the host since (outputs) are two facts. Records hold what is declared
 *   only where the two agree; where they differ the property is opaque, and `problems` names it (adapters/observed.ts).
 * - What the adapter met and cannot place is in `problems` and `unrecognised`; both must become findings.
 */
import type { Fact, Origin } from "./fact";
import type { Domain } from "./domain";
import type { Network } from "./network";
import type { Host, Resource } from "./resource";
import type { Seed } from "./seed";
import type { Pool, Volume } from "./storage";

/** Where the model was read from. */
export type Source = "policy" | "export" | "preview" | "live";

/**
 * A resource that may run something on a machine (`command:*`, dynamic resources, every package that is not
 * known to be harmless): it could undo everything else.
 */
export interface Actuator {
    readonly resource: Resource;
    /** Programs by property: create, update, delete, and for remote ones also the connection. */
    readonly commands: Fact<Readonly<Record<string, string>>>;
    /** Environment and standard input. */
    readonly environment: Fact<Readonly<Record<string, string>>>;
    /** Names of its properties beside those, `triggers` and what a run has printed. */
    readonly otherProperties: readonly string[];
}

/** A component, with the plain inputs that it was declared with. */
export interface Component {
    readonly resource: Resource;
    readonly inputs: Fact<Readonly<Record<string, unknown>>>;
}

/** Something that could not be read at all, or of which the state says two things. */
export interface Problem {
    readonly at: Origin;
    readonly what: string;
    readonly fix: string;
    /** It is about a domain or network, which a look at the host itself (`plan --live`) answers. */
    readonly readLive?: true;
}

export interface Model {
    readonly source: Source;
    readonly hosts: readonly Host[];
    readonly networks: readonly Network[];
    readonly domains: readonly Domain[];
    readonly seeds: readonly Seed[];
    readonly volumes: readonly Volume[];
    readonly pools: readonly Pool[];
    readonly actuators: readonly Actuator[];
    readonly components: readonly Component[];
    /**
     * Resources of libvirt's that no record above holds (a type or shape that is not known), and raw host
     * access.
     */
    readonly unrecognised: readonly Resource[];
    /** Resources that are values in the state: random, tls, stack references. */
    readonly others: readonly Resource[];
    readonly problems: readonly Problem[];
    /** What stands before the change; previews only. */
    readonly previous?: Model;
}

const indexes = new WeakMap<Model, ReadonlyMap<string, Network>>();

/** The network with this `resource.id`. */
export function networkById(model: Model, id: string): Network | undefined {
    let index = indexes.get(model);
    if (index === undefined) {
        index = new Map(model.networks.map((n) => [n.resource.id, n]));
        indexes.set(model, index);
    }
    return index.get(id);
}
