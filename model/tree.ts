/**
 * What libvirt's XML says, as a tree without the difference between attributes and elements, so that live
 * XML, provider
 * 0.9 (which mirrors the XML in words of its own) and provider 0.8 with its stylesheet read the same:
 * `<features><pmu state="off"/></features>` is `features.pmu.state = "off"`, `<on_crash>destroy</on_crash>`
 * is `onCrash = "destroy"`, and a repeated element is a repeated child. Names are compared without their case
 * and without `_`, `-` and `:`, because the sources differ in nothing else: `genid` and `genId`,
 * `suspend-to-mem` and `suspendToMem`.
 */
import { digestOf, marked } from "./digest";
import { known, opaque, type Fact, type Opaque, type Origin, type Unknown } from "./fact";

export interface Node {
    /** Plain name of the element or attribute (`suspendtomem`, `qemucommandline`), singular as in the XML. */
    readonly name: string;
    /** Text of the element or value of the attribute; known(undefined) for an element without text. */
    readonly value: Fact<string | undefined>;
    readonly children: readonly Node[];
    readonly at: Origin;
}

/** A name as nodes have it: lower case, letters and digits only. */
export const plainName = (name: string): string => name.replace(/[-_:.]/g, "").toLowerCase();

/** A node with its children; the value is the element's text. */
export const element = (name: string, at: Origin, children: readonly Node[] = [], value?: string): Node => ({
    name: plainName(name),
    value: known(value, at),
    children,
    at,
});

/** A node that hides whatever it may hold. */
export const hiddenNode = (name: string, fact: Unknown<never> | Opaque): Node => ({
    name: plainName(name),
    value: fact,
    children: [],
    at: fact.at,
});

/** Whether the node stands for something that cannot be looked into. */
const closed = (node: Node): boolean => node.value.kind !== "known" && node.children.length === 0;

/** The fact that hides what lies below it. */
export const hidden = (fact: Fact<unknown>): Opaque | Unknown<never> =>
    fact.kind === "unknown"
        ? { kind: "unknown", why: fact.why, at: fact.at }
        : opaque(fact.at, fact.kind === "opaque" ? fact.why : "it cannot be looked into");

const paths = new Map<string, readonly string[]>();

/** Plain names of a dotted path; the code asks for the same few again and again. */
function namesOf(path: string): readonly string[] {
    let names = paths.get(path);
    if (names === undefined) {
        names = path.split(".").map(plainName);
        paths.set(path, names);
    }
    return names;
}

/** Index of the next child of this name, -1 when there is none. */
function childAt({ children }: Node, name: string, start: number): number {
    for (let i = start; i < children.length; i += 1) {
        if (children[i]?.name === name) {
            return i;
        }
    }
    return -1;
}

const NO_NODES: readonly Node[] = [];

/** Every node at a dotted path below `node` (`clock.timer`), or the fact that hides them. */
export function nodesAt(node: Node, path: string): Fact<readonly Node[]> {
    let level: readonly Node[] = [node];
    for (const name of namesOf(path)) {
        let next: Node[] | undefined;
        for (const parent of level) {
            if (closed(parent)) {
                return hidden(parent.value);
            }
            for (let i = childAt(parent, name, 0); i !== -1; i = childAt(parent, name, i + 1)) {
                (next ??= []).push(parent.children[i] as Node);
            }
        }
        level = next ?? NO_NODES;
    }
    return known(level, node.at);
}

const textOf = ({ value, at }: Node): Fact<string | undefined> =>
    value.kind === "known" ? known(value.value ?? "", at) : value;

const absent = (node: Node, path: string): Fact<undefined> =>
    known(undefined, {
        resource: node.at.resource,
        path: node.at.path === "" ? path : `${node.at.path}.${path}`,
    });

/**
 * The value at a dotted path; known(undefined) when nothing is there. An element that stands there without
 * text has the value "" (`memoryBacking.nosharepages`), so `undefined` always means absent.
 */
export function valueAt(node: Node, path: string): Fact<string | undefined> {
    let only = node;
    // Most paths lead to one node, or to none: no list is made for these.
    for (const name of namesOf(path)) {
        if (closed(only)) {
            return hidden(only.value);
        }
        const first = childAt(only, name, 0);
        const next = only.children[first];
        if (next === undefined) {
            return absent(node, path);
        }
        if (childAt(only, name, first + 1) !== -1) {
            return valueOfAll(node, path);
        }
        only = next;
    }
    return textOf(only);
}

/** The value of several nodes: theirs, when it is one. */
function valueOfAll(node: Node, path: string): Fact<string | undefined> {
    const found = nodesAt(node, path);
    if (found.kind !== "known") {
        return hidden(found);
    }
    const [first] = found.value;
    if (first === undefined) {
        return absent(node, path);
    }
    if (found.value.length === 1) {
        return textOf(first);
    }
    const values = found.value.map((n) => n.value);
    const strange = values.find((v) => v.kind !== "known");
    if (strange !== undefined) {
        return strange;
    }
    const texts = new Set(values.map((v) => (v.kind === "known" ? (v.value ?? "") : "")));
    return texts.size === 1
        ? known([...texts][0], first.at)
        : opaque(
              first.at,
              `${path} is given more than once with different values ${marked(digestOf([...texts]))}`,
          );
}

/** Every node of a tree, itself first. */
export function* walk(node: Node): Generator<Node> {
    yield node;
    for (const child of node.children) {
        yield* walk(child);
    }
}
