/** What `plan --live` reads from one host, and its XML as trees. */
import { own } from "../../util/own";
import { valueAt, type Fact, type Node } from "..";
import { InputError } from "./input-error";
import { parseXml } from "./xml";

/** Of two kinds of libvirt's objects that have a state. */
interface OfEach<T> {
    readonly domains: T;
    readonly networks: T;
}

/** What was read from one host. */
export interface LiveHost {
    readonly uri: string;
    /** XML of each, running or only defined. */
    readonly domains: readonly string[];
    readonly networks: readonly string[];
    /** XML of what those that run will be at their next start, where that is defined (`--inactive`). */
    readonly next: OfEach<readonly string[]>;
    /** XML of every storage pool. */
    readonly pools: readonly string[];
    /** Names of the networks that are started: the XML does not say it. */
    readonly active: readonly string[];
    /** Names of those that start with the host: the XML does not say it. */
    readonly autostart: OfEach<readonly string[]>;
    /** Names of the domains that have a snapshot, a checkpoint or a managed save. */
    readonly kept: readonly string[];
    readonly taps: Taps;
}

/** Who says which bridge a tap is on. */
export type Taps =
    /** This machine's kernel, beside libvirt: by device, its bridge; empty: none. */
    | { readonly from: "kernel"; readonly bridges: Readonly<Record<string, string>> }
    /** libvirt alone, which may be on another machine: that one's kernel cannot be read through it. */
    | { readonly from: "libvirt" }
    /** The kernel is this machine's, and did not answer. */
    | { readonly from: "unknown"; readonly why: string };

export type Kind = "domain" | "network" | "pool";

export interface Parsed {
    readonly tree: Node;
    readonly name: string;
    readonly uri: string;
    readonly xml: string;
}

const VERBS: Readonly<Record<Kind, string>> = {
    domain: "dumpxml",
    network: "net-dumpxml",
    pool: "pool-dumpxml",
};

/** @throws InputError for XML that is not well-formed, of another kind, or nameless */
export function parse(kind: Kind, xml: string, uri: string): Parsed {
    const called = /<name>([^<]*)<\/name>/.exec(xml)?.[1]?.trim() ?? "";
    const id = `${kind} ${called} at ${uri}`;
    const tree = parseXml(xml, { resource: id, path: "" });
    if (tree.name !== kind) {
        throw new InputError(
            `${id}: the XML is a <${tree.name}>, not a <${kind}>`,
            `use virsh ${own(VERBS, kind)}`,
        );
    }
    const name = valueAt(tree, "name");
    if (name.kind !== "known" || name.value === undefined || name.value === "") {
        throw new InputError(`${id}: the XML has no name`, "read it from libvirt again");
    }
    return { tree, name: name.value, uri, xml };
}

export const isNamed =
    (uri: string, name: string) =>
    (record: { readonly host: string; readonly name: Fact<string> }): boolean =>
        record.host === uri && record.name.kind === "known" && record.name.value === name;

/** A known text at a path; undefined when there is none. */
export const textAt = (node: Node, path: string): string | undefined => {
    const fact = valueAt(node, path);
    return fact.kind === "known" ? fact.value : undefined;
};

/** Whether the XML is of a domain that runs (paused counts): only such a one has an id. */
export const isRunning = (domain: Node): boolean => domain.children.some((child) => child.name === "id");
