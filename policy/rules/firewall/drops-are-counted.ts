import type { Chain, Rule as NftRule } from "../../../cloud-init/nft/model";
import { LOG_PREFIX } from "../../../cloud-init/nft/rule";
import { eachFirewall, wrongFirewall, wrongRule } from "../../helpers/firewall";
import type { Rule } from "../../rule";

const refuses = (r: NftRule): boolean => r.verdict.do === "drop" || r.verdict.do === "reject";

/**
 * Whether what the chain drops in the end, by its last rule or its policy, has met a rule that logs
 * everything.
 */
const logsTheRest = (chain: Chain): boolean => {
    const log = chain.rules.findIndex(
        (r) =>
            r.verdict.do === "log" && r.matches.length === 0 && r.verdict.prefix.startsWith(`${LOG_PREFIX} `),
    );
    return log >= 0 && chain.rules.slice(log).every((r) => r.verdict.do === "log" || refuses(r));
};

const rule: Rule = {
    id: "FW-18",
    title: "Whatever is dropped is counted, and what no rule took is logged",
    why: "Counters and the log are how a leak, or an attempt at one, is seen.",
    severity: "medium",
    fix:
        "Give every rule that drops a named counter, and every chain that drops by policy a rule " +
        `that logs in front of its last ones, with the prefix "${LOG_PREFIX} ". Its rate is bounded ` +
        "by the only form of such a rule that is understood.",
    limits: "The log is in the guest's memory. No one can read a Gateway's; its counters are on its console.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "all", (firewall) =>
            firewall.ruleset.tables.flatMap((table) =>
                table.chains.flatMap((chain) => [
                    ...chain.rules
                        .filter((r) => refuses(r) && r.counter === undefined)
                        .map((r) => wrongRule(firewall, chain, r, "it drops without counting")),
                    ...(chain.policy === "accept" || logsTheRest(chain)
                        ? []
                        : [
                              wrongFirewall(
                                  firewall,
                                  `${table.family} ${chain.name} log`,
                                  `chain ${chain.name} of family ${table.family} drops what no ` +
                                      "rule took without logging it",
                              ),
                          ]),
                ]),
            ),
        ),
};

export default rule;
