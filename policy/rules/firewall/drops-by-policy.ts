import { eachFirewall, someChain } from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-01",
    title: "Every guest drops by policy what comes in, goes through or goes out, in IPv4 and IPv6",
    why: "What no rule names is dropped, not let through.",
    severity: "critical",
    fix: "Use a table of family inet with chains on input, forward and output whose policy is drop.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "all", (firewall) =>
            (["input", "forward", "output"] as const).flatMap((hook) => someChain(firewall, hook, () => [])),
        ),
};

export default rule;
