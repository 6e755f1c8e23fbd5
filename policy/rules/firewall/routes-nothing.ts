import { subjectOf, violation } from "../../check";
import { accepting, eachFirewall, someChain, wrongRule } from "../../helpers/firewall";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const FORWARDING = ["net.ipv4.ip_forward", "net.ipv4.conf.*.forwarding", "net.ipv6.conf.*.forwarding"];

const rule: Rule = {
    id: "FW-02",
    title: "Nothing is routed through a guest, neither by the kernel nor by the firewall",
    why: "Two layers: one mistake does not open the way.",
    severity: "critical",
    fix: "Set net.ipv4.ip_forward and the forwarding of every interface to 0, and accept nothing in forward.",
    scope: "seed",
    check: (model) => [
        ...eachFirewall(model, "all", (firewall) =>
            someChain(firewall, "forward", (chain) =>
                accepting(chain).map((r) => wrongRule(firewall, chain, r, "it lets packets through")),
            ),
        ),
        ...eachPart(
            model,
            "all",
            "list of sysctls",
            (content) => content.sysctls,
            (sysctls, domain, _content, at) =>
                FORWARDING.filter((key) => sysctls[key] !== "0").map((key) =>
                    violation(
                        `${subjectOf(domain)} ${key}`,
                        `${key} is ${sysctls[key] ?? "not set"}; 0 is needed`,
                        at,
                    ),
                ),
        ),
    ],
};

export default rule;
