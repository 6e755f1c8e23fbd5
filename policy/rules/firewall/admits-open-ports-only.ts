import { NIC } from "../../../cloud-init/guest";
import { CONTROL_PORT } from "../../../values/ports";
import { controlledBy } from "../../../reachability/egress";
import { subjectOf, whenKnown } from "../../check";
import {
    accepting,
    eachFirewall,
    iif,
    portsOf,
    requires,
    someChain,
    state,
    wrongFirewall,
} from "../../helpers/firewall";
import { listenersOf } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-12",
    title: "The firewall admits Workstations to exactly the ports that tor and the control filter open",
    why: "A port that is open and not served, or served and not open, is a mistake in one of the two.",
    severity: "high",
    fix: "Leave torrc and ruleset to this project's components: both are made of the list in docs/ports.md.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            whenKnown(`${subjectOf(firewall.domain)} torrc`, firewall.content.torrc, (lines) => {
                const torrc = {
                    lines: lines ?? [],
                    domain: firewall.domain,
                    content: firewall.content,
                    at: firewall.at,
                };
                const files = firewall.content.files.kind === "known" ? firewall.content.files.value : [];
                const control = controlledBy(files).length > 0 ? [`tcp ${CONTROL_PORT}`] : [];
                const open = [
                    ...listenersOf(torrc).map((l) => `${l.kind === "dnsport" ? "udp" : "tcp"} ${l.port}`),
                    ...control,
                ].sort();
                return someChain(firewall, "input", (chain) => {
                    const fresh = accepting(chain).filter(
                        (r) => requires(r, iif(NIC.inner)) && !requires(r, state("established")),
                    );
                    const admitted = fresh
                        .flatMap((r) => [
                            ...portsOf(r, "tcp").map((p) => `tcp ${p}`),
                            ...portsOf(r, "udp").map((p) => `udp ${p}`),
                        ])
                        .sort();
                    const missing = open.filter((port) => !admitted.includes(port));
                    const dangling = admitted.filter((port) => !open.includes(port));
                    return missing.length + dangling.length === 0
                        ? []
                        : [
                              wrongFirewall(
                                  firewall,
                                  `chain ${chain.name}`,
                                  "closed although they are served: " +
                                      `${missing.join(", ") || "none"}; open although none does: ` +
                                      `${dangling.join(", ") || "none"}`,
                              ),
                          ];
                });
            }),
        ),
};

export default rule;
