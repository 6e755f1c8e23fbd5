/** What the generator draws from: one way to make a good stack unsafe, and where it may be seen. */
import type { LiveHost } from "../../../model/adapters";
import type { FixtureResource } from "../fixtures/resources";
import type { Phase } from "../fixtures/good";
import type { Random } from "./random";

export type Props = Record<string, unknown>;
export type Shape = "0.8" | "0.9";

/**
 * resources: as the policy pack gets them; refreshed: an export after `pulumi refresh`; live: libvirt's XML
 * with that.
 */
export type Form = "resources" | "export" | "refreshed" | "preview" | "live";

/** A good stack. */
export interface Base {
    readonly title: string;
    readonly shape: Shape;
    /** preview: nothing is there yet, ids are unknown. */
    readonly phase: Phase;
    readonly stack: readonly FixtureResource[];
}

/** One resource of an export, as the engine writes it. */
export interface State extends Props {
    urn: string;
    type: string;
    custom: boolean;
    inputs: Props;
    /** What the provider said after it made or read it. */
    outputs: Props;
}

export interface Step extends Props {
    op: string;
    urn: string;
    oldState?: State;
    newState?: State;
}

/** The same, to be changed. */
type Mutable<T> = T extends string ? T : { -readonly [Key in keyof T]: Mutable<T[Key]> };

/** What libvirt shows. */
export type Live = Mutable<LiveHost>;

interface Common {
    readonly kind: string;
    /** What changes, in words; with its kind it is the production's id. */
    readonly name: string;
    /** Why the result is unsafe, with the source. */
    readonly why: string;
    /** Default: both. */
    readonly shapes?: readonly Shape[];
    /**
     * A base that has what it changes; a change that would be harmless is left out here, not by its result.
     */
    readonly needs?: (base: Base) => boolean;
}

/** What the program wants, and so what the host gets: seen in every form but live. */
interface StackProduction extends Common {
    readonly on: "stack";
    readonly phases?: readonly Phase[];
    readonly forms?: readonly Exclude<Form, "live">[];
    readonly change: (r: Random, stack: FixtureResource[], base: Base) => void;
}

/** What an export says, apart from what the program wants. */
interface ExportProduction extends Common {
    readonly on: "export";
    readonly forms?: readonly ("export" | "refreshed")[];
    readonly change: (r: Random, states: State[], base: Base) => void;
}

/** What an update would do. Steps are all `same` before it. */
interface PreviewProduction extends Common {
    readonly on: "preview";
    readonly change: (r: Random, steps: Step[], base: Base) => void;
}

interface LiveProduction extends Common {
    readonly on: "live";
    readonly change: (r: Random, host: Live, base: Base) => void;
}

/** A deviation that was accepted, and another of its kind in its place, which was not. */
interface AcceptedProduction extends Common {
    readonly on: "accepted";
    readonly change: (
        r: Random,
        base: Base,
    ) => readonly [accepted: (stack: FixtureResource[]) => void, instead: (stack: FixtureResource[]) => void];
}

export type Production =
    StackProduction | ExportProduction | PreviewProduction | LiveProduction | AcceptedProduction;

type Without<T> = T extends Production ? Omit<T, "kind"> : never;

/** Productions of one kind. */
export const ofKind = (kind: string, list: readonly Without<Production>[]): Production[] =>
    list.map((production) => ({ kind, ...production }) as Production);

export const idOf = ({ kind, name }: Production): string => `${kind}: ${name}`;
