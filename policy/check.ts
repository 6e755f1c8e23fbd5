/** Words that rules are written in. Every helper answers for all three kinds of fact: what is not surely right is a finding. */
import { describeFact, holds, nodesAt, plainName, valueAt, type Domain, type Fact, type Nic, type Node, type Origin, type Resource } from "../topology/model";
import type { Finding } from "./rule";

/** Who or what a finding is about. */
export const subjectOf = (record: { readonly resource: Resource }): string => record.resource.name;
export const nicSubject = (domain: Domain, nic: Nic): string => `${subjectOf(domain)} nic ${nic.index}`;
export const whole = (record: { readonly resource: Resource }): Origin => ({ resource: record.resource.id, path: "" });

type More = Pick<Finding, "fix" | "hops">;

export const violation = (subject: string, message: string, at: Origin, more: More = {}): Finding => ({ subject, verdict: "violation", message, at, ...more });

/** Nobody can say; that fails too. */
export const undecided = (subject: string, message: string, at: Origin, more: More = {}): Finding => ({ subject, verdict: "undecided", message, at, ...more });

/**
 * A finding unless the statement surely holds of the fact.
 * @param wanted what is allowed, as the end of a sentence: `"isolated" is allowed`
 */
export function must<T>(subject: string, fact: Fact<T>, allowed: (value: T) => boolean, wanted: string): Finding[] {
    const answer = holds(fact, allowed);
    if (answer === "yes") {
        return [];
    }
    const message = `${describeFact(fact)}; ${wanted}`;
    return [answer === "no" ? violation(subject, message, fact.at) : undecided(subject, message, fact.at)];
}

/** The value of a known fact goes on to `then`; anything else is a finding. */
export function whenKnown<T>(subject: string, fact: Fact<T>, then: (value: T) => readonly Finding[]): readonly Finding[] {
    return fact.kind === "known" ? then(fact.value) : [undecided(subject, `${describeFact(fact)}, so nothing can be said`, fact.at)];
}

/** A finding unless the value at a path of a tree is one of those allowed; `undefined` stands for absent. */
export const mustBe = (subject: string, tree: Node, path: string, allowed: readonly (string | undefined)[]): Finding[] =>
    must(`${subject} ${path}`, valueAt(tree, path), (value) => allowed.includes(value), `allowed: ${allowed.map((v) => (v === undefined ? "absent" : `"${v}"`)).join(", ")}`);

/** A finding for every node at a path. */
export function mustBeAbsent(subject: string, tree: Node, ...paths: readonly string[]): Finding[] {
    return paths.flatMap((path) => {
        const nodes = nodesAt(tree, path);
        return nodes.kind === "known"
            ? nodes.value.map((node) => violation(`${subject} ${path}`, `${path} is there; it may not be`, node.at))
            : [undecided(`${subject} ${path}`, `whether there is a ${path}: ${describeFact(nodes)}`, nodes.at)];
    });
}

/** A finding when nothing stands at a path. */
export function mustBePresent(subject: string, tree: Node, path: string): Finding[] {
    return must(`${subject} ${path}`, nodesAt(tree, path), (nodes) => nodes.length > 0, `${path} has to be there`);
}

/** A finding for every part of an element that is not on the list: what libvirt learns tomorrow is not on it. */
export function mustHaveOnly(subject: string, element: Node, ...allowed: readonly string[]): Finding[] {
    const names = new Set(allowed.map(plainName));
    if (element.value.kind !== "known" && element.children.length === 0) {
        return [undecided(`${subject} parts`, `what is in it: ${describeFact(element.value)}`, element.at)];
    }
    return element.children.filter((child) => !names.has(child.name)).map((child) => (child.value.kind === "known" ? violation : undecided)(
        `${subject} ${child.name}`, `it has a ${child.name}; only ${allowed.join(", ")} are allowed`, child.at));
}
