import { labelProblems, separates, type SecLabel } from "../../../values/host-adds";
import { nodesAt, valueAt, type Domain, type Node } from "../../../model";
import { mustBe, mustHaveOnly, subjectOf, undecided, violation, whenKnown, whole } from "../../check";
import type { Finding, Rule } from "../../rule";
import { eachDomain } from "../../select";

/** One label as libvirt shows it; what is hidden is a text that no label is. */
const labelOf = (node: Node): SecLabel =>
    node.children.map(({ name, value }) => [name, value.kind === "known" ? (value.value ?? "") : "(hidden)"]);

/**
 * Nothing but what libvirt does by itself: a label of one's own is used as it is, root's and an unconfined
 * one too.
 */
const declared = (domain: Domain): readonly Finding[] =>
    whenKnown(`${subjectOf(domain)} seclabel`, nodesAt(domain.xml, "seclabel"), (labels) =>
        labels.flatMap((label) => [
            ...mustBe(`${subjectOf(domain)} seclabel`, label, "type", [undefined, "dynamic"]),
            ...mustBe(`${subjectOf(domain)} seclabel`, label, "model", [
                undefined,
                "selinux",
                "apparmor",
                "dac",
            ]),
            ...mustBe(`${subjectOf(domain)} seclabel`, label, "relabel", [undefined, "yes"]),
            ...mustHaveOnly(`${subjectOf(domain)} seclabel`, label, "type", "model", "relabel"),
        ]),
    );

/** Who has which label, over every guest that runs. */
function live(owners: Map<string, string>): (domain: Domain) => readonly Finding[] {
    return (domain) =>
        whenKnown(`${subjectOf(domain)} seclabel`, nodesAt(domain.xml, "seclabel"), (nodes) => {
            const uuid = valueAt(domain.xml, "uuid");
            if (uuid.kind !== "known" || uuid.value === undefined) {
                return [
                    undecided(
                        `${subjectOf(domain)} seclabel`,
                        "it has no UUID, so which label is its own cannot be decided",
                        whole(domain),
                    ),
                ];
            }
            const at = nodes[0]?.at ?? whole(domain);
            const labels = nodes.map(labelOf);
            const problems = labelProblems(labels, uuid.value);
            return [
                ...(problems.length === 0
                    ? []
                    : [violation(`${subjectOf(domain)} seclabel`, problems.join("; "), at)]),
                ...labels
                    .map(separates)
                    .filter((key) => key !== undefined)
                    .flatMap((key) => {
                        const owner = owners.get(`${domain.host} ${key}`);
                        owners.set(`${domain.host} ${key}`, owner ?? subjectOf(domain));
                        return owner === undefined
                            ? []
                            : [
                                  violation(
                                      `${subjectOf(domain)} seclabel`,
                                      `${key} is ${owner}'s as well: each reads the other's disks`,
                                      at,
                                  ),
                              ];
                    }),
            ];
        });
}

const rule: Rule = {
    id: "DD-20",
    title: "The host's security driver confines every guest",
    why:
        "Without sVirt or AppArmor a bug in QEMU leads into the host. With a given label QEMU runs " +
        "as that label says, also as root.",
    severity: "critical",
    fix:
        "Remove seclabel; the host's default confines. On the host: security_driver apparmor or " +
        "selinux and a user that is not root in /etc/libvirt/qemu.conf.",
    scope: "resource",
    check: (model) => {
        const running = live(new Map());
        return eachDomain(model, "all", (domain) =>
            domain.running === true ? running(domain) : declared(domain),
        );
    },
};

export default rule;
