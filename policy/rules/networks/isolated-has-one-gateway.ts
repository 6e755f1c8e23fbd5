import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-08",
    title: "An isolated network has exactly one Gateway",
    why: "Without one nothing protects it; with two, it is undecided which answers.",
    severity: "critical",
    fix: "Put exactly one Gateway's inner NIC on each isolated network.",
    check: (model) =>
        eachEnclave(model, ({ network, gateways }) =>
            gateways.length === 1
                ? []
                : [
                      violation(
                          subjectOf(network),
                          gateways.length === 0
                              ? "no Gateway is on it"
                              : `${gateways.length} Gateways are on it: ` +
                                    `${gateways.map(subjectOf).join(", ")}`,
                          whole(network),
                      ),
                  ],
        ),
};

export default rule;
