import { NIC, TOR_USER } from "../../../cloud-init/guest";
import { transportOut, tunnelOut, egressKind } from "../../helpers/egress";
import {
    accepting,
    eachFirewall,
    oif,
    ownedBy,
    requires,
    someChain,
    state,
    tcpOnly,
    wrongRule,
} from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-04",
    title: "Only tor opens connections to the outside, TCP alone, or the tunnel that tor leaves by",
    why: "Any other program's packet would carry the Gateway's address to whom it likes.",
    severity: "critical",
    fix:
        "On tor's egress accept new connections of tor's user over TCP, and what belongs to them; " +
        "beside it the tunnel's own packets to its peer.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            someChain(firewall, "output", (chain) =>
                accepting(chain)
                    .filter(
                        (r) =>
                            !requires(r, oif(NIC.inner)) &&
                            !tunnelOut(egressKind(firewall.content), r) &&
                            !transportOut(egressKind(firewall.content), r),
                    )
                    .filter(
                        (r) =>
                            !(
                                requires(r, oif(egressKind(firewall.content).nic), tcpOnly) &&
                                (requires(r, ownedBy(TOR_USER), state("new", "established")) ||
                                    requires(r, state("established")))
                            ),
                    )
                    .map((r) => wrongRule(firewall, chain, r, `it lets out more than ${TOR_USER}'s TCP`)),
            ),
        ),
};

export default rule;
