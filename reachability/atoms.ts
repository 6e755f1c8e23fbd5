/**
 * The packets to try on a ruleset, but for their addresses (axis.ts). Two packets that no rule tells apart
 * are one: of the ports that every rule treats alike one is tried.
 */
import type { Match, Ruleset } from "../cloud-init/nft/model";
import { rulesOf } from "../cloud-init/nft/model";
import { memoize } from "../util/memoize";
import { portsBySet } from "./firewall";
import type { Packet, PacketClass } from "./packet";
import { Partition } from "./partition";

/**
 * Up to so many ports in sets of addresses and ports are tried each; beyond, those of the same sets are one.
 */
const PAIRED_PORTS = 64;

const anyPort = [80, 443, 8080, 81, 7, 65000];

/** Ports that every rule treats alike are one; any port that none names stands for the rest. */
function portsOf(ruleset: Ruleset, protocol: "tcp" | "udp"): number[] {
    const all: Match[] = [...rulesOf(ruleset)].flatMap(({ rule }) => rule.matches);
    const listed = all.flatMap((m) => (m.on === "dport" && m.protocol === protocol ? [m.ports] : []));
    const sets =
        protocol === "udp"
            ? []
            : ruleset.tables
                  .flatMap((t) => t.sets)
                  .map((set) => [...portsBySet(set).keys()])
                  .filter((list) => list.length > 0);
    const paired = [...new Set(sets.flat())];
    const named = [...new Set([...listed.flat(), ...paired])];
    const rest = anyPort.find((port) => !named.includes(port)) ?? 9;
    const ports = [...new Set([...named, 53, rest])];
    const index = new Map(ports.map((port, i) => [port, i]));
    const partition = new Partition(ports.length);
    for (const list of [
        ...listed,
        ...sets,
        [53],
        ...(paired.length <= PAIRED_PORTS ? paired.map((port) => [port]) : []),
    ]) {
        partition.split(new Set(list.flatMap((port) => index.get(port) ?? [])));
    }
    return partition.classes().first.map((i) => ports[i] ?? rest);
}

export type Shape = Pick<Packet, "class" | "family" | "protocol" | "fragment" | "fragNeeded" | "state"> &
    Partial<Pick<Packet, "port" | "flags">>;

/** Every kind of packet that the rules may tell apart by something else than its addresses. */
export const shapesOf = memoize((ruleset: Ruleset): readonly Shape[] => {
    const base = { family: "ipv4" as const, fragment: false, fragNeeded: false, state: "new" as const };
    const shape = (name: PacketClass, more: Partial<Shape>): Shape => ({
        ...base,
        protocol: "other",
        ...more,
        class: name,
    });
    return [
        ...portsOf(ruleset, "tcp").flatMap((port) => [
            shape("TCP, opening a connection", { protocol: "tcp", flags: "syn", port }),
            // Linux takes a lone ACK for the middle of a connection that it has not seen and calls it new.
            shape("TCP outside any connection", { protocol: "tcp", flags: "ack", port }),
            shape("TCP outside any connection", { protocol: "tcp", flags: "ack", port, state: "invalid" }),
            shape("TCP outside any connection", {
                protocol: "tcp",
                flags: "impossible",
                port,
                state: "invalid",
            }),
        ]),
        ...portsOf(ruleset, "udp").map((port) =>
            shape(port === 53 ? "UDP to port 53" : "UDP", { protocol: "udp", port }),
        ),
        shape("ICMP", { protocol: "icmp" }),
        shape("ICMP", { protocol: "icmp", fragNeeded: true }),
        shape("ICMP", { protocol: "icmp", state: "invalid" }),
        shape("another IPv4 protocol", {}),
        shape("IPv4 fragments", { protocol: "udp", fragment: true }),
        shape("IPv4 fragments", { protocol: "tcp", fragment: true }),
        shape("IPv6", { family: "ipv6", protocol: "tcp", flags: "syn", port: 80 }),
        shape("IPv6", { family: "ipv6", protocol: "udp", port: 53 }),
        shape("IPv6", { family: "ipv6", protocol: "icmp" }),
    ];
});
