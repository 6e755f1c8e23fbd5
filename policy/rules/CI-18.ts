import { TOR_USER } from "../../cloud-init/guest";
import { isGateway } from "../../topology/model";
import { accepting, eachFirewall, wrongRule } from "../families/firewall";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "CI-18",
    title: "Nobody on a guest is excepted from Tor",
    why: "A \"clearnet\" user is a way out that needs one command.",
    severity: "critical",
    fix: "Accept no user but tor's in the firewall.",
    check: (model) => eachFirewall(model, "all", (firewall) => firewall.ruleset.tables.flatMap((t) => t.chains).flatMap((chain) => accepting(chain)
        .filter((r) => r.matches.some((m) => m.on === "skuid" && (m.user !== TOR_USER || !isGateway(firewall.domain)))).map((r) => wrongRule(firewall, chain, r, "it lets a user past Tor")))),
};

export default rule;
