/**
 * Digests for messages that do not print in full what they judge. An acknowledgement accepts a message, word
 * for word: what it does not print has to be in it as a digest, or it would go on holding when another thing
 * stands there.
 */
import { createHash } from "node:crypto";
import { memoize } from "../util/memoize";
import { slowDigest } from "../values/names";
import type { Fact } from "./fact";
import type { Node } from "./tree";

const LENGTH = 12;

/** Keys in one order, however they were written; where a value was read (`at`) is no part of it. */
const ordered = (_key: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
              Object.entries(value)
                  .filter(([key]) => key !== "at")
                  .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : value;

const canonical = (value: unknown): string => JSON.stringify(value, ordered) ?? "undefined";

/** 12 hexadecimal digits of the SHA-256 of a value. For what holds no secret. */
export const digestOf = (value: unknown): string =>
    createHash("sha256").update(canonical(value)).digest("hex").slice(0, LENGTH);

const sealed = new Map<string, string>();
/** Digests that are kept; beyond that they are forgotten. */
const KEPT = 4096;

/**
 * The like for contents of seeds, which may hold a secret: each guess at it costs its tester some 50 ms
 * (names.ts).
 */
export const sealOf = (value: unknown): string =>
    typeof value === "object" && value !== null ? sealOfRecord(value) : sealOfText(canonical(value));

/** A ruleset of a thousand rules stands in a message for each. */
const sealOfRecord = memoize((record: object): string => sealOfText(canonical(record)));

function sealOfText(text: string): string {
    const before = sealed.get(text);
    if (before !== undefined) {
        return before;
    }
    if (sealed.size >= KEPT) {
        sealed.clear();
    }
    const made = slowDigest(LENGTH, text);
    sealed.set(text, made);
    return made;
}

/** Addresses of devices inside a guest, which libvirt chooses. */
const BUSES: ReadonlySet<string | undefined> = new Set([
    "pci",
    "drive",
    "virtio-serial",
    "usb",
    "isa",
    "ccid",
]);
const textOf = (fact: Fact<string | undefined>): string | undefined =>
    fact.kind === "known" ? fact.value : undefined;

/**
 * What libvirt writes into live XML at each start, and means nothing: aliases, places on a bus, numbers of
 * taps and terminals.
 */
const passing = (node: Node): boolean =>
    node.name === "alias" ||
    (node.name === "address" &&
        BUSES.has(
            textOf(
                node.children.find((child) => child.name === "type")?.value ?? {
                    kind: "opaque",
                    why: "",
                    at: node.at,
                },
            ),
        )) ||
    /^(\/dev\/pts\/|vnet)\d+$/.test(textOf(node.value) ?? "");

const plainNode = (node: Node): unknown => [
    node.name,
    node.value.kind === "known" ? (node.value.value ?? null) : { [node.value.kind]: node.value.why },
    node.children
        .filter((child) => !passing(child))
        .map(plainNode)
        .map(canonical)
        .sort(),
];

/** The digest of an element with all that is in it, in whatever order. */
export const digestOfNode = memoize((node: Node): string => digestOf(plainNode(node)));

/** As messages have it. */
export const marked = (digest: string): string => `(digest ${digest})`;
