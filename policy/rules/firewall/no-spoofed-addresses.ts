import { NIC } from "../../../cloud-init/guest";
import { INNER_SUBNET, workstationPlaces } from "../../../values/addresses";
import {
    accepting,
    eachFirewall,
    iif,
    requires,
    someChain,
    wrongFirewall,
    wrongRule,
    type Firewall,
} from "../../helpers/firewall";
import { transportEarly, tunnelEarly, egressKind } from "../../helpers/egress";
import type { Finding, Rule } from "../../rule";

/**
 * Nothing is in the set of pairs but places that Workstations can have. One that is left out is mute, not
 * unsafe.
 */
function pairs(firewall: Firewall): Finding[] {
    const places = new Set(workstationPlaces().map(({ mac, address }) => `${mac} . ${address}`));
    const sets = firewall.ruleset.tables
        .flatMap((t) => t.sets)
        .filter((set) => set.type === "ether_addr . ipv4_addr");
    return sets.flatMap((set) =>
        set.elements
            .filter((pair) => !places.has(pair))
            .map((pair) =>
                wrongFirewall(firewall, `set ${set.name} ${pair}`, `${pair} is no place for a Workstation`),
            ),
    );
}

const rule: Rule = {
    id: "FW-09",
    title: "Each Workstation speaks under its own MAC and address, and no one outside under an inner one",
    why: "Circuits are isolated by address: a guest that takes another's address shares its circuits.",
    severity: "critical",
    fix:
        "Pin pairs of MAC and address on the inner NIC, and refuse the inner subnet outside, before " +
        "anything else.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) => [
            ...someChain(firewall, "prerouting", (chain) =>
                accepting(chain)
                    .filter(
                        (r) =>
                            !requires(r, iif(NIC.inner), (m) => m.on === "source-pair" && m.op === "in-set"),
                    )
                    .filter(
                        (r) =>
                            !requires(
                                r,
                                iif(NIC.outer),
                                (m) =>
                                    m.on === "saddr" &&
                                    m.op === "not-in" &&
                                    m.addresses.includes(INNER_SUBNET),
                            ),
                    )
                    .filter(
                        (r) =>
                            !tunnelEarly(egressKind(firewall.content), r) &&
                            !transportEarly(egressKind(firewall.content), r),
                    )
                    .map((r) => wrongRule(firewall, chain, r, "sources are not pinned")),
            ),
            ...firewall.ruleset.tables
                .filter((t) => t.family === "arp")
                .flatMap((t) => t.chains)
                .filter((c) => c.policy !== "drop")
                .map((c) => wrongFirewall(firewall, `chain ${c.name}`, "ARP is not dropped by policy")),
            ...(firewall.ruleset.tables.some(
                (t) =>
                    t.family === "arp" &&
                    (["input", "output"] as const).every((hook) =>
                        t.chains.some((c) => c.hook === hook && c.policy === "drop"),
                    ),
            )
                ? []
                : [wrongFirewall(firewall, "arp", "ARP is not filtered")]),
            ...pairs(firewall),
        ]),
};

export default rule;
