import { eachFirewall, wrongRule } from "../families/firewall";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "FW-18",
    title: "Whatever is dropped is counted",
    why: "Counters are how a leak, or an attempt at one, is seen.",
    severity: "medium",
    fix: "Give every rule that drops a named counter.",
    limits: "Drops are counted, not logged.",
    scope: "seed",
    check: (model) => eachFirewall(model, "all", (firewall) => firewall.ruleset.tables.flatMap((table) => table.chains).flatMap((chain) => chain.rules
        .filter((r) => (r.verdict.do === "drop" || r.verdict.do === "reject") && r.counter === undefined).map((r) => wrongRule(firewall, chain, r, "it drops without counting")))),
};

export default rule;
