/**
 * The Workstation's own firewall. The Gateway is the boundary; this one keeps honest programs from trying
 * what the Gateway would drop, fails them at once instead of after a time-out, and keeps tor from running
 * inside tor.
 */
import { AUTOMAP_SUBNET } from "../../values/addresses";
import { CONTROL_PORT } from "../../values/ports";
import type { WorkstationFilesPlan, WorkstationGuest } from "../../plan/guest-plan";
import { NIC, TABLE, TOR_USER } from "../guest";
import { openPorts } from "./gateway";
import * as m from "./match";
import { PRIORITY, type Ruleset } from "./model";
import { LOCAL_SET } from "./local-set";
import { logged, rule } from "./rule";

const LOOPBACK = "lo";

/** A Workstation's rules as data; the same for every Workstation of an enclave, but for the control port. */
export function workstationRuleset(enclave: WorkstationFilesPlan, workstation?: WorkstationGuest): Ruleset {
    const gateway = enclave.gateway.inner.address;
    const out = m.oif(NIC.workstation);
    const transparent = [
        rule(
            "ws-output-dns",
            "DNS, to the Gateway alone.",
            [out, m.daddr(gateway), m.udpPorts(53)],
            "accept",
        ),
        rule(
            "ws-output-automap",
            "Addresses that tor's DNSPort made up for .onion names.",
            [out, m.tcp, m.isNew, m.daddr(AUTOMAP_SUBNET)],
            "accept",
        ),
        rule(
            "ws-output-tcp",
            "Any public address; the Gateway carries it into Tor.",
            [out, m.tcp, m.isNew, m.daddrNotIn(LOCAL_SET.name)],
            "accept",
        ),
    ];
    const filter = { type: "filter", priority: PRIORITY.filter, policy: "drop" } as const;
    return {
        tables: [
            {
                family: "inet",
                name: TABLE,
                sets: enclave.transparentProxy ? [LOCAL_SET] : [],
                chains: [
                    {
                        ...filter,
                        name: "input",
                        hook: "input",
                        rules: [
                            rule(
                                "ws-input-lo",
                                "Programs of this machine among themselves.",
                                [m.iif(LOOPBACK)],
                                "accept",
                            ),
                            rule(
                                "ws-input-established",
                                "Answers to what was begun here.",
                                [m.iif(NIC.workstation), m.tcpOrUdp, m.established],
                                "accept",
                            ),
                            logged("ws-input-log", "input"),
                            rule("ws-input-rest", "Nobody begins anything here.", [], "drop", "dropped_in"),
                        ],
                    },
                    {
                        ...filter,
                        name: "forward",
                        hook: "forward",
                        rules: [
                            logged("ws-forward-log", "forward"),
                            rule("ws-forward-none", "No routing.", [], "drop", "forwarded"),
                        ],
                    },
                    {
                        ...filter,
                        name: "output",
                        hook: "output",
                        rules: [
                            rule(
                                "ws-output-tor",
                                "No tor inside tor: its circuits would be longer and weaker.",
                                [m.oif(NIC.workstation), m.ownedBy(TOR_USER)],
                                "reject",
                                "tor_over_tor",
                            ),
                            rule(
                                "ws-output-lo",
                                "Programs of this machine among themselves.",
                                [m.oif(LOOPBACK)],
                                "accept",
                            ),
                            rule(
                                "ws-output-established",
                                "The rest of what was begun here.",
                                [out, m.tcpOrUdp, m.established],
                                "accept",
                            ),
                            rule(
                                "ws-output-socks",
                                "The Gateway's ports.",
                                [
                                    out,
                                    m.daddr(gateway),
                                    m.tcpPorts(
                                        ...openPorts(enclave),
                                        ...(workstation?.control === true ? [CONTROL_PORT] : []),
                                    ),
                                    m.isNew,
                                ],
                                "accept",
                            ),
                            ...(enclave.transparentProxy ? transparent : []),
                            logged("ws-output-log", "output"),
                            rule(
                                "ws-output-rest",
                                "Anything else, with an answer so that programs do not wait.",
                                [],
                                "reject",
                                "rejected_out",
                            ),
                        ],
                    },
                ],
            },
        ],
    };
}
