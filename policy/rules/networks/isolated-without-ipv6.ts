import { mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-04",
    title: "An isolated network does not let IPv6 through",
    why: 'ipv6="yes" lets guests speak IPv6 to each other, unfiltered.',
    severity: "high",
    fix: "Remove ipv6 from the isolated network.",
    scope: "resource",
    check: (model) =>
        eachEnclave(model, ({ network }) =>
            mustBe(subjectOf(network), network.xml, "ipv6", [undefined, "no"]),
        ),
};

export default rule;
