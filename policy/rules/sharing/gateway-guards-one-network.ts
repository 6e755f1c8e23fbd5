import { enclavesOf } from "../../../model";
import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "SH-10",
    title: "A Gateway guards one isolated network",
    why: "Two networks behind one tor share its guards: for what is watched there, they are one user.",
    severity: "high",
    fix: "Declare a Gateway for each isolated network.",
    check: (model) =>
        eachDomain(model, "gateway", (domain) => {
            const served = enclavesOf(model).filter((e) => e.gateways.includes(domain));
            return served.length > 1
                ? [
                      violation(
                          subjectOf(domain),
                          `it guards ${served.map((e) => subjectOf(e.network)).join(", ")}`,
                          whole(domain),
                      ),
                  ]
                : [];
        }),
};

export default rule;
