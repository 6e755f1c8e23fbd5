import type { Chain, Match } from "../../../cloud-init/nft/model";
import {
    accepting,
    dropsFirst,
    eachFirewall,
    filterChains,
    requires,
    state,
    wrongFirewall,
    wrongRule,
} from "../../helpers/firewall";
import type { Rule } from "../../rule";

const drops = (chain: Chain, condition: (match: Match) => boolean): boolean =>
    chain.rules.some((r) => r.verdict.do === "drop" && r.matches.length === 1 && r.matches.every(condition));

const rule: Rule = {
    id: "FW-13",
    title: "Packets that belong to no connection, fragments and impossible flags are dropped, both ways",
    why:
        "After tor has stopped, the kernel itself answers with packets that belong to no user (the " +
        "FIN leak).",
    severity: "high",
    fix: "Keep the drops for ct state invalid, fragments and bad flags in front.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) => [
            ...(["input", "output"] as const).flatMap((hook) =>
                filterChains(firewall, hook).some((c) =>
                    dropsFirst(c, (m) => m.on === "ct-state" && m.state === "invalid"),
                )
                    ? []
                    : [
                          wrongFirewall(
                              firewall,
                              `${hook} invalid`,
                              `no ${hook} chain drops ct state invalid before it accepts anything`,
                          ),
                      ],
            ),
            ...(["prerouting", "output"] as const).flatMap((hook) =>
                (["fragment", "tcp-bad-flags"] as const).flatMap((on) =>
                    filterChains(firewall, hook).some((c) => drops(c, (m) => m.on === on))
                        ? []
                        : [wrongFirewall(firewall, `${hook} ${on}`, `no ${hook} chain drops ${on}`)],
                ),
            ),
            ...(["input", "output"] as const).flatMap((hook) =>
                filterChains(firewall, hook).flatMap((c) =>
                    accepting(c)
                        .filter(
                            (r) =>
                                requires(r, state("related")) &&
                                !requires(r, (m) => m.on === "icmp-frag-needed"),
                        )
                        .map((r) => wrongRule(firewall, c, r, "related packets of every kind")),
                ),
            ),
        ]),
};

export default rule;
