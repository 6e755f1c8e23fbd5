import { must, partsOf, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-01",
    title: "An isolated network forwards nothing",
    why: "Any forward mode routes or NATs Workstations past Tor.",
    severity: "critical",
    fix: 'Set mode: "none" (provider 0.8, where an absent mode is nat) or leave forward out (provider 0.9).',
    check: (model) =>
        eachEnclave(model, ({ network }) =>
            must(
                subjectOf(network),
                network.forward,
                (mode) => mode === "isolated",
                'only "isolated" is allowed where a Workstation is',
                partsOf(network.xml, "forward"),
            ),
        ),
};

export default rule;
