/**
 * A value in the model, with the place it was read from. There are three kinds and no others:
 *
 * - known: this is what the host will get (absent properties are known too: as the provider's or libvirt's default);
 * - unknown: not decided yet (a preview's outputs); `candidates` holds every value it may become, when that is known;
 * - opaque: something is there that this program does not understand (a foreign stylesheet, a line it cannot parse).
 *
 * Code that reads a fact must say what happens for each kind. Unknown and opaque never count as safe.
 */

import { digestOf, marked } from "./digest";

/** Where a fact was read: shown in findings as the very input that is to blame. */
export interface Origin {
    /** URN of the Pulumi resource, or `domain NAME` / `network NAME` of live XML. */
    readonly resource: string;
    /**
     * Path of the input in the words of its source: `networkInterfaces[0].networkName`. Empty for the whole
     * resource.
     */
    readonly path: string;
}

export interface Known<T> {
    readonly kind: "known";
    readonly value: T;
    readonly at: Origin;
}

export interface Unknown<T> {
    readonly kind: "unknown";
    /** Why it is not known: one clause for the reader. */
    readonly why: string;
    /**
     * Every value that it may become, when the declared dependencies tell; absent means anything. Never
     * empty.
     */
    readonly candidates?: readonly T[];
    readonly at: Origin;
}

export interface Opaque {
    readonly kind: "opaque";
    readonly why: string;
    readonly at: Origin;
}

export type Fact<T> = Known<T> | Unknown<T> | Opaque;

export const known = <T>(value: T, at: Origin): Known<T> => ({ kind: "known", value, at });
export const opaque = (at: Origin, why: string): Opaque => ({ kind: "opaque", why, at });

/** @param candidates left out when empty: no candidate at all says nothing */
export const unknown = <T>(at: Origin, why: string, candidates: readonly T[] = []): Unknown<T> =>
    candidates.length > 0 ? { kind: "unknown", why, candidates, at } : { kind: "unknown", why, at };

/** A value made of a known one; unknown stays unknown with its candidates mapped, opaque stays opaque. */
export function mapFact<T, U>(fact: Fact<T>, f: (value: T) => U): Fact<U> {
    switch (fact.kind) {
        case "known":
            return { kind: "known", value: f(fact.value), at: fact.at };
        case "unknown":
            return unknown(fact.at, fact.why, fact.candidates?.map(f));
        case "opaque":
            return fact;
    }
}

/** Every value that the fact may have, or undefined when it may have any. */
export function possible<T>(fact: Fact<T>): readonly T[] | undefined {
    switch (fact.kind) {
        case "known":
            return [fact.value];
        case "unknown":
            return fact.candidates;
        case "opaque":
            return undefined;
    }
}

/** Whether a statement holds of a fact. */
export type Answer = "yes" | "no" | "undecided";

/** Yes when it holds of every possible value, no when it holds of none, undecided otherwise. */
export function holds<T>(fact: Fact<T>, predicate: (value: T) => boolean): Answer {
    const values = possible(fact);
    if (values === undefined || values.length === 0) {
        return "undecided";
    }
    if (values.every(predicate)) {
        return "yes";
    }
    return values.some(predicate) ? "undecided" : "no";
}

const shown = (value: unknown): string => {
    const text = value === undefined ? "absent" : JSON.stringify(value);
    return text.length > 120 ? `${text.slice(0, 120)}… ${marked(digestOf(value))}` : text;
};

/** `networkInterfaces[0].networkName = "default"`, `… is unknown (why)` or `… is opaque (why)`. */
export function describeFact(fact: Fact<unknown>): string {
    const path = fact.at.path === "" ? "it" : fact.at.path;
    return fact.kind === "known" ? `${path} = ${shown(fact.value)}` : `${path} is ${fact.kind} (${fact.why})`;
}

/** An origin below another. */
export function below(at: Origin, key: string | number): Origin {
    const property = at.path === "" ? String(key) : `${at.path}.${key}`;
    return { resource: at.resource, path: typeof key === "number" ? `${at.path}[${key}]` : property };
}
