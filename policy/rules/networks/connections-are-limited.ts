import { NIC } from "../../../cloud-init/guest";
import { CONNECTIONS_PER_WORKSTATION } from "../../../values/ports";
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
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "NT-23",
    title: "A Workstation's connections are limited, so that no sibling starves another",
    why:
        "Siblings share their Gateway's tor and its table of connections; a guest that opens enough " +
        "of them takes both for itself.",
    severity: "medium",
    fix:
        "Keep the rule of the Gateway's ruleset that drops a Workstation's connections over the " +
        "limit, in front of those that admit them.",
    limits:
        "Bandwidth is not limited: tor and the host's scheduling share it out. Neither are DNS " +
        "queries, which the kernel forgets in half a minute. Enclaves share no Gateway.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            someChain(firewall, "input", (chain) => {
                const fresh = accepting(chain).filter(
                    (r) =>
                        requires(r, iif(NIC.inner)) &&
                        !requires(r, state("established")) &&
                        portsOf(r, "tcp").length > 0,
                );
                const limited = new Set(
                    chain.rules.flatMap((r, i) => {
                        const bounds = r.matches.some(
                            (m) => m.on === "connections-over" && m.limit <= CONNECTIONS_PER_WORKSTATION,
                        );
                        // Any condition beside these would let some of them through uncounted.
                        const whole =
                            r.matches.length === 4 &&
                            requires(
                                r,
                                iif(NIC.inner),
                                state("new"),
                                (m) => m.on === "dport" && m.protocol === "tcp",
                            );
                        const inFront = fresh.every((f) => chain.rules.indexOf(f) > i);
                        return r.verdict.do === "drop" && bounds && whole && inFront ? portsOf(r, "tcp") : [];
                    }),
                );
                const free = fresh.flatMap((r) => portsOf(r, "tcp")).filter((port) => !limited.has(port));
                return free.length === 0
                    ? []
                    : [
                          wrongFirewall(
                              firewall,
                              `chain ${chain.name} connections`,
                              "no rule limits a Workstation's connections to " +
                                  `${CONNECTIONS_PER_WORKSTATION} on TCP ${free.join(", ")}`,
                          ),
                      ];
            }),
        ),
};

export default rule;
