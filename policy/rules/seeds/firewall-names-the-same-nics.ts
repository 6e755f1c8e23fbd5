import { subjectOf, violation, whenKnown } from "../../check";
import { egressKind } from "../../helpers/egress";
import { eachNetworkConfig } from "../../helpers/seed";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "CI-05",
    title: "The firewall names the NICs that network-config names",
    why: "A rule for a NIC that does not exist matches nothing.",
    severity: "critical",
    fix: "Leave both to this project.",
    scope: "seed",
    check: (model) =>
        eachNetworkConfig(model, "all", (nics, domain, at, content) =>
            whenKnown(`${subjectOf(domain)} firewall`, content.ruleset, (ruleset) => {
                const named = new Set(
                    (ruleset?.tables ?? [])
                        .flatMap((t) => t.chains)
                        .flatMap((c) => c.rules)
                        .flatMap((r) => r.matches)
                        .flatMap((m) => (m.on === "iif" || m.on === "oif" ? [m.name] : [])),
                );
                named.delete("lo");
                const way = egressKind(content);
                const there = [
                    ...nics.map((nic) => nic.name),
                    ...(way.tunnel === undefined ? [] : [way.nic]),
                ];
                const wrong = [
                    ...[...named].filter((name) => !there.includes(name)),
                    ...there.filter((name) => !named.has(name)),
                ];
                return wrong.map((name) =>
                    violation(
                        `${subjectOf(domain)} ${name}`,
                        `the firewall knows ${[...named].join(", ") || "no NIC"}, network-config ` +
                            `${there.join(", ") || "none"}`,
                        at,
                    ),
                );
            }),
        ),
};

export default rule;
