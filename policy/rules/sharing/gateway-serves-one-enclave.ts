import { enclavesOf } from "../../../model";
import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "SH-05",
    title: "No Gateway serves two enclaves",
    why: "Two identities behind one tor share its guards, and its mistakes.",
    severity: "critical",
    fix: "Declare an enclave of its own for each identity.",
    check: (model) =>
        eachDomain(model, "gateway", (domain) => {
            const served = enclavesOf(model).filter((e) => e.gateways.includes(domain));
            const names = new Set(
                served
                    .flatMap((e) => e.workstations)
                    .flatMap((w) =>
                        w.enclave.kind === "known" && w.enclave.value !== undefined ? [w.enclave.value] : [],
                    ),
            );
            return names.size > 1
                ? [violation(subjectOf(domain), `it serves ${[...names].join(", ")}`, whole(domain))]
                : [];
        }),
};

export default rule;
