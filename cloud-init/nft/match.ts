/** Short constructors for the conditions of a rule, so that rulesets read like sentences. */
import type { Match } from "./model";

export const iif = (name: string): Match => ({ on: "iif", name });
export const oif = (name: string): Match => ({ on: "oif", name });
export const ipv6: Match = { on: "nfproto", family: "ipv6" };
export const saddr = (...addresses: string[]): Match => ({ on: "saddr", op: "in", addresses });
export const saddrNot = (...addresses: string[]): Match => ({ on: "saddr", op: "not-in", addresses });
export const daddr = (...addresses: string[]): Match => ({ on: "daddr", op: "in", addresses });
export const daddrIn = (set: string): Match => ({ on: "daddr", op: "in-set", set });
export const daddrNotIn = (set: string): Match => ({ on: "daddr", op: "not-in-set", set });
export const sourcePairIn = (set: string): Match => ({ on: "source-pair", op: "in-set", set });
export const arpSourcePairIn = (set: string): Match => ({ on: "arp-source-pair", op: "in-set", set });
export const arpSaddr = (...addresses: string[]): Match => ({ on: "arp-saddr", op: "in", addresses });
export const arpSaddrNot = (...addresses: string[]): Match => ({ on: "arp-saddr", op: "not-in", addresses });
export const arpOperation: Match = { on: "arp-operation", op: "in", operations: ["request", "reply"] };
export const tcp: Match = { on: "l4", op: "in", protocols: ["tcp"] };
export const tcpOrUdp: Match = { on: "l4", op: "in", protocols: ["tcp", "udp"] };
export const tcpPorts = (...ports: number[]): Match => ({ on: "dport", protocol: "tcp", ports });
export const udpPorts = (...ports: number[]): Match => ({ on: "dport", protocol: "udp", ports });
export const tcpSyn: Match = { on: "tcp-syn" };
export const badFlags: Match = { on: "tcp-bad-flags" };
export const fragment: Match = { on: "fragment" };
export const fragNeeded: Match = { on: "icmp-frag-needed" };
export const isNew: Match = { on: "ct-state", state: "new" };
export const established: Match = { on: "ct-state", state: "established" };
export const related: Match = { on: "ct-state", state: "related" };
export const invalid: Match = { on: "ct-state", state: "invalid" };
export const redirected: Match = { on: "ct-dnat" };
export const tcpDestinationIn = (set: string): Match => ({ on: "tcp-destination", op: "in-set", set });
export const tcpDestinationNotIn = (set: string): Match => ({ on: "tcp-destination", op: "not-in-set", set });
export const udp: Match = { on: "l4", op: "in", protocols: ["udp"] };
export const marked = (value: number): Match => ({ on: "mark", value });
export const connectionsOver = (set: string, limit: number): Match => ({
    on: "connections-over",
    set,
    limit,
});
export const ownedBy = (user: string): Match => ({ on: "skuid", user });
