import { NIC } from "../../../cloud-init/guest";
import { eachFirewall, iif, natChains, requires, wrongFirewall, wrongRule } from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-03",
    title: "Addresses are rewritten only to reach the Gateway's own tor",
    why: "Masquerading is routing under another name.",
    severity: "critical",
    fix: "Keep nat chains to prerouting, with redirects from the inner NIC.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "all", (firewall) =>
            natChains(firewall).flatMap((chain) => [
                ...(chain.hook === "prerouting"
                    ? []
                    : [wrongFirewall(firewall, `chain ${chain.name}`, `a nat chain on ${chain.hook}`)]),
                ...chain.rules
                    .filter((r) => !requires(r, iif(NIC.inner)))
                    .map((r) => wrongRule(firewall, chain, r, `it is not limited to ${NIC.inner}`)),
            ]),
        ),
};

export default rule;
