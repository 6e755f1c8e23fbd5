/**
 * What a Gateway's rules let through besides tor. The rules are run on every packet that they could tell
 * apart (atoms.ts, axis.ts), all destinations at a time (sweep.ts); the answer is sets of packet classes
 * between its NICs and its programs.
 */
import { NIC, TOR_USER } from "../cloud-init/guest";
import { rulesOf, type Ruleset } from "../cloud-init/nft/model";
import { isAddress } from "../values/addresses";
import type { SeedNic, TorOptionLine } from "../model";
import { memoize } from "../util/memoize";
import { CONTROL_PORT } from "../values/ports";
import { shapesOf, type Shape } from "./atoms";
import { STRANGER, classesOf } from "./axis";
import { both, firstBit, isEmpty, noBits, without, type Bits } from "./bits";
import { Budget } from "./budget";
import { narrowed, through } from "./firewall";
import { CLASSES, describePacket, type ClassSet, type Packet } from "./packet";
import { Sweep } from "./sweep";
import { own } from "../util/own";

/** Packets of these classes pass; one of them is named with the rules that let it. */
export interface Flow {
    readonly classes: ClassSet;
    readonly because: string;
}

/** By interface name inside the guest. */
export interface Transfer {
    /** `from > to`: routed from one NIC to another (or back to the same one). */
    readonly forwarded: ReadonlyMap<string, Flow>;
    /** From a NIC to a program that is not tor. */
    readonly delivered: ReadonlyMap<string, Flow>;
    /** From a program that is not tor to a NIC. */
    readonly emitted: ReadonlyMap<string, Flow>;
}

export interface Interface {
    readonly name: string;
    readonly addresses: readonly string[];
}

class Flows {
    readonly map = new Map<string, Flow>();

    /** Whether no packet of this one's class passes there yet. */
    lacks(key: string, packet: Packet): boolean {
        return ((this.map.get(key)?.classes ?? 0) & (1 << CLASSES.indexOf(packet.class))) === 0;
    }

    add(key: string, packet: Packet, by: string): void {
        const before = this.map.get(key);
        const classes = (before?.classes ?? 0) | (1 << CLASSES.indexOf(packet.class));
        this.map.set(key, { classes, because: before?.because ?? `${describePacket(packet)} passes ${by}` });
    }
}

const LISTENERS: Readonly<Record<string, "tcp" | "udp">> = {
    transport: "tcp",
    socksport: "tcp",
    httptunnelport: "tcp",
    dnsport: "udp",
};

/** Whether tor listens there, by its own configuration. */
function torListens(torrc: readonly TorOptionLine[]): (packet: Packet, port: number | undefined) => boolean {
    const listening = new Set(
        torrc.flatMap(({ option, value }) => {
            const protocol = own(LISTENERS, option.toLowerCase());
            const found = /^(\d+\.\d+\.\d+\.\d+):(\d+)(?: |$)/.exec(value);
            return protocol === undefined || found === null ? [] : [`${protocol} ${found[2]}`];
        }),
    );
    return (packet, port) => listening.has(`${packet.protocol} ${port}`);
}

/**
 * Steps that one Gateway's rules may take: about three seconds. A rendered ruleset takes less than a
 * hundredth of them.
 */
const STEPS = 200_000_000;

/** What is asked of every packet, beside the rules themselves. */
interface Asked {
    readonly ruleset: Ruleset;
    readonly nics: readonly Interface[];
    /** IPv4 addresses of the Gateway itself. */
    readonly own: readonly string[];
    readonly control: readonly string[];
    /** Whether tor or the control filter is what takes it. */
    readonly served: (packet: Packet, port: number | undefined) => boolean;
    readonly budget: Budget;
    /** The rules that are left for packets like this one, kept for those that differ in their ports alone. */
    readonly left: (packet: Packet) => Ruleset;
}

interface Found {
    readonly forwarded: Flows;
    readonly delivered: Flows;
    readonly emitted: Flows;
}

function narrowing(ruleset: Ruleset): Asked["left"] {
    const known = new Map<string, Ruleset>();
    return (packet) => {
        const key = JSON.stringify({ ...packet, port: undefined });
        const left = known.get(key) ?? narrowed(ruleset, packet);
        known.set(key, left);
        return left;
    };
}

/** IPv6 packets have no addresses here to tell local from routed: both are tried. */
const IPV6_PLACES = { sourceMac: STRANGER, source: "2001:db8::1", destination: "2001:db8::2" };

/** One packet, rule by rule. What the sweep below finds is shown, and checked, by this. */
function follow(
    { ruleset, nics, own, served }: Asked,
    nic: Interface,
    packet: Packet,
    found: Found,
): boolean {
    const early = through(ruleset, "prerouting", packet);
    if (!early.passes) {
        return false;
    }
    const port = early.redirectedTo ?? packet.port;
    const seen: Packet =
        early.redirectedTo === undefined
            ? packet
            : { ...packet, port, destination: nic.addresses[0] ?? packet.destination, redirected: true };
    let passes = false;
    if (packet.family === "ipv6" || own.includes(seen.destination)) {
        const input = through(ruleset, "input", seen);
        if (input.passes && !served(seen, port)) {
            found.delivered.add(nic.name, packet, `${early.by}; ${input.by}`);
            passes = true;
        }
    }
    if (packet.family === "ipv6" || !own.includes(seen.destination)) {
        for (const out of nics) {
            const forward = through(ruleset, "forward", { ...seen, oif: out.name });
            if (forward.passes) {
                found.forwarded.add(`${nic.name} > ${out.name}`, packet, `${early.by}; ${forward.by}`);
                passes = true;
            }
        }
    }
    return passes;
}

/** The packet with addresses that stand for these classes. */
function addressed(packet: Packet, sweep: Sweep, source: number, destination: number): Packet {
    const { mac, address } = sweep.source.sample(source);
    return {
        ...packet,
        sourceMac: mac,
        source: address,
        destination: sweep.destination.sample(destination).address,
    };
}

const disagree = (packet: Packet): Error =>
    new Error(`two ways to follow ${describePacket(packet)} through the rules disagree`);

/** Packets of one kind that arrive on a NIC, whatever their addresses. */
function arriving(asked: Asked, nic: Interface, shape: Shape, found: Found): void {
    const { nics, own, served, budget } = asked;
    const packet: Packet = { ...shape, ...IPV6_PLACES, iif: nic.name, redirected: false };
    const left = asked.left(packet);
    const within = { ...asked, ruleset: left };
    if (packet.family === "ipv6") {
        follow(within, nic, packet, found);
        return;
    }
    const ways = (): boolean =>
        found.delivered.lacks(nic.name, packet) ||
        nics.some((out) => found.forwarded.lacks(`${nic.name} > ${out.name}`, packet));
    if (!ways()) {
        return;
    }
    const sweep = new Sweep(left, packet, own, asked.control, budget);
    const mine = classesOf(sweep.destination, own);
    const show = (source: number, destinations: Bits): void => {
        const one = addressed(packet, sweep, source, firstBit(destinations));
        if (!follow(within, nic, one, found)) {
            throw disagree(one);
        }
    };
    for (let source = 0; source < sweep.source.size && ways(); source += 1) {
        for (const [port, alive] of sweep.passing("prerouting", packet, source, sweep.all())) {
            const redirected = port !== undefined;
            const seen: Packet = {
                ...packet,
                source: sweep.source.sample(source).address,
                ...(redirected ? { port, redirected } : {}),
            };
            // A redirect leads to the NIC's own first address, wherever the packet was going.
            const target = redirected ? nic.addresses[0] : undefined;
            const local = target === undefined ? both(alive, mine) : classesOf(sweep.destination, [target]);
            const input =
                isEmpty(local) || served(seen, seen.port) || !found.delivered.lacks(nic.name, packet)
                    ? []
                    : [...sweep.passing("input", seen, source, local).values()];
            input.forEach((bits) => show(source, target === undefined ? bits : alive));
            const remote = target === undefined ? without(alive, mine) : noBits(sweep.destination.size);
            for (const out of isEmpty(remote)
                ? []
                : nics.filter((n) => found.forwarded.lacks(`${nic.name} > ${n.name}`, packet))) {
                [...sweep.passing("forward", { ...seen, oif: out.name }, source, remote).values()].forEach(
                    (bits) => show(source, bits),
                );
            }
        }
    }
}

/** Packets of one kind that a program other than tor sends through a NIC. */
function leaving(
    { own, budget, left: leftOf }: Asked,
    nic: Interface,
    shape: Shape,
    user: string | undefined,
    found: Found,
): void {
    const packet: Packet = {
        ...shape,
        ...IPV6_PLACES,
        sourceMac: "",
        oif: nic.name,
        redirected: false,
        ...(user === undefined ? {} : { user }),
    };
    if (!found.emitted.lacks(nic.name, packet)) {
        return;
    }
    const left = leftOf(packet);
    const show = (one: Packet): boolean => {
        const output = through(left, "output", one);
        if (output.passes) {
            found.emitted.add(nic.name, one, output.by);
        }
        return output.passes;
    };
    if (packet.family === "ipv6") {
        show(packet);
        return;
    }
    const sweep = new Sweep(left, packet, own, [], budget);
    for (let source = 0; source < sweep.source.size; source += 1) {
        const [bits] = sweep.passing("output", packet, source, sweep.all()).values();
        if (bits !== undefined) {
            const one = { ...addressed(packet, sweep, source, firstBit(bits)), sourceMac: "" };
            if (!show(one)) {
                throw disagree(one);
            }
            return;
        }
    }
}

/**
 * @param torrc lines of the same Gateway
 * @param control whom its control filter serves: the filter, like tor, is a part of the Gateway that they may reach
 * @param steps how much may be worked out
 * @throws TooMuch when the rules are so many that it would take more
 */
export function transferOf(
    ruleset: Ruleset,
    nics: readonly Interface[],
    torrc: readonly TorOptionLine[],
    control: readonly string[] = [],
    steps = STEPS,
): Transfer {
    const found: Found = { forwarded: new Flows(), delivered: new Flows(), emitted: new Flows() };
    const isTor = torListens(torrc);
    const asked: Asked = {
        ruleset,
        nics,
        own: nics.flatMap((nic) => nic.addresses).filter(isAddress),
        control: control.filter(isAddress),
        served: (packet, port) =>
            isTor(packet, port) ||
            (packet.protocol === "tcp" && port === CONTROL_PORT && control.includes(packet.source)),
        left: narrowing(ruleset),
        budget: new Budget(steps, `what ${[...rulesOf(ruleset)].length} rules let through`),
    };
    // "root" stands for every user that no rule names; rules that name one other than tor's are tried by
    // name.
    const users = [undefined, ...new Set(["root", ...namedUsers(ruleset)])].filter(
        (user) => user !== TOR_USER,
    );
    for (const nic of nics) {
        for (const shape of shapesOf(ruleset)) {
            arriving(asked, nic, shape, found);
            users.forEach((user) => leaving(asked, nic, shape, user, found));
        }
    }
    return { forwarded: found.forwarded.map, delivered: found.delivered.map, emitted: found.emitted.map };
}

const namedUsers = (ruleset: Ruleset): string[] =>
    ruleset.tables.flatMap((t) =>
        t.chains.flatMap((c) =>
            c.rules.flatMap((r) => r.matches.flatMap((m) => (m.on === "skuid" ? [m.user] : []))),
        ),
    );

/** Programs of the Gateway's, in place of a NIC. */
export const PROGRAMS = -1;

/** Packets from one of a Gateway's NICs, by its index, to another; or from or to its programs. */
export interface Way {
    readonly from: number;
    readonly to: number;
    readonly flow: Flow;
}

/** @param tunnel name of the tunnel's interface, when there is one: what enters it leaves by the outer NIC, wrapped */
function waysOf(transfer: Transfer, names: readonly string[], tunnel: string | undefined): readonly Way[] {
    const ways: Way[] = [];
    const add = (from: number, to: number, flow: Flow | undefined): void => {
        if (flow !== undefined) {
            ways.push({ from, to, flow });
        }
    };
    names.forEach((name, i) => {
        add(i, PROGRAMS, transfer.delivered.get(name));
        add(PROGRAMS, i, transfer.emitted.get(name));
        names.forEach((to, j) => add(i, j, transfer.forwarded.get(`${name} > ${to}`)));
        if (tunnel !== undefined && name === NIC.outer) {
            add(i, PROGRAMS, transfer.delivered.get(tunnel));
            add(PROGRAMS, i, transfer.emitted.get(tunnel));
            names.forEach((inner, j) => add(j, i, transfer.forwarded.get(`${inner} > ${tunnel}`)));
        }
    });
    return ways;
}

const cache = new Map<string, readonly Way[]>();
const listenerTexts = new Map<string, number>();

/** A number for what a torrc listens on: the text is long, and the same in most Gateways. */
const listenersOf = memoize((torrc: readonly TorOptionLine[]): number => {
    const text = torrc
        .filter((l) => own(LISTENERS, l.option.toLowerCase()) !== undefined)
        .map((l) => `${l.option} ${l.value}`)
        .join("\n");
    const number = listenerTexts.get(text) ?? listenerTexts.size;
    listenerTexts.set(text, number);
    return number;
});

const hasInterface = (ruleset: Ruleset, name: string): boolean =>
    ruleset.tables.some((t) =>
        t.chains.some((c) => c.rules.some((r) => r.matches.some((m) => m.on === "oif" && m.name === name))),
    );

/**
 * The ways through a Gateway, kept for Gateways of one kind: they differ in nothing but their outer address,
 * which lies in the same ranges, so every rule treats their packets alike.
 * @param kind undefined: a ruleset of no known kind, computed anew
 * @param entries of the seed's network-config, one for each NIC
 * @param control whom the control filter serves
 * @param tunnel name of the tunnel's interface, which is no NIC; tried when the rules name it
 */
export function gatewayOf(
    kind: string | undefined,
    ruleset: Ruleset,
    entries: readonly SeedNic[],
    torrc: readonly TorOptionLine[],
    tunnel: string,
    control: readonly string[],
): readonly Way[] {
    const names = entries.map((entry) => entry.name);
    const key =
        kind === undefined
            ? undefined
            : `${kind} ${names.join(" ")}\n${listenersOf(torrc)}\n${control.join(" ")}`;
    const before = key === undefined ? undefined : cache.get(key);
    if (before !== undefined) {
        return before;
    }
    const has = hasInterface(ruleset, tunnel);
    const nics = entries.map(({ name, addresses }) => ({
        name,
        addresses: addresses.map((a) => a.split("/")[0] ?? a),
    }));
    const all = has ? [...nics, { name: tunnel, addresses: [] }] : nics;
    const ways = waysOf(transferOf(ruleset, all, torrc, control), names, has ? tunnel : undefined);
    if (key !== undefined) {
        cache.set(key, ways);
    }
    return ways;
}
