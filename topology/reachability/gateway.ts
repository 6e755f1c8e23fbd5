/**
 * What a Gateway's rules let through besides tor. The rules are run on every packet that they could tell apart
 * (atoms.ts); the answer is sets of packet classes between its NICs and its programs.
 */
import { TOR_USER } from "../../cloud-init/guest";
import type { Ruleset } from "../../cloud-init/nft/model";
import type { TorOptionLine } from "../model";
import { kept } from "../kept";
import { CONTROL_PORT } from "../ports";
import { arriving, leaving } from "./atoms";
import { narrowed, through } from "./firewall";
import { CLASSES, describePacket, type ClassSet, type Packet } from "./packet";

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

    add(key: string, packet: Packet, by: string): void {
        const before = this.map.get(key);
        const classes = (before?.classes ?? 0) | (1 << CLASSES.indexOf(packet.class));
        this.map.set(key, { classes, because: before?.because ?? `${describePacket(packet)} passes ${by}` });
    }
}

const LISTENERS: Readonly<Record<string, "tcp" | "udp">> = { transport: "tcp", socksport: "tcp", httptunnelport: "tcp", dnsport: "udp" };

/** Whether tor listens there, by its own configuration. */
function torListens(torrc: readonly TorOptionLine[]): (packet: Packet, port: number | undefined) => boolean {
    const listening = new Set(torrc.flatMap(({ option, value }) => {
        const protocol = LISTENERS[option.toLowerCase()];
        const found = /^(\d+\.\d+\.\d+\.\d+):(\d+)(?: |$)/.exec(value);
        return protocol === undefined || found === null ? [] : [`${protocol} ${found[2]}`];
    }));
    return (packet, port) => listening.has(`${packet.protocol} ${port}`);
}

/** Every packet with the rules that are left for it: most conditions are the same for a whole list. */
function eachPacket(ruleset: Ruleset, lists: readonly (readonly Packet[])[], look: (packet: Packet, left: Ruleset) => void): void {
    for (const list of lists) {
        const left = list[0] === undefined ? ruleset : narrowed(ruleset, list[0]);
        list.forEach((packet) => look(packet, left));
    }
}

/**
 * @param torrc lines of the same Gateway
 * @param control whom its control filter serves: the filter, like tor, is a part of the Gateway that they may reach
 */
export function transferOf(ruleset: Ruleset, nics: readonly Interface[], torrc: readonly TorOptionLine[], control: readonly string[] = []): Transfer {
    const [forwarded, delivered, emitted] = [new Flows(), new Flows(), new Flows()];
    const own = nics.flatMap((nic) => nic.addresses);
    const isTor = torListens(torrc);
    const served = (packet: Packet, port: number | undefined): boolean =>
        isTor(packet, port) || (packet.protocol === "tcp" && port === CONTROL_PORT && control.includes(packet.source));
    for (const nic of nics) {
        eachPacket(ruleset, arriving(ruleset, nic.name, own), (packet, left) => {
            const early = through(left, "prerouting", packet);
            if (!early.passes) {
                return;
            }
            const port = early.redirectedTo ?? packet.port;
            const seen: Packet = early.redirectedTo === undefined ? packet : { ...packet, port: early.redirectedTo, destination: nic.addresses[0] ?? packet.destination, redirected: true };
            // IPv6 has no addresses here to tell local from routed: both are tried.
            if (packet.family === "ipv6" || own.includes(seen.destination)) {
                const input = through(left, "input", seen);
                if (input.passes && !served(seen, port)) {
                    delivered.add(nic.name, packet, `${early.by}; ${input.by}`);
                }
            }
            if (packet.family === "ipv6" || !own.includes(seen.destination)) {
                for (const out of nics) {
                    const forward = through(left, "forward", { ...seen, oif: out.name });
                    if (forward.passes) {
                        forwarded.add(`${nic.name} > ${out.name}`, packet, `${early.by}; ${forward.by}`);
                    }
                }
            }
        });
        // "root" stands for every user that no rule names; rules that name one other than tor's are tried by name.
        const users = [...new Set(["root", ...namedUsers(ruleset)])].filter((user) => user !== TOR_USER);
        eachPacket(ruleset, leaving(ruleset, nic.name, own, [undefined, ...users]), (packet, left) => {
            const output = through(left, "output", packet);
            if (output.passes) {
                emitted.add(nic.name, packet, output.by);
            }
        });
    }
    return { forwarded: forwarded.map, delivered: delivered.map, emitted: emitted.map };
}

const namedUsers = (ruleset: Ruleset): string[] =>
    ruleset.tables.flatMap((t) => t.chains.flatMap((c) => c.rules.flatMap((r) => r.matches.flatMap((m) => (m.on === "skuid" ? [m.user] : [])))));

/** The transfer of a kind of Gateway, and the interface that its tunnel has, if any. */
export interface KindOfGateway {
    readonly transfer: Transfer;
    readonly tunnel: boolean;
}

const cache = new Map<string, KindOfGateway>();
const listenerTexts = new Map<string, number>();

/** A number for what a torrc listens on: the text is long, and the same in most Gateways. */
const listenersOf = kept((torrc: readonly TorOptionLine[]): number => {
    const text = torrc.filter((l) => LISTENERS[l.option.toLowerCase()] !== undefined).map((l) => `${l.option} ${l.value}`).join("\n");
    const number = listenerTexts.get(text) ?? listenerTexts.size;
    listenerTexts.set(text, number);
    return number;
});

const hasInterface = (ruleset: Ruleset, name: string): boolean =>
    ruleset.tables.some((t) => t.chains.some((c) => c.rules.some((r) => r.matches.some((m) => m.on === "oif" && m.name === name))));

/**
 * The transfer, kept for Gateways of one kind: they differ in nothing but their outer address, which lies in the same
 * ranges, so every rule treats their packets alike.
 * @param kind undefined: a ruleset of nobody's, computed anew
 * @param control whom the control filter serves
 * @param tunnel name of the tunnel's interface, which is no NIC; tried when the rules name it
 */
export function gatewayOf(kind: string | undefined, ruleset: Ruleset, nics: readonly Interface[], torrc: readonly TorOptionLine[], tunnel: string, control: readonly string[]): KindOfGateway {
    const key = kind === undefined ? undefined : `${kind} ${nics.map((nic) => nic.name).join(" ")}\n${listenersOf(torrc)}\n${control.join(" ")}`;
    const before = key === undefined ? undefined : cache.get(key);
    if (before !== undefined) {
        return before;
    }
    const has = hasInterface(ruleset, tunnel);
    const made = { transfer: transferOf(ruleset, has ? [...nics, { name: tunnel, addresses: [] }] : nics, torrc, control), tunnel: has };
    if (key !== undefined) {
        cache.set(key, made);
    }
    return made;
}
