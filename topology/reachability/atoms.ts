/**
 * The packets to try on a ruleset. Two packets that no rule tells apart are one: addresses are cut at the bounds of
 * every range that the rules name, ports at every port, and of each piece one is tried.
 */
import type { Match, Ruleset } from "../../cloud-init/nft/model";
import { rulesOf } from "../../cloud-init/nft/model";
import { kept } from "../kept";
import { bounds } from "./firewall";
import type { Packet, PacketClass } from "./packet";

const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

interface Constants {
    /** Addresses that are named together: no rule tells members of one list apart. */
    readonly lists: readonly (readonly string[])[];
    /** Of each set of pairs the first two, so that right and mixed-up pairs are both tried. */
    readonly pairs: readonly (readonly [mac: string, address: string])[];
    readonly tcp: readonly number[];
    readonly udp: readonly number[];
}

const isAddress = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+/.test(text);

const constantsOf = kept((ruleset: Ruleset): Constants => {
    const all: Match[] = [...rulesOf(ruleset)].flatMap(({ rule }) => rule.matches);
    const sets = ruleset.tables.flatMap((t) => t.sets);
    const parts = sets.map((s) => s.elements.map((e) => e.split(" . ")));
    const named = all.flatMap((m) => ((m.on === "saddr" || m.on === "daddr") && "addresses" in m ? [m.addresses] : []));
    const ports = (protocol: "tcp" | "udp"): number[] => all.flatMap((m) => (m.on === "dport" && m.protocol === protocol ? m.ports : []));
    const pairPorts = parts.flat().flatMap((p) => p.filter((part) => /^\d+$/.test(part)).map(Number));
    return {
        lists: [...named, ...parts.map((elements) => elements.flatMap((p) => p.filter(isAddress)))].filter((list) => list.length > 0),
        pairs: parts.flatMap((elements) => elements.slice(0, 2).flatMap(([mac = "", address = ""]) => (mac.includes(":") && isAddress(address) ? [[mac, address] as const] : []))),
        tcp: [...new Set([...ports("tcp"), ...pairPorts])],
        udp: [...new Set(ports("udp"))],
    };
});

type Span = readonly [first: number, last: number];

/** The same addresses in as few spans as hold them: 244 neighbours are one. */
function joined(spans: readonly Span[]): Span[] {
    const found: [number, number][] = [];
    for (const [first, last] of [...spans].sort(([a], [b]) => a - b)) {
        const before = found.at(-1);
        if (before !== undefined && first <= before[1] + 1) {
            before[1] = Math.max(before[1], last);
        } else {
            found.push([first, last]);
        }
    }
    return found;
}

/** One address of every piece that the lists cut the address space into, pieces inside the same lists counted once. */
const piecesOf = kept(({ lists }: Constants): readonly string[] => {
    const spans = lists.map((list) => joined(list.map(bounds)));
    const points = new Set([0x08080808, ...spans.flat().flatMap(([first, last]) => [first, last, first - 1, last + 1])].filter((n) => n >= 0 && n < 2 ** 32));
    const pieces = new Map<string, string>();
    for (const n of points) {
        const signature = spans.map((list) => (list.some(([first, last]) => n >= first && n <= last) ? "1" : "0")).join("");
        if (!pieces.has(signature)) {
            pieces.set(signature, dotted(n));
        }
    }
    return [...pieces.values()];
});

const addresses = (constants: Constants, always: readonly string[]): string[] => [...new Set([...always, ...piecesOf(constants)])];

/** Ports that every rule treats alike are one; any port that none names stands for the rest. */
function ports(named: readonly number[], ruleset: Ruleset, protocol: "tcp" | "udp"): number[] {
    const matches = [...rulesOf(ruleset)].flatMap(({ rule }) => rule.matches).filter((m) => m.on === "dport" && m.protocol === protocol);
    const seen = new Map<string, number>();
    const rest = [80, 443, 8080, 81, 7, 65000].find((p) => !named.includes(p)) ?? 9;
    for (const port of [...named, 53, rest]) {
        const signature = `${port === 53 ? "dns" : ""}${matches.map((m) => (m.on === "dport" && m.ports.includes(port) ? "1" : "0")).join("")}`;
        seen.set(signature, seen.get(signature) ?? port);
    }
    return [...seen.values()];
}

type Shape = Pick<Packet, "class" | "family" | "protocol" | "fragment" | "fragNeeded" | "state"> & Partial<Pick<Packet, "port" | "flags">>;

const shapes = kept((ruleset: Ruleset): readonly Shape[] => {
    const constants = constantsOf(ruleset);
    const base = { family: "ipv4" as const, fragment: false, fragNeeded: false, state: "new" as const };
    const shape = (name: PacketClass, more: Partial<Shape>): Shape => ({ ...base, protocol: "other", ...more, class: name });
    const tcp = ports(constants.tcp, ruleset, "tcp");
    return [
        ...tcp.flatMap((port) => [
            shape("TCP, opening a connection", { protocol: "tcp", flags: "syn", port }),
            // Linux takes a lone ACK for the middle of a connection that it has not seen and calls it new.
            shape("TCP outside any connection", { protocol: "tcp", flags: "ack", port }),
            shape("TCP outside any connection", { protocol: "tcp", flags: "ack", port, state: "invalid" }),
            shape("TCP outside any connection", { protocol: "tcp", flags: "impossible", port, state: "invalid" }),
        ]),
        ...ports(constants.udp, ruleset, "udp").map((port) => shape(port === 53 ? "UDP to port 53" : "UDP", { protocol: "udp", port })),
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

/** Packets that arrive on a NIC, in lists that differ in addresses alone. @param own addresses of the machine itself, tried as destinations in any case */
export function arriving(ruleset: Ruleset, iif: string, own: readonly string[]): Packet[][] {
    const constants = constantsOf(ruleset);
    const places = addresses(constants, [...own, ...constants.pairs.map(([, address]) => address)]);
    const macs = [...new Set(["02:00:00:00:00:01", ...constants.pairs.map(([mac]) => mac)])];
    return shapes(ruleset).map((shape) =>
        shape.family === "ipv6"
            ? [{ ...shape, iif, sourceMac: macs[0] ?? "", source: "2001:db8::1", destination: "2001:db8::2", redirected: false }]
            : macs.flatMap((sourceMac) => places.flatMap((source) => places.map((destination): Packet => ({ ...shape, iif, sourceMac, source, destination, redirected: false })))));
}

/** Packets that a program other than tor sends through a NIC, in such lists. */
export function leaving(ruleset: Ruleset, oif: string, own: readonly string[], users: readonly (string | undefined)[]): Packet[][] {
    const constants = constantsOf(ruleset);
    const places = addresses(constants, own);
    return shapes(ruleset).flatMap((shape) => users.map((user) => {
        const by = user === undefined ? {} : { user };
        return shape.family === "ipv6"
            ? [{ ...shape, ...by, oif, sourceMac: "", source: "2001:db8::1", destination: "2001:db8::2", redirected: false }]
            : places.flatMap((source) => places.map((destination): Packet => ({ ...shape, ...by, oif, sourceMac: "", source, destination, redirected: false })));
    }));
}
