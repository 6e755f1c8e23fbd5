/**
 * Pulumi resources as plain data, wherever they came from. What is not a plain value is a mark: unknown, or
 * opaque (encrypted, an asset). Marks never pass for a value: every reader below has to look for them.
 */
import { known, opaque, unknown, type Fact, type Opaque, type Origin, type Unknown } from "..";

const MARK = Symbol("mark");

export interface Mark {
    readonly [MARK]: "unknown" | "opaque";
    readonly why: string;
}

export type Raw = string | number | boolean | null | Mark | readonly Raw[] | RawObject;
export interface RawObject {
    readonly [key: string]: Raw;
}

export const markUnknown = (why = "known only after the update"): Mark => ({ [MARK]: "unknown", why });
export const markOpaque = (why: string): Mark => ({ [MARK]: "opaque", why });
export const isMark = (raw: Raw | undefined): raw is Mark =>
    typeof raw === "object" && raw !== null && MARK in raw;
export const isList = (raw: Raw | undefined): raw is readonly Raw[] => Array.isArray(raw);
export const isObject = (raw: Raw | undefined): raw is RawObject =>
    typeof raw === "object" && raw !== null && !isList(raw) && !isMark(raw);

/** The fact that a mark stands for. */
export const markFact = (mark: Mark, at: Origin): Unknown<never> | Opaque =>
    mark[MARK] === "unknown" ? (unknown<never>(at, mark.why) as Unknown<never>) : opaque(at, mark.why);

/** Absent as the bridge writes it: missing, null, "" and empty lists are one. */
export const absent = (raw: Raw | undefined): raw is null | undefined | "" =>
    raw === undefined || raw === null || raw === "" || (isList(raw) && raw.length === 0);

/** Text; numbers and booleans as text; absent as undefined. */
export function textFact(raw: Raw | undefined, at: Origin): Fact<string | undefined> {
    if (absent(raw)) {
        return known(undefined, at);
    }
    if (isMark(raw)) {
        return markFact(raw, at);
    }
    return typeof raw === "object" ? opaque(at, "a text was expected here") : known(String(raw), at);
}

/** @param otherwise the value of an absent property */
export function booleanFact(raw: Raw | undefined, at: Origin, otherwise: boolean): Fact<boolean> {
    if (absent(raw)) {
        return known(otherwise, at);
    }
    if (isMark(raw)) {
        return markFact(raw, at);
    }
    if (typeof raw === "boolean") {
        return known(raw, at);
    }
    if (raw === "true" || raw === "yes") {
        return known(true, at);
    }
    return raw === "false" || raw === "no" ? known(false, at) : opaque(at, "true or false was expected here");
}

/** Items of a list; a single object counts as a list of one, as the bridge flattens lists of at most one. */
export function listFact(raw: Raw | undefined, at: Origin): Fact<readonly Raw[]> {
    if (absent(raw)) {
        return known([], at);
    }
    if (isMark(raw)) {
        return markFact(raw, at);
    }
    if (isList(raw)) {
        return known(raw, at);
    }
    return isObject(raw) ? known([raw], at) : opaque(at, "a list was expected here");
}

/** A property of something that may be no object: absent then, or the mark itself. */
export function property(raw: Raw | undefined, key: string): Raw | undefined {
    if (isMark(raw)) {
        return raw;
    }
    return isObject(raw) && Object.hasOwn(raw, key) ? raw[key] : undefined;
}

/** Whether the property is there in any form, marks included. */
export const has = (raw: RawObject, key: string): boolean => Object.hasOwn(raw, key) && !absent(raw[key]);

/** One resource of a stack. */
export interface RawResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    /** The provider's id; undefined before creation. */
    readonly id?: string;
    /** What is declared; what only the state knows is filled in from there. */
    readonly properties: RawObject;
    /** Outputs: what the provider has read from the host since. Undefined: nothing has been read. */
    readonly observed?: RawObject;
    /** URN of the provider. */
    readonly provider?: string;
    readonly parent?: string;
    readonly dependsOn: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly deleteBeforeReplace?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges: readonly string[];
    readonly operation?: "create" | "update" | "replace" | "delete" | "same" | "other";
    readonly secretInputs: readonly string[];
}

/** `urn:pulumi:stack::project::parent$type::name`. */
export function nameOfUrn(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

/** Provider reference `URN::id` without the id. */
export const providerUrn = (reference: string): string => reference.split("::").slice(0, 4).join("::");
