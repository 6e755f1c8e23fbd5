import { CONTROL_PORT, DNS_PORT, TRANS_PORT } from "../../../values/ports";
import { controlledBy } from "../../../reachability/egress";
import { eachFirewall, natChains, portsOf, requires, wrongFirewall, wrongRule } from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-07",
    title: "SOCKS is spared, DNS goes to DNSPort and every other connection to TransPort, in this order",
    why: "A redirect in the wrong order takes public hosts' port 9050 for tor's, or leaves names unresolved.",
    severity: "critical",
    fix: "Keep the three redirects of the Gateway's ruleset.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            natChains(firewall).flatMap((chain) => {
                const index = (test: (r: (typeof chain.rules)[number]) => boolean): number =>
                    chain.rules.findIndex(test);
                const files = firewall.content.files.kind === "known" ? firewall.content.files.value : [];
                const toControl = (r: (typeof chain.rules)[number]): boolean =>
                    portsOf(r, "tcp").join() === String(CONTROL_PORT);
                // The control filter is spared as SocksPorts are, for whom it serves.
                const control =
                    controlledBy(files).length === 0
                        ? -1
                        : index(
                              (r) =>
                                  r.verdict.do === "accept" &&
                                  toControl(r) &&
                                  requires(
                                      r,
                                      (m) => m.on === "daddr" && m.op === "in",
                                      (m) => m.on === "saddr" && m.op === "in",
                                  ),
                          );
                const spare = index(
                    (r) =>
                        !toControl(r) &&
                        r.verdict.do === "accept" &&
                        requires(r, (m) => m.on === "daddr" && m.op === "in") &&
                        portsOf(r, "tcp").length > 0,
                );
                const dns = index(
                    (r) =>
                        r.verdict.do === "redirect" &&
                        r.verdict.port === DNS_PORT &&
                        r.matches.length === 2 &&
                        portsOf(r, "udp").join() === "53",
                );
                const tcp = index(
                    (r) =>
                        r.verdict.do === "redirect" &&
                        r.verdict.port === TRANS_PORT &&
                        r.matches.length === 2 &&
                        requires(r, (m) => m.on === "tcp-syn"),
                );
                return [
                    ...(spare >= 0 && spare < tcp
                        ? []
                        : [
                              wrongFirewall(
                                  firewall,
                                  `chain ${chain.name} socks`,
                                  "SocksPorts on the Gateway's address are not spared before TCP " +
                                      "is redirected",
                              ),
                          ]),
                    ...(dns >= 0
                        ? []
                        : [
                              wrongFirewall(
                                  firewall,
                                  `chain ${chain.name} dns`,
                                  `UDP 53 is not redirected to ${DNS_PORT}`,
                              ),
                          ]),
                    ...(tcp >= 0 && tcp === chain.rules.length - 1
                        ? []
                        : [
                              wrongFirewall(
                                  firewall,
                                  `chain ${chain.name} tcp`,
                                  `the last rule does not redirect every new TCP connection to ${TRANS_PORT}`,
                              ),
                          ]),
                    ...chain.rules
                        .filter((_, i) => ![spare, control, dns, tcp].includes(i))
                        .map((r) => wrongRule(firewall, chain, r, "a rule beside these")),
                ];
            }),
        ),
};

export default rule;
