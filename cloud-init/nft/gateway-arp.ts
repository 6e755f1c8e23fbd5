/** The Gateway's ARP rules, and the pairs of MAC and address that it believes inside. */
import { INNER_SUBNET, workstationPlaces } from "../../values/addresses";
import { NIC, TABLE } from "../guest";
import * as m from "./match";
import { PRIORITY, type Chain, type NamedSet, type Rule, type Ruleset } from "./model";
import { logged, rule } from "./rule";

export const WORKSTATIONS = "workstations";

/** ARP: each side is told its own address only, and a Workstation cannot claim another's. */
export function arp(gateway: string, outer: string): Ruleset["tables"][number] {
    const pairs: NamedSet = pairSet();
    const chain = (hook: "input" | "output", rules: Rule[]): Chain => ({
        name: hook,
        type: "filter",
        hook,
        priority: PRIORITY.filter,
        policy: "drop",
        rules,
    });
    return {
        family: "arp",
        name: TABLE,
        sets: [pairs],
        chains: [
            chain("input", [
                rule(
                    "arp-in-inner",
                    "A Workstation answers and asks for itself.",
                    [m.iif(NIC.inner), m.arpOperation, m.arpSourcePairIn(WORKSTATIONS)],
                    "accept",
                ),
                rule(
                    "arp-in-outer",
                    "The next hop outside, under no inner address.",
                    [m.iif(NIC.outer), m.arpOperation, m.arpSaddrNot(INNER_SUBNET)],
                    "accept",
                ),
                logged("arp-in-log", "arp input"),
                rule("arp-in-rest", "Anything else.", [], "drop", "arp_in"),
            ]),
            chain("output", [
                rule(
                    "arp-out-inner",
                    "Inside, the inner address.",
                    [m.oif(NIC.inner), m.arpSaddr(gateway)],
                    "accept",
                ),
                rule(
                    "arp-out-outer",
                    "Outside, the outer address.",
                    [m.oif(NIC.outer), m.arpSaddr(outer)],
                    "accept",
                ),
                logged("arp-out-log", "arp output"),
                rule("arp-out-rest", "Anything else.", [], "drop", "arp_out"),
            ]),
        ],
    };
}

export function pairSet(): NamedSet {
    return {
        name: WORKSTATIONS,
        type: "ether_addr . ipv4_addr",
        elements: workstationPlaces().map(({ mac, address }) => `${mac} . ${address}`),
        why: "Who may speak on the isolated network: any Workstation, each as itself.",
    };
}
