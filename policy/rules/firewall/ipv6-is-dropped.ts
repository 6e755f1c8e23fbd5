import { subjectOf, violation } from "../../check";
import { dropsFirst, eachFirewall, filterChains, ipv6, wrongFirewall } from "../../helpers/firewall";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "FW-10",
    title: "IPv6 is dropped whole, before any rule, and switched off in the kernel",
    why:
        "Router advertisements, neighbour discovery and redirects of IPv6 reach past rules that were " +
        "written for IPv4.",
    severity: "critical",
    fix: "Drop IPv6 first in prerouting and output, and set disable_ipv6 to 1.",
    scope: "seed",
    check: (model) => [
        ...eachFirewall(model, "gateway", (firewall) =>
            (["prerouting", "output"] as const).flatMap((hook) =>
                filterChains(firewall, hook).some((chain) => dropsFirst(chain, ipv6))
                    ? []
                    : [
                          wrongFirewall(
                              firewall,
                              hook,
                              `no ${hook} chain drops IPv6 before it accepts anything`,
                          ),
                      ],
            ),
        ),
        ...eachPart(
            model,
            "all",
            "list of sysctls",
            (content) => content.sysctls,
            (sysctls, domain, _content, at) =>
                ["disable_ipv6", "accept_ra", "autoconf"].flatMap((name) => {
                    const key = `net.ipv6.conf.*.${name}`;
                    const wanted = name === "disable_ipv6" ? "1" : "0";
                    return sysctls[key] === wanted
                        ? []
                        : [
                              violation(
                                  `${subjectOf(domain)} ${key}`,
                                  `${key} is ${sysctls[key] ?? "not set"}; ${wanted} is needed`,
                                  at,
                              ),
                          ];
                }),
        ),
    ],
};

export default rule;
