/**
 * A packet filter as plain data: what we use of nftables(8), no more. The renderer turns it into the file
 * that nft loads; policies and proofs reason over these same objects, so what is proved is what is loaded.
 */

/** One condition; a rule's conditions must all hold. */
export type Match =
    | { readonly on: "iif" | "oif"; readonly name: string }
    | { readonly on: "nfproto"; readonly family: "ipv4" | "ipv6" }
    | { readonly on: "saddr" | "daddr"; readonly op: "in" | "not-in"; readonly addresses: readonly string[] }
    /** Source (or destination) address held in a named set. */
    | { readonly on: "saddr" | "daddr"; readonly op: "in-set" | "not-in-set"; readonly set: string }
    /** Destination address and TCP port as a pair, held in a named set. */
    | { readonly on: "tcp-destination"; readonly op: "in-set" | "not-in-set"; readonly set: string }
    /** Source MAC and IPv4 address as a pair, held in a named set. */
    | {
          readonly on: "source-pair" | "arp-source-pair";
          readonly op: "in-set" | "not-in-set";
          readonly set: string;
      }
    | { readonly on: "arp-saddr"; readonly op: "in" | "not-in"; readonly addresses: readonly string[] }
    | {
          readonly on: "arp-operation";
          readonly op: "in" | "not-in";
          readonly operations: readonly ("request" | "reply")[];
      }
    | {
          readonly on: "l4";
          readonly op: "in" | "not-in";
          readonly protocols: readonly ("tcp" | "udp" | "icmp")[];
      }
    | { readonly on: "dport"; readonly protocol: "tcp" | "udp"; readonly ports: readonly number[] }
    /** TCP with exactly SYN of fin, syn, rst and ack: the first packet of a connection. */
    | { readonly on: "tcp-syn" }
    /** TCP whose fin, syn, rst and ack are a combination that no connection has. */
    | { readonly on: "tcp-bad-flags" }
    /** IPv4 fragment: more-fragments set or an offset. */
    | { readonly on: "fragment" }
    | { readonly on: "icmp-frag-needed" }
    | { readonly on: "ct-state"; readonly state: "new" | "established" | "related" | "invalid" }
    /** The packet's connection had its destination rewritten: it was redirected here. */
    | { readonly on: "ct-dnat" }
    /** The packet's mark; only root's sockets and the kernel's own can set one. */
    | { readonly on: "mark"; readonly value: number }
    /** The local socket's owner, by name or number. Packets without a socket (kernel's own) never match. */
    | { readonly on: "skuid"; readonly user: string }
    /**
     * The source has more connections than this, of those that came by this rule; a named dynamic set counts.
     * For rules that drop.
     */
    | { readonly on: "connections-over"; readonly set: string; readonly limit: number };

export type Verdict =
    | { readonly do: "accept" | "drop" | "reject" }
    /** To the same host's port (nftables' redirect: the incoming interface's own address). */
    | { readonly do: "redirect"; readonly port: number }
    /**
     * To the kernel's log, by a stable prefix and no more often than `LOG_RATE` says; the packet goes on to
     * the next rule.
     */
    | { readonly do: "log"; readonly prefix: string };

/**
 * How often a rule logs: five in a row, then one a second. A log that can be flooded is a way to fill memory.
 */
export const LOG_RATE = "rate 1/second burst 5 packets";

export interface Rule {
    /** Unique in the ruleset; how tests and findings name the rule. */
    readonly id: string;
    readonly matches: readonly Match[];
    /** Named counter that the rule adds to. */
    readonly counter?: string;
    readonly verdict: Verdict;
    /** Why the rule is there; becomes the comment above it. */
    readonly why: string;
}

export type Hook = "prerouting" | "input" | "forward" | "output";

export interface Chain {
    readonly name: string;
    readonly type: "filter" | "nat";
    readonly hook: Hook;
    /** Lower runs earlier; nftables(8), "standard priority names". */
    readonly priority: number;
    readonly policy: "accept" | "drop";
    readonly rules: readonly Rule[];
}

/** A named set; its elements are fixed when the file is rendered, but for a dynamic one, which rules fill. */
export interface NamedSet {
    readonly name: string;
    readonly type: "ipv4_addr" | "ether_addr . ipv4_addr" | "ipv4_addr . inet_service";
    /** Elements may be networks. */
    readonly interval?: boolean;
    readonly dynamic?: boolean;
    readonly elements: readonly string[];
    readonly why: string;
}

export interface Table {
    readonly family: "inet" | "arp";
    readonly name: string;
    readonly sets: readonly NamedSet[];
    readonly chains: readonly Chain[];
}

/** All tables of a guest; loading it replaces whatever was there, in one transaction. */
export interface Ruleset {
    readonly tables: readonly Table[];
}

/** Priorities of the hooks that we use (linux/netfilter_ipv4.h). */
export const PRIORITY = Object.freeze({
    /** Before the kernel joins fragments (-400), so that fragments are still seen as such. */
    beforeDefrag: -450,
    dstnat: -100,
    filter: 0,
});

/** Every rule of a ruleset with the table and chain that hold it. */
export function* rulesOf(ruleset: Ruleset): Generator<{ table: Table; chain: Chain; rule: Rule }> {
    for (const table of ruleset.tables) {
        for (const chain of table.chains) {
            for (const rule of chain.rules) {
                yield { table, chain, rule };
            }
        }
    }
}

/** Names of a table's counters, in the order of their first use. */
export function countersOf(table: Table): string[] {
    const names = table.chains.flatMap((chain) => chain.rules.flatMap((rule) => rule.counter ?? []));
    return [...new Set(names)];
}
