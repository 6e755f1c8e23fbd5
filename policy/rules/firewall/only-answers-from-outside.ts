import { NIC } from "../../../cloud-init/guest";
import { transportIn, tunnelIn, egressKind } from "../../helpers/egress";
import {
    accepting,
    eachFirewall,
    iif,
    requires,
    someChain,
    state,
    tcpOnly,
    wrongRule,
} from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-11",
    title: "From outside the Gateway accepts answers and nothing else",
    why: "A service of the Gateway's that answers outside shows that it is one.",
    severity: "critical",
    fix: "On tor's egress accept established TCP and frag-needed of it.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            someChain(firewall, "input", (chain) =>
                accepting(chain)
                    .filter(
                        (r) =>
                            !requires(r, iif(NIC.inner)) &&
                            !tunnelIn(egressKind(firewall.content), r) &&
                            !transportIn(egressKind(firewall.content), r),
                    )
                    .filter(
                        (r) =>
                            !(
                                requires(r, iif(egressKind(firewall.content).nic)) &&
                                (requires(r, state("established"), tcpOnly) ||
                                    requires(r, state("related"), (m) => m.on === "icmp-frag-needed"))
                            ),
                    )
                    .map((r) => wrongRule(firewall, chain, r, "it accepts more than answers")),
            ),
        ),
};

export default rule;
