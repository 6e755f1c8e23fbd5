/**
 * Reads an nftables file back into the records that it was rendered from. Strict on purpose: a statement that
 * is not in our own vocabulary is an error, so a firewall that is not understood here is never taken for a
 * safe one. Source: nft(8); cloud-init/nft/render.ts writes this form.
 */
import {
    LOG_RATE,
    type Chain,
    type Hook,
    type Match,
    type NamedSet,
    type Rule,
    type Table,
    type Verdict,
} from "../../../cloud-init/nft/model";
import { PLAIN_TEXT } from "../../../cloud-init/text";
import type { SeedRuleset, SeedTable } from "../..";
import { lostLine } from "./nft-lost";
import { octal } from "./numbers";

/** Names the line that cannot be read. */
class NftError extends Error {
    override readonly name = "NftError";
    constructor(line: number, text: string, expected: string) {
        super(`line ${line}, "${text}": expected ${expected}`);
    }
}

/** Ours have 200; the rules of a large foreign one are still read. */
const MOST_LINES = 5000;

interface Line {
    readonly number: number;
    readonly text: string;
    /** The comment directly above: `id: why`. */
    readonly comment: string;
}

function linesOf(text: string): Line[] {
    const lines: Line[] = [];
    let comment = "";
    text.split("\n").forEach((raw, i) => {
        const line = raw.trim();
        if (line.startsWith("#")) {
            comment = line.slice(1).trim();
        } else if (line !== "") {
            lines.push({ number: i + 1, text: line, comment });
            comment = "";
        }
    });
    return lines;
}

const items = (list: string): string[] =>
    list
        .replace(/^\{|\}$/g, "")
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
const LIST = String.raw`(\{[^{}]*\}|[^\s{}@]+)`;
const NOT = String.raw`(!= )?`;
const among = (not: string | undefined): "in" | "not-in" => (not === undefined ? "in" : "not-in");
const inSet = (not: string | undefined): "in-set" | "not-in-set" =>
    not === undefined ? "in-set" : "not-in-set";

type Reader = readonly [RegExp, (g: readonly string[]) => Match];

const reader = (pattern: string, read: (g: readonly string[]) => Match): Reader => [
    new RegExp(`^${pattern}(?= |$)`),
    read,
];

/** One entry for each form of `Match`; the longer form first where one begins like another. */
const READERS: readonly Reader[] = [
    reader(String.raw`([io])ifname "([^"]+)"`, ([, side, name = ""]) => ({
        on: side === "i" ? "iif" : "oif",
        name,
    })),
    reader("meta nfproto (ipv4|ipv6)", ([, family]) => ({
        on: "nfproto",
        family: family as "ipv4" | "ipv6",
    })),
    reader(String.raw`ip daddr \. tcp dport ${NOT}@(\S+)`, ([, not, set = ""]) => ({
        on: "tcp-destination",
        op: inSet(not),
        set,
    })),
    reader(String.raw`ether saddr \. ip saddr ${NOT}@(\S+)`, ([, not, set = ""]) => ({
        on: "source-pair",
        op: inSet(not),
        set,
    })),
    reader(String.raw`arp saddr ether \. arp saddr ip ${NOT}@(\S+)`, ([, not, set = ""]) => ({
        on: "arp-source-pair",
        op: inSet(not),
        set,
    })),
    reader(`arp saddr ip ${NOT}${LIST}`, ([, not, list = ""]) => ({
        on: "arp-saddr",
        op: among(not),
        addresses: items(list),
    })),
    reader(`arp operation ${NOT}${LIST}`, ([, not, list = ""]) => ({
        on: "arp-operation",
        op: among(not),
        operations: items(list) as ("request" | "reply")[],
    })),
    reader(String.raw`ip ([sd]addr) ${NOT}@(\S+)`, ([, on, not, set = ""]) => ({
        on: on as "saddr" | "daddr",
        op: inSet(not),
        set,
    })),
    reader(`ip ([sd]addr) ${NOT}${LIST}`, ([, on, not, list = ""]) => ({
        on: on as "saddr" | "daddr",
        op: among(not),
        addresses: items(list),
    })),
    reader(`meta l4proto ${NOT}${LIST}`, ([, not, list = ""]) => ({
        on: "l4",
        op: among(not),
        protocols: items(list) as ("tcp" | "udp" | "icmp")[],
    })),
    reader(`(tcp|udp) dport ${LIST}`, ([, protocol, list = ""]) => ({
        on: "dport",
        protocol: protocol as "tcp" | "udp",
        ports: items(list).map(Number),
    })),
    reader(String.raw`tcp flags & \(fin \| syn \| rst \| ack\) == syn`, () => ({ on: "tcp-syn" })),
    reader(
        String.raw`tcp flags & \(fin \| syn \| rst \| ack\) != \{ syn, syn \| ack, ack, fin \| ack, rst, rst \| ack \}`,
        () => ({ on: "tcp-bad-flags" }),
    ),
    reader("ip frag-off & 0x3fff != 0", () => ({ on: "fragment" })),
    reader("icmp type destination-unreachable icmp code frag-needed", () => ({ on: "icmp-frag-needed" })),
    reader("ct state (new|established|related|invalid)", ([, state]) => ({
        on: "ct-state",
        state: state as "new" | "established" | "related" | "invalid",
    })),
    reader("ct status dnat", () => ({ on: "ct-dnat" })),
    reader("meta mark 0x([0-9a-f]+)", ([, value = ""]) => ({ on: "mark", value: parseInt(value, 16) })),
    reader(String.raw`add @(\S+) \{ ip saddr ct count over (\d{1,9}) \}`, ([, set = "", limit = ""]) => ({
        on: "connections-over",
        set,
        limit: Number(limit),
    })),
    reader('meta skuid "?([a-z0-9_-]+)"?', ([, user = ""]) => ({ on: "skuid", user })),
];

function verdictOf(text: string): Verdict | undefined {
    const redirect = /^redirect to :(\d+)$/.exec(text);
    if (redirect !== null) {
        return { do: "redirect", port: Number(redirect[1]) };
    }
    const log = new RegExp(`^limit ${LOG_RATE} counter log prefix "([a-z _-]+: )" level debug$`).exec(text);
    if (log !== null) {
        return { do: "log", prefix: log[1] ?? "" };
    }
    if (text === "accept" || text === "drop") {
        return { do: text };
    }
    return text === "reject" || text === "reject with icmpx admin-prohibited" ? { do: "reject" } : undefined;
}

function sane(match: Match): boolean {
    if (match.on === "skuid") {
        return !octal(match.user);
    }
    if ("addresses" in match) {
        return !match.addresses.some(octal);
    }
    if (match.on === "dport") {
        return (
            match.ports.length > 0 &&
            match.ports.every((port) => Number.isInteger(port) && port > 0 && port < 65536)
        );
    }
    if (match.on === "l4") {
        return match.protocols.every((p) => ["tcp", "udp", "icmp"].includes(p));
    }
    return match.on !== "arp-operation" || match.operations.every((o) => ["request", "reply"].includes(o));
}

function ruleOf(line: Line): Rule {
    const matches: Match[] = [];
    let rest = line.text;
    let counter: string | undefined;
    for (;;) {
        const verdict = verdictOf(rest);
        if (verdict !== undefined) {
            if (verdict.do !== "drop" && matches.some((m) => m.on === "connections-over")) {
                throw new NftError(line.number, line.text, "a limit on connections in a rule that drops");
            }
            const [id = "", ...why] = line.comment.split(": ");
            return {
                id,
                matches,
                verdict,
                why: why.join(": "),
                ...(counter === undefined ? {} : { counter }),
            };
        }
        const counted = /^counter name "([^"]+)" /.exec(rest);
        const found = READERS.map(([pattern, read]) => ({ groups: pattern.exec(rest), read })).find(
            ({ groups }) => groups !== null,
        );
        if (counted !== null) {
            counter = counted[1];
            rest = rest.slice(counted[0].length);
        } else if (found !== undefined && found.groups !== null) {
            const match = found.read(found.groups);
            if (!sane(match)) {
                throw new NftError(
                    line.number,
                    line.text,
                    "known protocols, ports from 1 to 65535, and numbers that do not begin with 0",
                );
            }
            matches.push(match);
            rest = rest.slice(found.groups[0].length).trimStart();
        } else {
            throw new NftError(line.number, rest, "a condition or verdict that this project renders");
        }
    }
}

/** The lines of one block, up to its closing brace. */
class Cursor {
    #at = 0;
    constructor(private readonly lines: readonly Line[]) {}

    get done(): boolean {
        return this.#at >= this.lines.length;
    }

    next(expected: string): Line {
        const line = this.lines[this.#at];
        if (line === undefined) {
            throw new NftError(this.lines.at(-1)?.number ?? 0, "end of file", expected);
        }
        this.#at += 1;
        return line;
    }

    *block(expected: string): Generator<Line> {
        for (let line = this.next(expected); line.text !== "}"; line = this.next(expected)) {
            yield line;
        }
    }
}

function setOf(name: string, why: string, cursor: Cursor): NamedSet {
    let type: string | undefined;
    let interval = false;
    let dynamic = false;
    let elements: string[] = [];
    for (const line of cursor.block("the end of a set")) {
        const typed = /^type (ipv4_addr|ether_addr \. ipv4_addr|ipv4_addr \. inet_service)$/.exec(line.text);
        const listed = /^elements = (\{.*\})$/.exec(line.text);
        if (typed !== null) {
            type = typed[1];
        } else if (line.text === "flags interval") {
            interval = true;
        } else if (line.text === "flags dynamic") {
            dynamic = true;
        } else if (listed !== null) {
            elements = items(listed[1] ?? "");
            if (elements.some(octal)) {
                throw new NftError(line.number, line.text, "numbers that do not begin with 0");
            }
        } else {
            throw new NftError(
                line.number,
                line.text,
                "type, flags interval, flags dynamic or elements of a set",
            );
        }
    }
    return {
        name,
        type: type as NamedSet["type"],
        elements,
        why,
        ...(interval ? { interval } : {}),
        ...(dynamic ? { dynamic } : {}),
    };
}

const HOOK =
    /^type (filter|nat) hook (prerouting|input|forward|output) priority (-?\d+); policy (accept|drop);$/;

function chainOf(name: string, cursor: Cursor): Chain {
    const head = cursor.next("type and hook of a chain");
    const found = HOOK.exec(head.text);
    if (found === null) {
        throw new NftError(head.number, head.text, "`type … hook … priority N; policy accept|drop;`");
    }
    const [, type, hook, priority, policy] = found;
    return {
        name,
        type: type as Chain["type"],
        hook: hook as Hook,
        priority: Number(priority),
        policy: policy as Chain["policy"],
        rules: [...cursor.block("the end of a chain")].map(ruleOf),
    };
}

function tableOf(family: Table["family"], name: string, cursor: Cursor): SeedTable {
    const counters: string[] = [];
    const sets: NamedSet[] = [];
    const chains: Chain[] = [];
    for (const line of cursor.block("the end of a table")) {
        const block = /^(set|chain) ([a-z][a-z0-9_-]*) \{$/.exec(line.text);
        const counter = /^counter ([a-z][a-z0-9_-]*) \{ \}$/.exec(line.text)?.[1];
        if (block?.[1] === "set") {
            sets.push(setOf(block[2] ?? "", line.comment, cursor));
        } else if (block?.[1] === "chain") {
            chains.push(chainOf(block[2] ?? "", cursor));
        } else if (counter !== undefined) {
            counters.push(counter);
        } else {
            throw new NftError(line.number, line.text, "a set, a counter or a chain");
        }
    }
    return { family, name, sets, chains, counters };
}

/**
 * The ruleset of a file.
 * @throws NftError naming the first line that is not understood
 */
export function parseRuleset(text: string): SeedRuleset {
    if (!PLAIN_TEXT.test(text)) {
        throw new NftError(0, "the file", "printable ASCII and line feeds");
    }
    const lines = linesOf(text);
    if (lines.length > MOST_LINES) {
        throw new NftError(MOST_LINES, `${lines.length} lines`, `at most ${MOST_LINES} lines`);
    }
    const cursor = new Cursor(lines);
    const tables: SeedTable[] = [];
    let flushes = false;
    for (let first = true; !cursor.done; first = false) {
        const line = cursor.next("a table");
        const found = /^table (inet|arp) ([a-z][a-z0-9_-]*) \{$/.exec(line.text);
        if (first && line.text === "flush ruleset") {
            flushes = true;
        } else if (found !== null) {
            tables.push(tableOf(found[1] as Table["family"], found[2] ?? "", cursor));
        } else {
            throw new NftError(
                line.number,
                line.text,
                "`flush ruleset` first, then tables of the families inet and arp",
            );
        }
    }
    const ruleset = { tables, flushes };
    const lost = lostLine(
        lines.map((line) => line.text),
        ruleset,
    );
    if (lost !== undefined) {
        throw new NftError(
            lines[lost.index]?.number ?? 0,
            lines[lost.index]?.text ?? "end of file",
            `the form that this project renders: ${lost.expected}`,
        );
    }
    return ruleset;
}
