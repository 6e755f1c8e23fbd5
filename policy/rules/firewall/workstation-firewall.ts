import { NIC } from "../../../cloud-init/guest";
import { LOCAL_RANGES } from "../../../values/ranges";
import { AUTOMAP_SUBNET, INNER_GATEWAY } from "../../../values/addresses";
import {
    accepting,
    eachFirewall,
    elementsOf,
    iif,
    oif,
    portsOf,
    requires,
    someChain,
    state,
    tcpOnly,
    wrongRule,
} from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-19",
    title: "A Workstation's own firewall lets out what the Gateway can carry and takes nothing in",
    why:
        "The Gateway is the boundary; this keeps honest programs from trying what it would drop, and " +
        "from being seen to.",
    severity: "high",
    fix: "Accept SocksPorts and DNS of the Gateway and public TCP; accept inwards what was begun here.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "workstation", (firewall) => [
            ...someChain(firewall, "input", (chain) =>
                accepting(chain)
                    .filter((r) => !requires(r, iif("lo")) && !requires(r, state("established")))
                    .map((r) => wrongRule(firewall, chain, r, "another host begins a connection")),
            ),
            ...someChain(firewall, "output", (chain) =>
                accepting(chain)
                    .filter(
                        (r) =>
                            !requires(r, oif("lo")) &&
                            !requires(r, oif(NIC.workstation), state("established")),
                    )
                    .filter(
                        (r) =>
                            !(
                                requires(
                                    r,
                                    oif(NIC.workstation),
                                    (m) =>
                                        m.on === "daddr" &&
                                        m.op === "in" &&
                                        m.addresses.join() === INNER_GATEWAY,
                                ) &&
                                (requires(r, tcpOnly) || portsOf(r, "udp").join() === "53")
                            ),
                    )
                    .filter(
                        (r) =>
                            !(
                                requires(r, oif(NIC.workstation), tcpOnly) &&
                                requires(
                                    r,
                                    (m) =>
                                        m.on === "daddr" &&
                                        ((m.op === "in" && m.addresses.join() === AUTOMAP_SUBNET) ||
                                            (m.op === "not-in-set" &&
                                                LOCAL_RANGES.every((range) =>
                                                    elementsOf(firewall, m.set).includes(range),
                                                ))),
                                )
                            ),
                    )
                    .map((r) => wrongRule(firewall, chain, r, "it lets out more than the Gateway can carry")),
            ),
        ]),
};

export default rule;
