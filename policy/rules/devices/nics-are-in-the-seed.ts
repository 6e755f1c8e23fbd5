import { must, nicSubject, subjectOf, violation, whenKnown } from "../../check";
import { eachNetworkConfig } from "../../helpers/seed";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "DD-17",
    title: "A guest's NICs are those that its seed configures, by MAC",
    why: "A guest that configures another card than the one that it has does not guard it.",
    severity: "critical",
    fix: "Take MACs of domain and network-config from one place.",
    check: (model) =>
        eachNetworkConfig(model, "all", (configured, domain, at) =>
            whenKnown(subjectOf(domain), domain.nics, (nics) => {
                const inSeed = configured.map((nic) => nic.mac ?? `no MAC (${nic.key})`).sort();
                return nics
                    .flatMap((nic) =>
                        must(
                            nicSubject(domain, nic),
                            nic.mac,
                            (mac) => mac !== undefined && inSeed.includes(mac),
                            `network-config knows ${inSeed.join(", ")}`,
                        ),
                    )
                    .concat(
                        inSeed.length === nics.length && new Set(inSeed).size === inSeed.length
                            ? []
                            : [
                                  violation(
                                      subjectOf(domain),
                                      `network-config has ${inSeed.length} NICs, the domain ${nics.length}`,
                                      at,
                                  ),
                              ],
                    );
            }),
        ),
};

export default rule;
