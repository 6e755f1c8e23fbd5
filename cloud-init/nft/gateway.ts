/**
 * The Gateway's firewall.
 *
 * Allow-lists on every hook: what no rule names is dropped and counted. Nothing is ever forwarded;
 * Workstations reach tor's listeners, tor reaches the outside over TCP, and that is all. Compared with
 * Whonix's whonix-gateway-firewall: sources are pinned to a Workstation's MAC and address, IPv6 is dropped
 * whole, tor's user may send TCP only and never to a LAN, no other user may send anything, loopback is
 * closed.
 */
import { INNER_SUBNET, workstationPlaces } from "../../values/addresses";
import {
    CONNECTIONS_PER_WORKSTATION,
    CONTROL_PORT,
    DNS_PORT,
    TRANS_PORT,
    httpTunnelPortsOf,
    socksPortsOf,
    type PortChoice,
} from "../../values/ports";
import type { GatewayFilesPlan } from "../../plan/guest-plan";
import { controlAddresses } from "../control";
import { NIC, TABLE } from "../guest";
import { egressEarly, egressInput, egressOutput, egressSets } from "./egress";
import * as m from "./match";
import { PRIORITY, type Chain, type Rule, type Ruleset } from "./model";
import { logged, rule } from "./rule";
import { WORKSTATIONS, pairSet, arp } from "./gateway-arp";

const WORKSTATION_ADDRESSES = "workstation_addresses";

/** Set that counts each Workstation's connections. */
const CONNECTIONS = "connections";

/** TCP ports of the Gateway that a Workstation may connect to by name. */
export const openPorts = (choice: PortChoice): number[] =>
    [...socksPortsOf(choice), ...httpTunnelPortsOf(choice)].map((p) => p.port);

/** TCP ports that are open to Workstations beside those. */
const tcpPortsBeside = (enclave: GatewayFilesPlan): number[] => [
    ...(enclave.transparentProxy ? [TRANS_PORT] : []),
    ...(enclave.workstations.some((w) => w.control === true) ? [CONTROL_PORT] : []),
];

/** A rule that accepts new connections to the control filter; none when no Workstation has it. */
function controlled(enclave: GatewayFilesPlan, id: string, why: string, gateway: string): Rule[] {
    const addresses = controlAddresses(enclave);
    return addresses.length === 0
        ? []
        : [
              rule(
                  id,
                  why,
                  [
                      m.iif(NIC.inner),
                      m.saddr(...addresses),
                      m.daddr(gateway),
                      m.tcpPorts(CONTROL_PORT),
                      m.tcpSyn,
                  ],
                  "accept",
              ),
          ];
}

/** First look at every packet, while fragments are still fragments and no connection is known yet. */
function early(enclave: GatewayFilesPlan): Chain {
    return {
        name: "early",
        type: "filter",
        hook: "prerouting",
        priority: PRIORITY.beforeDefrag,
        policy: "drop",
        rules: [
            rule(
                "early-ipv6",
                "No IPv6 of any kind: no router advertisement, neighbour or redirect is ever heard.",
                [m.ipv6],
                "drop",
                "ipv6_in",
            ),
            rule(
                "early-fragment",
                "Nobody who speaks to tor needs fragments; they hide ports from filters.",
                [m.fragment],
                "drop",
                "fragment_in",
            ),
            rule(
                "early-flags",
                "Flag combinations that no connection has (scans, evasions).",
                [m.badFlags],
                "drop",
                "bad_flags_in",
            ),
            rule(
                "early-inner",
                "A Workstation speaks with its own MAC and address, so circuits isolated by client stay so.",
                [m.iif(NIC.inner), m.sourcePairIn(WORKSTATIONS)],
                "accept",
            ),
            rule(
                "early-outer",
                "Nobody outside may claim an inner address.",
                [m.iif(NIC.outer), m.saddrNot(INNER_SUBNET)],
                "accept",
            ),
            ...egressEarly(enclave),
            logged("early-log", "early"),
            rule(
                "early-inner-spoofed",
                "Any other source on the isolated network.",
                [m.iif(NIC.inner)],
                "drop",
                "spoofed_inner",
            ),
            rule(
                "early-outer-spoofed",
                "Any other source on the external network.",
                [m.iif(NIC.outer)],
                "drop",
                "spoofed_outer",
            ),
            rule("early-other", "Loopback and NICs that no one planned.", [], "drop", "other_in"),
        ],
    };
}

/**
 * Whonix's transparent proxy: what is not for a SocksPort is carried to TransPort or DNSPort, wherever it was
 * going.
 */
function redirects(enclave: GatewayFilesPlan, gateway: string): Chain {
    const redirect = (id: string, why: string, matches: Rule["matches"], port: number): Rule => ({
        id,
        why,
        matches: [m.iif(NIC.inner), ...matches],
        verdict: { do: "redirect", port },
    });
    return {
        name: "redirects",
        type: "nat",
        hook: "prerouting",
        priority: PRIORITY.dstnat,
        policy: "accept",
        rules: [
            ...controlled(
                enclave,
                "redirect-not-control",
                "The control filter is meant by name, too.",
                gateway,
            ),
            rule(
                "redirect-not-socks",
                "SocksPorts are meant by name; by address, or 9050 of a public host would end here.",
                [m.iif(NIC.inner), m.daddr(gateway), m.tcpPorts(...openPorts(enclave))],
                "accept",
            ),
            redirect("redirect-dns", "DNS to any resolver, hard-coded ones too.", [m.udpPorts(53)], DNS_PORT),
            redirect(
                "redirect-tcp",
                "Every other new connection, automapped .onion addresses included; tor refuses LAN addresses.",
                [m.tcpSyn],
                TRANS_PORT,
            ),
        ],
    };
}

function input(enclave: GatewayFilesPlan, gateway: string): Chain {
    const transparent = [
        rule(
            "input-trans",
            "Redirected connections; one that names the port itself was not redirected and is refused.",
            [m.iif(NIC.inner), m.daddr(gateway), m.tcpPorts(TRANS_PORT), m.isNew, m.redirected],
            "accept",
        ),
        rule(
            "input-dns",
            "Redirected queries; likewise.",
            [m.iif(NIC.inner), m.daddr(gateway), m.udpPorts(DNS_PORT), m.isNew, m.redirected],
            "accept",
        ),
    ];
    return {
        name: "input",
        type: "filter",
        hook: "input",
        priority: PRIORITY.filter,
        policy: "drop",
        rules: [
            rule("input-invalid", "Belongs to no connection.", [m.invalid], "drop", "invalid_in"),
            ...egressInput(enclave),
            rule(
                "input-inner-established",
                "The rest of what a Workstation began.",
                [m.iif(NIC.inner), m.tcpOrUdp, m.established],
                "accept",
            ),
            rule(
                "input-crowded",
                "One Workstation's connections leave tor room for its siblings'.",
                [
                    m.iif(NIC.inner),
                    m.tcpPorts(...openPorts(enclave), ...tcpPortsBeside(enclave)),
                    m.isNew,
                    m.connectionsOver(CONNECTIONS, CONNECTIONS_PER_WORKSTATION),
                ],
                "drop",
                "crowded_in",
            ),
            rule(
                "input-socks",
                "SocksPorts, on the inner address alone.",
                [m.iif(NIC.inner), m.daddr(gateway), m.tcpPorts(...openPorts(enclave)), m.tcpSyn, m.isNew],
                "accept",
            ),
            ...controlled(
                enclave,
                "input-control",
                "The control filter, for the Workstations that the plan gives it to.",
                gateway,
            ),
            ...(enclave.transparentProxy ? transparent : []),
            logged("input-log", "input"),
            rule(
                "input-inner-rest",
                "Everything else from Workstations: dropped, not rejected, so a scan learns nothing.",
                [m.iif(NIC.inner)],
                "drop",
                "inner_in",
            ),
            rule("input-rest", "Everything else from outside.", [], "drop", "outer_in"),
        ],
    };
}

const forward: Chain = {
    name: "forward",
    type: "filter",
    hook: "forward",
    priority: PRIORITY.filter,
    policy: "drop",
    rules: [
        logged("forward-log", "forward"),
        rule(
            "forward-none",
            "Nothing is routed through the Gateway (and the kernel's forwarding is off).",
            [],
            "drop",
            "forwarded",
        ),
    ],
};

const earlyOutput: Chain = {
    name: "early_output",
    type: "filter",
    hook: "output",
    priority: PRIORITY.beforeDefrag,
    policy: "accept",
    rules: [
        rule("output-ipv6", "No IPv6 of any kind leaves.", [m.ipv6], "drop", "ipv6_out"),
        rule("output-fragment", "tor sends none.", [m.fragment], "drop", "fragment_out"),
        rule("output-flags", "tor's connections have none.", [m.badFlags], "drop", "bad_flags_out"),
    ],
};

function output(enclave: GatewayFilesPlan, gateway: string): Chain {
    return {
        name: "output",
        type: "filter",
        hook: "output",
        priority: PRIORITY.filter,
        policy: "drop",
        rules: [
            rule(
                "output-invalid",
                "FIN and RST of connections that are no longer known, as after tor has stopped.",
                [m.invalid],
                "drop",
                "invalid_out",
            ),
            ...egressOutput(enclave),
            rule(
                "output-inner-established",
                "Answers to Workstations; the Gateway begins nothing inside.",
                [
                    m.oif(NIC.inner),
                    m.saddr(gateway),
                    m.daddrIn(WORKSTATION_ADDRESSES),
                    m.tcpOrUdp,
                    m.established,
                ],
                "accept",
            ),
            logged("output-log", "output"),
            rule(
                "output-inner-rest",
                "Anything else towards Workstations.",
                [m.oif(NIC.inner)],
                "drop",
                "inner_out",
            ),
            rule("output-rest", "Anything else towards the outside.", [], "drop", "outer_out"),
        ],
    };
}

/** The Gateway's rules as data; `renderRuleset` makes the file. */
export function gatewayRuleset(enclave: GatewayFilesPlan): Ruleset {
    const gateway = enclave.gateway.inner.address;
    const outer = enclave.gateway.outer.address;
    return {
        tables: [
            {
                family: "inet",
                name: TABLE,
                sets: [
                    pairSet(),
                    {
                        name: WORKSTATION_ADDRESSES,
                        type: "ipv4_addr",
                        elements: workstationPlaces().map(({ address }) => address),
                        why: "The same without MACs, for answers.",
                    },
                    {
                        name: CONNECTIONS,
                        type: "ipv4_addr",
                        dynamic: true,
                        elements: [],
                        why: "Each Workstation's connections, counted by input-crowded.",
                    },
                    ...egressSets(enclave),
                ],
                chains: [
                    early(enclave),
                    ...(enclave.transparentProxy ? [redirects(enclave, gateway)] : []),
                    input(enclave, gateway),
                    forward,
                    earlyOutput,
                    output(enclave, gateway),
                ],
            },
            arp(gateway, outer),
        ],
    };
}
