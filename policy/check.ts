/**
 * Words that rules are written in. Every helper answers for all three kinds of fact: what is not surely right
 * is a finding.
 */
import {
    describeFact,
    digestOf,
    digestOfNode,
    holds,
    marked,
    nodesAt,
    plainName,
    valueAt,
    type Domain,
    type Fact,
    type Nic,
    type Node,
    type Origin,
    type Resource,
} from "../model";
import type { Finding } from "./rule";

/** Who or what a finding is about. */
export const subjectOf = (record: { readonly resource: Resource }): string => record.resource.name;
export const nicSubject = (domain: Domain, nic: Nic): string => `${subjectOf(domain)} nic ${nic.index}`;
export const whole = (record: { readonly resource: Resource }): Origin => ({
    resource: record.resource.id,
    path: "",
});

/** Elements of a document, as a part of which a value is judged: what else is in them is accepted with it. */
export const partsOf = ({ children }: Node, ...names: readonly string[]): readonly Node[] =>
    children.filter((child) => names.includes(child.name));

/** The digest of elements, unless the value that is printed is all that is in them. */
function besides(fact: Fact<unknown>, within: readonly Node[]): string {
    const printed = ({ at, value, children }: Node): boolean =>
        children.length > 0
            ? children.every((child) => child.at.path === fact.at.path)
            : at.path === fact.at.path || (value.kind === "known" && value.value === undefined);
    const digests = within.map(digestOfNode);
    return within.every(printed)
        ? ""
        : ` ${marked(digests.length === 1 ? (digests[0] ?? "") : digestOf(digests))}`;
}

type More = Pick<Finding, "fix" | "hops">;

export const violation = (subject: string, message: string, at: Origin, more: More = {}): Finding => ({
    subject,
    verdict: "violation",
    message,
    at,
    ...more,
});

/** It may hold or not; that fails too. */
export const undecided = (subject: string, message: string, at: Origin, more: More = {}): Finding => ({
    subject,
    verdict: "undecided",
    message,
    at,
    ...more,
});

/**
 * A finding unless the statement surely holds of the fact.
 * @param wanted what is allowed, as the end of a sentence: `"isolated" is allowed`
 * @param within the elements that the value is a part of: what else is in them is accepted with it
 */
export function must<T>(
    subject: string,
    fact: Fact<T>,
    allowed: (value: T) => boolean,
    wanted: string,
    within: readonly Node[] = [],
): Finding[] {
    const answer = holds(fact, allowed);
    if (answer === "yes") {
        return [];
    }
    const message = `${describeFact(fact)}; ${wanted}${besides(fact, within)}`;
    return [answer === "no" ? violation(subject, message, fact.at) : undecided(subject, message, fact.at)];
}

/** The value of a known fact goes on to `then`; anything else is a finding. */
export function whenKnown<T>(
    subject: string,
    fact: Fact<T>,
    then: (value: T) => readonly Finding[],
): readonly Finding[] {
    return fact.kind === "known"
        ? then(fact.value)
        : [undecided(subject, `${describeFact(fact)}, so nothing can be said`, fact.at)];
}

/** Whole documents; of everything below, an element is what is judged. */
const DOCUMENTS: ReadonlySet<string> = new Set(["domain", "network", "volume", "pool"]);

/** The elements that hold the value at a path: a device, or a part of a document. */
function ownersOf(tree: Node, path: string): readonly Node[] {
    if (!DOCUMENTS.has(tree.name)) {
        return [tree];
    }
    const parent = path.split(".").slice(0, -1).join(".");
    const nodes = parent === "" ? undefined : nodesAt(tree, parent);
    return nodes?.kind === "known" ? nodes.value : [];
}

/** A finding unless the value at a path of a tree is one of those allowed; `undefined` stands for absent. */
export const mustBe = (
    subject: string,
    tree: Node,
    path: string,
    allowed: readonly (string | undefined)[],
): Finding[] =>
    must(
        `${subject} ${path}`,
        valueAt(tree, path),
        (value) => allowed.includes(value),
        `allowed: ${allowed.map((v) => (v === undefined ? "absent" : `"${v}"`)).join(", ")}`,
        ownersOf(tree, path),
    );

/** A finding for every node at a path. */
export function mustBeAbsent(subject: string, tree: Node, ...paths: readonly string[]): Finding[] {
    return paths.flatMap((path) => {
        const nodes = nodesAt(tree, path);
        return nodes.kind === "known"
            ? nodes.value.map((node) =>
                  violation(
                      `${subject} ${path}`,
                      `${path} is there; it may not be ${marked(digestOfNode(node))}`,
                      node.at,
                  ),
              )
            : [
                  undecided(
                      `${subject} ${path}`,
                      `whether there is a ${path}: ${describeFact(nodes)}`,
                      nodes.at,
                  ),
              ];
    });
}

/** A finding when nothing stands at a path. */
export function mustBePresent(subject: string, tree: Node, path: string): Finding[] {
    return must(
        `${subject} ${path}`,
        nodesAt(tree, path),
        (nodes) => nodes.length > 0,
        `${path} has to be there`,
    );
}

/**
 * A finding for every part of an element that is not on the list: what libvirt learns tomorrow is not on it.
 */
export function mustHaveOnly(subject: string, element: Node, ...allowed: readonly string[]): Finding[] {
    const names = new Set(allowed.map(plainName));
    if (element.value.kind !== "known" && element.children.length === 0) {
        return [undecided(`${subject} parts`, `what is in it: ${describeFact(element.value)}`, element.at)];
    }
    return element.children
        .filter((child) => !names.has(child.name))
        .map((child) =>
            (child.value.kind === "known" ? violation : undecided)(
                `${subject} ${child.name}`,
                `it has a ${child.name}; only ${allowed.join(", ")} are allowed ` +
                    `${marked(digestOfNode(child))}`,
                child.at,
            ),
        );
}
