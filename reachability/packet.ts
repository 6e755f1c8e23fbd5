/** Packet classes that edges carry, and the packets that stand for them when a firewall is asked. */

/**
 * Classes, one bit each. They are cut along the constants of our own rules: what those treat alike is one
 * class. Finer differences (addresses, ports, spoofed sources) are tried one by one inside the Gateway
 * (atoms.ts).
 */
export const CLASSES = [
    "TCP, opening a connection",
    "TCP outside any connection",
    "UDP to port 53",
    "UDP",
    "ICMP",
    "another IPv4 protocol",
    "IPv4 fragments",
    "IPv6",
    "ARP",
    "another kind of frame",
] as const;

export type PacketClass = (typeof CLASSES)[number];

/** A set of classes: bit i is CLASSES[i]. */
export type ClassSet = number;

export const ALL: ClassSet = (1 << CLASSES.length) - 1;
const bit = (name: PacketClass): ClassSet => 1 << CLASSES.indexOf(name);
export const IPV6: ClassSet = bit("IPv6");
/** What a host with an IPv4 address hears: IPv4 and the ARP that leads to it. */
export const IPV4: ClassSet = ALL & ~IPV6 & ~bit("another kind of frame");

export const classNames = (set: ClassSet): PacketClass[] => CLASSES.filter((_, i) => (set & (1 << i)) !== 0);

/** One packet, as a firewall looks at it. */
export interface Packet {
    readonly class: PacketClass;
    readonly family: "ipv4" | "ipv6";
    readonly iif?: string;
    readonly oif?: string;
    readonly sourceMac: string;
    readonly source: string;
    readonly destination: string;
    readonly protocol: "tcp" | "udp" | "icmp" | "other";
    readonly port?: number;
    readonly flags?: "syn" | "ack" | "impossible";
    readonly fragment: boolean;
    readonly fragNeeded: boolean;
    /** Only packets that begin something are tried: what belongs to a connection could begin nowhere else. */
    readonly state: "new" | "invalid";
    readonly redirected: boolean;
    /** Owner of the local socket; absent for what comes from a NIC and for the kernel's own. */
    readonly user?: string;
}

/** `tcp 10.152.152.11 -> 198.51.100.80 port 80 (new)`. */
export function describePacket(p: Packet): string {
    if (p.family === "ipv6") {
        return `IPv6 ${p.protocol}`;
    }
    const what = p.fragment ? "fragment of " : "";
    const port = p.port === undefined ? "" : ` port ${p.port}`;
    const by = p.user === undefined ? "" : ` by user ${p.user}`;
    return `${what}${p.protocol} ${p.source} -> ${p.destination}${port} (${p.state})${by}`;
}
