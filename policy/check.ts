/**
 * Words that rules are written in. Every helper answers for all three kinds of fact: what is not surely right
 * is a finding.
 */
import {
    describeFact,
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
 * @param within the element that the value is a part of: what else is in it is accepted with it
 */
export function must<T>(
    subject: string,
    fact: Fact<T>,
    allowed: (value: T) => boolean,
    wanted: string,
    within?: Node,
): Finding[] {
    const answer = holds(fact, allowed);
    if (answer === "yes") {
        return [];
    }
    const message =
        `${describeFact(fact)}; ` +
        `${wanted}${within === undefined || within.children.length < 2 ? "" : ` ${marked(digestOfNode(within))}`}`;
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

/** The element that holds the value at a path: a device, or a part of a document. */
function ownerOf(tree: Node, path: string): Node | undefined {
    if (!DOCUMENTS.has(tree.name)) {
        return tree;
    }
    const parent = path.split(".").slice(0, -1).join(".");
    const nodes = parent === "" ? undefined : nodesAt(tree, parent);
    return nodes?.kind === "known" ? nodes.value[0] : undefined;
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
        ownerOf(tree, path),
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
