/**
 * The part of the Gateway's firewall that depends on how tor leaves: freely, pinned to a set, through a
 * tunnel.
 */
import { INNER_SUBNET } from "../../values/addresses";
import type { GatewayFilesPlan } from "../../plan/guest-plan";
import { egressOf } from "../egress";
import { NIC, TOR_USER, TUNNEL_MARK } from "../guest";
import * as m from "./match";
import type { Match, NamedSet, Rule } from "./model";
import { LOCAL_SET, localSetOf } from "./local-set";
import { rule } from "./rule";

/** Name of the set of places that tor may connect to. */
export const PEERS = "tor_peers";

/** Sets that the rules below refer to. */
export function egressSets(enclave: GatewayFilesPlan): NamedSet[] {
    const { peers } = egressOf(enclave);
    const local = localSetOf(enclave.gateway.outer);
    if (peers === undefined) {
        return [local];
    }
    const elements = [...new Set(peers.map((e) => `${e.address} . ${e.port}`))];
    return [
        local,
        {
            name: PEERS,
            type: "ipv4_addr . inet_service",
            elements,
            why: "The only places that tor may connect to; empty means none.",
        },
    ];
}

const LOOPBACK = "127.0.0.1";
const onLoopback: readonly Match[] = [m.iif("lo"), m.saddr(LOOPBACK), m.daddr(LOOPBACK)];

/** Rules of the first look. */
export function egressEarly(enclave: GatewayFilesPlan): Rule[] {
    return [
        ...(enclave.tunnel === undefined
            ? []
            : [
                  rule(
                      "early-tunnel",
                      "Nobody at the tunnel's other end may claim an inner address.",
                      [m.iif(NIC.tunnel), m.saddrNot(INNER_SUBNET)],
                      "accept",
                  ),
              ]),
        ...(egressOf(enclave).transport
            ? [rule("early-loopback", "tor and its pluggable transport.", onLoopback, "accept")]
            : []),
    ];
}

/** What may come in on the way that tor leaves by. */
export function egressInput(enclave: GatewayFilesPlan): Rule[] {
    const { nic, transport } = egressOf(enclave);
    const { tunnel } = enclave;
    return [
        rule(
            "input-outer-established",
            "Answers to tor's own connections.",
            [m.iif(nic), m.tcp, m.established],
            "accept",
        ),
        rule(
            "input-outer-mtu",
            "A smaller MTU on the way of tor's own connections; no other ICMP.",
            [m.iif(nic), m.fragNeeded, m.related],
            "accept",
        ),
        ...(tunnel === undefined
            ? []
            : [
                  rule(
                      "input-tunnel",
                      "The tunnel's own packets, from its peer.",
                      [m.iif(NIC.outer), m.saddr(tunnel.endpoint.address), m.udp, m.established],
                      "accept",
                  ),
              ]),
        ...(transport
            ? [rule("input-loopback", "tor and its pluggable transport.", [...onLoopback, m.tcp], "accept")]
            : []),
    ];
}

/** What may leave towards the outside. */
export function egressOutput(enclave: GatewayFilesPlan): Rule[] {
    const { nic, source, peers, transport } = egressOf(enclave);
    const { tunnel } = enclave;
    const toPeers = peers === undefined ? [] : [m.tcpDestinationIn(PEERS)];
    // The host's own public address on its uplink is not among them: nothing here knows it.
    // A proxy, bridge or relay in the LAN was named on purpose; nothing else there is reached.
    const notPeers = peers === undefined ? [] : [m.tcpDestinationNotIn(PEERS)];
    return [
        rule(
            "output-lan",
            "tor has no business in a LAN: not even a taken-over tor reaches router, neighbours or the host's address there.",
            [m.oif(nic), m.daddrIn(LOCAL_SET.name), ...notPeers],
            "drop",
            "lan_out",
        ),
        // Conntrack may know a connection from before these rules: to be known is not enough to leave.
        rule(
            "output-outer-established",
            "The rest of tor's connections, also those whose socket is closed already.",
            [m.oif(nic), m.saddr(source), m.tcp, m.established, ...toPeers],
            "accept",
        ),
        rule(
            "output-tor",
            peers === undefined
                ? "tor alone opens connections, TCP alone."
                : "tor alone opens connections, TCP alone, to these peers alone.",
            [m.oif(nic), m.saddr(source), m.ownedBy(TOR_USER), m.tcpSyn, m.isNew, ...toPeers],
            "accept",
        ),
        ...(tunnel === undefined
            ? []
            : [
                  rule(
                      "output-tunnel",
                      "The tunnel's own packets (the kernel marks them), to its peer.",
                      [
                          m.oif(NIC.outer),
                          m.saddr(enclave.gateway.outer.address),
                          m.daddr(tunnel.endpoint.address),
                          m.udpPorts(tunnel.endpoint.port),
                          m.marked(TUNNEL_MARK),
                      ],
                      "accept",
                  ),
              ]),
        ...(transport
            ? [
                  rule(
                      "output-loopback",
                      "tor and its pluggable transport.",
                      [m.oif("lo"), m.saddr(LOOPBACK), m.daddr(LOOPBACK), m.ownedBy(TOR_USER), m.tcp],
                      "accept",
                  ),
                  rule(
                      "output-loopback-established",
                      "The rest of theirs, also when the socket is closed already.",
                      [m.oif("lo"), m.saddr(LOOPBACK), m.daddr(LOOPBACK), m.tcp, m.established],
                      "accept",
                  ),
              ]
            : []),
    ];
}
