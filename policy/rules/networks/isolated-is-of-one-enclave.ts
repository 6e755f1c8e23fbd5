import { must, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-17",
    title: "Workstations share an isolated network only with their own enclave",
    why: "Two identities on one wire can be linked.",
    severity: "critical",
    fix: "Put the Workstation on the isolated network of its own enclave.",
    check: (model) =>
        eachEnclave(model, ({ network, workstations, gateways }) => {
            const members = [...gateways, ...workstations];
            if (members.length < 2) {
                return [];
            }
            const names = new Set(
                members.flatMap((d) => (d.enclave.kind === "known" ? [d.enclave.value] : [])),
            );
            return members.flatMap((domain) =>
                must(
                    subjectOf(domain),
                    domain.enclave,
                    (name) => name !== undefined && names.size === 1,
                    `on ${subjectOf(network)} everyone has to declare one and the same enclave; ` +
                        `there are ${[...names].map((n) => n ?? "none").join(", ")}`,
                ),
            );
        }),
};

export default rule;
