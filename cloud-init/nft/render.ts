/** From the model to the file that `nft -f` loads as one transaction. */
import { oneLine } from "../text";
import {
    LOG_RATE,
    countersOf,
    type Chain,
    type Match,
    type NamedSet,
    type Rule,
    type Ruleset,
    type Table,
    type Verdict,
} from "./model";

const NAME = /^[a-z][a-z0-9_-]*$/;
const LOG_PREFIX = /^[a-z][a-z _-]{0,60}: $/;
const ELEMENT = /^[0-9a-f:./ -]+$/;

function name(what: string, text: string): string {
    if (!NAME.test(text)) {
        throw new Error(
            `${what} "${text}" must be a lower-case letter followed by letters, digits, "_" or "-"`,
        );
    }
    return text;
}

function element(text: string): string {
    if (!ELEMENT.test(text)) {
        throw new Error(`"${text}" is no address, port or MAC that a firewall rule may hold`);
    }
    return text;
}

function port(value: number): number {
    if (!Number.isInteger(value) || value < 1 || value > 65535) {
        throw new RangeError(`port ${value} must be a whole number from 1 to 65535`);
    }
    return value;
}

function connections(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1) {
        throw new RangeError(`a limit of ${limit} connections must be a whole number from 1`);
    }
    return limit;
}

/** The kernel cuts a prefix off at 127 bytes; it holds nothing that quoting could be got around with. */
function logPrefix(text: string): string {
    if (!LOG_PREFIX.test(text)) {
        throw new Error(
            `a log's prefix "${text}" must be lower-case letters, spaces, "_" or "-" (at most 61), ended by ": "`,
        );
    }
    return text;
}

function list(items: readonly (string | number)[]): string {
    if (items.length === 0) {
        throw new Error("a firewall rule lists nothing; leave the rule out instead");
    }
    return items.length === 1 ? String(items[0]) : `{ ${items.join(", ")} }`;
}

const not = (op: "in" | "not-in" | "in-set" | "not-in-set"): string =>
    op === "not-in" || op === "not-in-set" ? "!= " : "";

/** One condition in nft's syntax. */
export function renderMatch(match: Match): string {
    switch (match.on) {
        case "iif":
        case "oif":
            // By name: NICs come up after the rules are loaded.
            return `${match.on}name "${name("interface", match.name)}"`;
        case "nfproto":
            return `meta nfproto ${match.family}`;
        case "saddr":
        case "daddr":
            return "set" in match
                ? `ip ${match.on} ${not(match.op)}@${name("set", match.set)}`
                : `ip ${match.on} ${not(match.op)}${list(match.addresses.map(element))}`;
        case "tcp-destination":
            return `ip daddr . tcp dport ${not(match.op)}@${name("set", match.set)}`;
        case "source-pair":
            return `ether saddr . ip saddr ${not(match.op)}@${name("set", match.set)}`;
        case "arp-source-pair":
            return `arp saddr ether . arp saddr ip ${not(match.op)}@${name("set", match.set)}`;
        case "arp-saddr":
            return `arp saddr ip ${not(match.op)}${list(match.addresses.map(element))}`;
        case "arp-operation":
            return `arp operation ${not(match.op)}${list(match.operations)}`;
        case "l4":
            return `meta l4proto ${not(match.op)}${list(match.protocols)}`;
        case "dport":
            return `${match.protocol} dport ${list(match.ports.map(port))}`;
        case "tcp-syn":
            return "tcp flags & (fin | syn | rst | ack) == syn";
        case "tcp-bad-flags":
            return "tcp flags & (fin | syn | rst | ack) != { syn, syn | ack, ack, fin | ack, rst, rst | ack }";
        case "fragment":
            return "ip frag-off & 0x3fff != 0";
        case "icmp-frag-needed":
            return "icmp type destination-unreachable icmp code frag-needed";
        case "ct-state":
            return `ct state ${match.state}`;
        case "ct-dnat":
            return "ct status dnat";
        case "mark":
            return `meta mark 0x${match.value.toString(16)}`;
        case "connections-over":
            return `add @${name("set", match.set)} { ip saddr ct count over ${connections(match.limit)} }`;
        case "skuid":
            return /^\d{1,9}$/.test(match.user)
                ? `meta skuid ${match.user}`
                : `meta skuid "${name("user", match.user)}"`;
    }
}

function renderVerdict(verdict: Verdict): string {
    switch (verdict.do) {
        case "redirect":
            return `redirect to :${port(verdict.port)}`;
        case "reject":
            return "reject with icmpx admin-prohibited";
        case "log":
            // Level debug: below what the console shows, so a slow serial line never holds anybody up. The
            // counter tells tests.
            return `limit ${LOG_RATE} counter log prefix "${logPrefix(verdict.prefix)}" level debug`;
        default:
            return verdict.do;
    }
}

/** One rule as one line of nft. */
export function renderRule(rule: Rule): string {
    const parts = rule.matches.map(renderMatch);
    if (rule.counter !== undefined) {
        parts.push(`counter name "${name("counter", rule.counter)}"`);
    }
    return [...parts, renderVerdict(rule.verdict)].join(" ");
}

const indent = (depth: number, content: readonly string[]): string[] =>
    content.map((line) => (line === "" ? "" : " ".repeat(4 * depth) + line));

function renderChain(chain: Chain): string[] {
    return [
        `chain ${name("chain", chain.name)} {`,
        ...indent(1, [
            `type ${chain.type} hook ${chain.hook} priority ${chain.priority}; policy ${chain.policy};`,
            ...chain.rules.flatMap((rule) => [
                `# ${name("rule", rule.id)}: ${oneLine("comment", rule.why)}`,
                renderRule(rule),
            ]),
        ]),
        "}",
    ];
}

function renderSet(set: NamedSet): string[] {
    return [
        `# ${oneLine("comment", set.why)}`,
        `set ${name("set", set.name)} {`,
        ...indent(1, [
            `type ${set.type}`,
            ...(set.interval === true ? ["flags interval"] : []),
            ...(set.dynamic === true ? ["flags dynamic"] : []),
            ...(set.elements.length > 0 ? [`elements = { ${set.elements.map(element).join(", ")} }`] : []),
        ]),
        "}",
    ];
}

function renderTable(table: Table): string[] {
    const blocks = [
        ...table.sets.map(renderSet),
        countersOf(table).map((counter) => `counter ${name("counter", counter)} { }`),
        ...table.chains.map(renderChain),
    ].filter((block) => block.length > 0);
    return [
        `table ${table.family} ${name("table", table.name)} {`,
        ...indent(
            1,
            blocks.flatMap((block, i) => (i === 0 ? block : ["", ...block])),
        ),
        "}",
    ];
}

/**
 * The whole file. It begins with `flush ruleset`: nft applies a file in one transaction, so there is no
 * moment without rules, and a file that does not parse changes nothing (nftables(8), "atomic").
 * @throws Error when a name, address or port could change the meaning of the file, or when a rule's id occurs twice
 */
export function renderRuleset(ruleset: Ruleset): string {
    const ids = ruleset.tables.flatMap((t) => t.chains.flatMap((c) => c.rules.map((r) => r.id)));
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) {
        throw new Error(`two firewall rules have the id "${twice}"`);
    }
    return [
        "#!/usr/sbin/nft -f",
        "flush ruleset",
        ...ruleset.tables.flatMap((table) => ["", ...renderTable(table)]),
        "",
    ].join("\n");
}
