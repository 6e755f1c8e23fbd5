/** How a Gateway's tor leaves by its own seed: rules about the outside are about this way. */
import { NIC, TUNNEL_MARK } from "../../cloud-init/guest";
import type { Match, Rule as NftRule } from "../../cloud-init/nft/model";
import { INNER_SUBNET } from "../../values/addresses";
import type { SeedContent } from "../../model";
import type { TunnelPlan } from "../../plan/guest-plan";
import { egressOfSeed } from "../../reachability/seed-plan";
import { iif, oif, requires, state, tcpOnly } from "./firewall";

interface EgressKind {
    /** The NIC that tor's connections leave by. */
    readonly nic: string;
    readonly tunnel?: TunnelPlan;
    /** A pluggable transport talks to tor over loopback. */
    readonly transport: boolean;
}

/**
 * The egress of a Gateway with this seed; what cannot be read counts as not there, and its rules are then
 * too wide.
 */
export function egressKind(content: SeedContent): EgressKind {
    const { tunnel, egress } = egressOfSeed(content);
    const transport = egress?.mode === "bridges" && egress.bridges.some((b) => b.transport !== undefined);
    return tunnel === undefined ? { nic: NIC.outer, transport } : { nic: NIC.tunnel, tunnel, transport };
}

const LOOPBACK = "127.0.0.1";
const only =
    (on: "saddr" | "daddr", address: string) =>
    (m: Match): boolean =>
        m.on === on && m.op === "in" && m.addresses.length === 1 && m.addresses[0] === address;
/** Both ends are this machine's own. */
const withinItself = [only("saddr", LOOPBACK), only("daddr", LOOPBACK)];
const udp = (m: Match): boolean =>
    (m.on === "l4" && m.op === "in" && m.protocols.join() === "udp") ||
    (m.on === "dport" && m.protocol === "udp");

/** tor and its transport among themselves, in a chain that packets leave or enter by. */
export const transportOut = (way: EgressKind, rule: NftRule): boolean =>
    way.transport && requires(rule, oif("lo"), tcpOnly, ...withinItself);
export const transportIn = (way: EgressKind, rule: NftRule): boolean =>
    way.transport && requires(rule, iif("lo"), tcpOnly, ...withinItself);
/** The first look knows no protocols. */
export const transportEarly = (way: EgressKind, rule: NftRule): boolean =>
    way.transport && requires(rule, iif("lo"), ...withinItself);

/** The tunnel's own packets: marked by the kernel, to the peer's port and nowhere else. */
export const tunnelOut = ({ tunnel }: EgressKind, rule: NftRule): boolean =>
    tunnel !== undefined &&
    requires(
        rule,
        oif(NIC.outer),
        only("daddr", tunnel.endpoint.address),
        (m) => m.on === "mark" && m.value === TUNNEL_MARK,
        (m) =>
            m.on === "dport" &&
            m.protocol === "udp" &&
            m.ports.length === 1 &&
            m.ports[0] === tunnel.endpoint.port,
    );
/** Answers of the peer. */
export const tunnelIn = ({ tunnel }: EgressKind, rule: NftRule): boolean =>
    tunnel !== undefined &&
    requires(rule, iif(NIC.outer), only("saddr", tunnel.endpoint.address), udp, state("established"));
/** No host at the tunnel's other end claims an inner address. */
export const tunnelEarly = ({ tunnel }: EgressKind, rule: NftRule): boolean =>
    tunnel !== undefined &&
    requires(
        rule,
        iif(NIC.tunnel),
        (m) => m.on === "saddr" && m.op === "not-in" && m.addresses.includes(INNER_SUBNET),
    );
