/** Every way in which one rule can be missing or weaker, as rulesets of their own. Pure. */
import type { Chain, Match, Rule, Ruleset, Verdict } from "../../cloud-init/nft/model";

export interface Mutation {
    /** What was done, e.g. `early-inner: without source-pair`. */
    readonly id: string;
    readonly rule: string;
    readonly kind: "removed" | "accepts" | "weaker" | "policy";
    readonly ruleset: Ruleset;
}

const mapChains = (ruleset: Ruleset, change: (chain: Chain, table: string) => Chain): Ruleset => ({
    tables: ruleset.tables.map((table) => ({ ...table, chains: table.chains.map((chain) => change(chain, `${table.family}/${table.name}`)) })),
});

const mapRule = (ruleset: Ruleset, id: string, change: (rule: Rule) => Rule[]): Ruleset =>
    mapChains(ruleset, (chain) => ({ ...chain, rules: chain.rules.flatMap((rule) => (rule.id === id ? change(rule) : [rule])) }));

const ACCEPT: Verdict = { do: "accept" };

/** What is left of a rule without one of its conditions: nft refuses a redirect to a port that names no protocol. */
function without(rule: Rule, i: number): readonly Match[] {
    const match = rule.matches[i];
    const rest = rule.matches.filter((_, j) => j !== i);
    if (rule.verdict.do !== "redirect" || match === undefined || (match.on !== "tcp-syn" && match.on !== "dport")) {
        return rest;
    }
    return [...rest, { on: "l4", op: "in", protocols: [match.on === "dport" ? match.protocol : "tcp"] }];
}

function ofRule(ruleset: Ruleset, rule: Rule): Mutation[] {
    const removed: Mutation = { id: `${rule.id}: removed`, rule: rule.id, kind: "removed", ruleset: mapRule(ruleset, rule.id, () => []) };
    if (rule.verdict.do === "drop" || rule.verdict.do === "reject") {
        const accepts = mapRule(ruleset, rule.id, (r) => [{ ...r, verdict: ACCEPT }]);
        return [removed, { id: `${rule.id}: accepts`, rule: rule.id, kind: "accepts", ruleset: accepts }];
    }
    const weaker = rule.matches.map((match, i): Mutation => ({
        id: `${rule.id}: without ${match.on}${"state" in match ? ` ${match.state}` : ""}`,
        rule: rule.id,
        kind: "weaker",
        ruleset: mapRule(ruleset, rule.id, (r) => [{ ...r, matches: without(r, i) }]),
    }));
    return [removed, ...weaker];
}

/** The chain accepts what no rule names: its policy turned, and the catch-all at its end taken away. */
function ofPolicy(ruleset: Ruleset, target: Chain, table: string): Mutation[] {
    if (target.policy !== "drop") {
        return [];
    }
    const open = mapChains(ruleset, (chain, inTable) =>
        inTable === table && chain.name === target.name
            ? { ...chain, policy: "accept", rules: chain.rules.filter((r) => r.matches.length > 0) }
            : chain);
    return [{ id: `${table} ${target.name}: policy accept`, rule: `${table}/${target.name}`, kind: "policy", ruleset: open }];
}

/** All mutations of a ruleset, in the order of its rules. */
export function mutationsOf(ruleset: Ruleset): Mutation[] {
    return ruleset.tables.flatMap((table) =>
        table.chains.flatMap((chain) => [
            ...ofPolicy(ruleset, chain, `${table.family}/${table.name}`),
            ...chain.rules.flatMap((rule) => ofRule(ruleset, rule)),
        ]));
}
