import type { Rule as NftRule } from "../../../cloud-init/nft/model";
import { NIC, TIME_USER, TOR_USER } from "../../../cloud-init/guest";
import { INNER_GATEWAY } from "../../../values/addresses";
import { isGateway } from "../../../model";
import { socksPortOf } from "../../../values/ports";
import { accepting, eachFirewall, oif, ownedBy, portsOf, requires, wrongRule } from "../../helpers/firewall";
import type { Rule } from "../../rule";

/** The time service, ahead of everybody else, and to its SocksPort alone: that is not past Tor. */
const askingTheTime = (r: NftRule): boolean =>
    requires(
        r,
        oif(NIC.workstation),
        ownedBy(TIME_USER),
        (m) => m.on === "daddr" && m.op === "in" && m.addresses.join() === INNER_GATEWAY,
    ) && portsOf(r, "tcp").join() === String(socksPortOf("time"));

const rule: Rule = {
    id: "CI-18",
    title: "No user of a guest is excepted from Tor",
    why: 'A "clearnet" user reaches the network by one command.',
    severity: "critical",
    fix: "Accept no user but tor's in the firewall.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "all", (firewall) =>
            firewall.ruleset.tables
                .flatMap((t) => t.chains)
                .flatMap((chain) =>
                    accepting(chain)
                        .filter((r) =>
                            r.matches.some(
                                (m) =>
                                    m.on === "skuid" &&
                                    (isGateway(firewall.domain) ? m.user !== TOR_USER : !askingTheTime(r)),
                            ),
                        )
                        .map((r) => wrongRule(firewall, chain, r, "it lets a user past Tor")),
                ),
        ),
};

export default rule;
