/**
 * What rules about nftables share. A packet must be accepted by every base chain of its hook, so it is enough
 * that one chain keeps a promise; accept rules are looked at one by one, and each has to be of a form that is
 * allowed, which is safe whatever the rules before it do.
 */
import type { Chain, Hook, Match, Rule as NftRule, Ruleset } from "../../cloud-init/nft/model";
import { marked, sealOf, type Domain, type Model, type Origin, type SeedContent } from "../../model";
import { subjectOf, violation } from "../check";
import type { Finding } from "../rule";
import { eachPart, type Who } from "../select";

export interface Firewall {
    readonly ruleset: Ruleset;
    readonly domain: Domain;
    readonly content: SeedContent;
    readonly at: Origin;
}

/** The ruleset of every guest of a role; one that cannot be read is a finding. */
export const eachFirewall = (
    model: Model,
    who: Who,
    check: (firewall: Firewall) => readonly Finding[],
): Finding[] =>
    eachPart(
        model,
        who,
        "firewall ruleset",
        (content) => content.ruleset,
        (ruleset, domain, content, at) => check({ ruleset, domain, content, at }),
    );

export const wrongFirewall = (firewall: Firewall, what: string, message: string): Finding =>
    violation(
        `${subjectOf(firewall.domain)} firewall ${what}`,
        `${message} ${marked(sealOf(firewall.ruleset))}`,
        firewall.at,
    );

export const wrongRule = (firewall: Firewall, chain: Chain, rule: NftRule, why: string): Finding =>
    wrongFirewall(
        firewall,
        rule.id === "" ? `chain ${chain.name}` : rule.id,
        `chain ${chain.name}, rule ${rule.id === "" ? "without a name" : rule.id}: ${why}`,
    );

/** Filter chains of a hook in the tables of family inet. */
export const filterChains = (firewall: Firewall, hook: Hook): Chain[] =>
    firewall.ruleset.tables
        .filter((table) => table.family === "inet")
        .flatMap((table) => table.chains)
        .filter((chain) => chain.type === "filter" && chain.hook === hook);

export const natChains = (firewall: Firewall): Chain[] =>
    firewall.ruleset.tables.flatMap((table) => table.chains).filter((chain) => chain.type === "nat");

/**
 * Findings of the chain that keeps the promise best: none when one chain of the hook drops by policy and
 * passes the check.
 */
export function someChain(
    firewall: Firewall,
    hook: Hook,
    check: (chain: Chain) => readonly Finding[],
): readonly Finding[] {
    const candidates = filterChains(firewall, hook)
        .filter((chain) => chain.policy === "drop")
        .map(check);
    return candidates.length === 0
        ? [wrongFirewall(firewall, hook, `no ${hook} chain of family inet drops by policy`)]
        : candidates.reduce((best, findings) => (findings.length < best.length ? findings : best));
}

export const accepting = (chain: Chain): NftRule[] =>
    chain.rules.filter((rule) => rule.verdict.do === "accept");

/** Whether one of the rule's conditions is this one. */
export const requires = (rule: NftRule, ...conditions: readonly ((match: Match) => boolean)[]): boolean =>
    conditions.every((condition) => rule.matches.some(condition));

export const iif =
    (name: string) =>
    (match: Match): boolean =>
        match.on === "iif" && match.name === name;
export const oif =
    (name: string) =>
    (match: Match): boolean =>
        match.on === "oif" && match.name === name;
export const state =
    (...states: readonly string[]) =>
    (match: Match): boolean =>
        match.on === "ct-state" && states.includes(match.state);
export const tcpOnly = (match: Match): boolean =>
    match.on === "tcp-syn" ||
    (match.on === "dport" && match.protocol === "tcp") ||
    (match.on === "l4" && match.op === "in" && match.protocols.every((p) => p === "tcp"));
export const ownedBy =
    (user: string) =>
    (match: Match): boolean =>
        match.on === "skuid" && match.user === user;
export const ipv6 = (match: Match): boolean => match.on === "nfproto" && match.family === "ipv6";

/** Ports of a protocol that the rule names. */
export const portsOf = (rule: NftRule, protocol: "tcp" | "udp"): number[] =>
    rule.matches.flatMap((match) => (match.on === "dport" && match.protocol === protocol ? match.ports : []));

/** Elements of a named set. */
export const elementsOf = (firewall: Firewall, name: string): readonly string[] =>
    firewall.ruleset.tables
        .flatMap((table) => table.sets)
        .filter((set) => set.name === name)
        .flatMap((set) => set.elements);

/** Whether a rule that drops exactly the packets of one condition comes before any rule that accepts. */
export function dropsFirst(chain: Chain, condition: (match: Match) => boolean): boolean {
    const firstAccept = chain.rules.findIndex((rule) => rule.verdict.do === "accept");
    const drop = chain.rules.findIndex(
        (rule) => rule.verdict.do === "drop" && rule.matches.length === 1 && rule.matches.every(condition),
    );
    return drop >= 0 && (firstAccept < 0 || drop < firstAccept);
}
