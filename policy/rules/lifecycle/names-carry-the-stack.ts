import { must, subjectOf } from "../../check";
import type { Rule } from "../../rule";

/** `project-stack-` of a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME). */
function prefixOf(urn: string): string | undefined {
    const found = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn);
    return found === null ? undefined : `${found[2] ?? ""}-${found[1] ?? ""}-`;
}

const rule: Rule = {
    id: "LC-16",
    title: "What a stack makes on a host carries the stack's name",
    why: "Two stacks that use one name take each other's networks and disks.",
    severity: "high",
    fix: "Begin libvirt's names with <project>-<stack>-.",
    limits:
        "Names of networks, domains and pools. A stack does not see another one. Bridges, subnets " +
        "and outer MACs are digests of the same names unless the configuration sets them. They are " +
        "compared within the stack (NT-14, NT-16, NT-21, ID-01). Inner MACs are equal everywhere, on " +
        "bridges that never meet.",
    check: (model) =>
        [model.networks, model.domains, model.pools].flat().flatMap((record) => {
            const prefix = prefixOf(record.resource.id);
            return prefix === undefined
                ? []
                : must<string>(
                      subjectOf(record),
                      record.name,
                      (name) => name.startsWith(prefix),
                      `it has to begin with "${prefix}"`,
                  );
        }),
};

export default rule;
