import { NIC } from "../../../cloud-init/guest";
import { DNS_PORT } from "../../../values/ports";
import {
    accepting,
    eachFirewall,
    iif,
    portsOf,
    requires,
    someChain,
    state,
    tcpOnly,
    wrongRule,
} from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-08",
    title: "From Workstations the Gateway accepts no UDP but redirected DNS",
    why: "QUIC and everything else over UDP has no way through Tor; what is accepted would be answered here.",
    severity: "critical",
    fix: "Accept UDP on the inner NIC only for DNSPort and only when it was redirected.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) =>
            someChain(firewall, "input", (chain) =>
                accepting(chain)
                    .filter(
                        (r) =>
                            !requires(r, state("established")) &&
                            !requires(r, tcpOnly) &&
                            !requires(r, (m) => m.on === "icmp-frag-needed"),
                    )
                    .filter(
                        (r) =>
                            !(
                                portsOf(r, "udp").join() === String(DNS_PORT) &&
                                requires(r, iif(NIC.inner), (m) => m.on === "ct-dnat")
                            ),
                    )
                    .map((r) => wrongRule(firewall, chain, r, "it accepts more than redirected DNS")),
            ),
        ),
};

export default rule;
