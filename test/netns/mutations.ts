/** Every way in which one rule can be missing, weaker or broader, as rulesets of their own. Pure. */
import { renderRule, renderRuleset } from "../../cloud-init/nft/render";
import {
    LOG_RATE,
    type Chain,
    type Match,
    type Rule,
    type Ruleset,
    type Verdict,
} from "../../cloud-init/nft/model";

export interface Mutation {
    /** What was done, e.g. `early-inner: without source-pair`. */
    readonly id: string;
    readonly rule: string;
    /** What the rule was, as nft reads it: two rulesets' mutations of one id are the same where this is. */
    readonly of: string;
    /** The mutated ruleset's file. */
    readonly file: string;
}

const mapChains = (ruleset: Ruleset, change: (chain: Chain, table: string) => Chain): Ruleset => ({
    tables: ruleset.tables.map((table) => ({
        ...table,
        chains: table.chains.map((chain) => change(chain, `${table.family}/${table.name}`)),
    })),
});

const mapRule = (ruleset: Ruleset, id: string, change: (rule: Rule) => Rule[]): Ruleset =>
    mapChains(ruleset, (chain) => ({
        ...chain,
        rules: chain.rules.flatMap((rule) => (rule.id === id ? change(rule) : [rule])),
    }));

const ACCEPT: Verdict = { do: "accept" };

/**
 * What is left of a rule without one of its conditions: nft refuses a redirect to a port that names no
 * protocol.
 */
function without(rule: Rule, i: number): readonly Match[] {
    const match = rule.matches[i];
    const rest = rule.matches.filter((_, j) => j !== i);
    if (
        rule.verdict.do !== "redirect" ||
        match === undefined ||
        (match.on !== "tcp-syn" && match.on !== "dport")
    ) {
        return rest;
    }
    return [...rest, { on: "l4", op: "in", protocols: [match.on === "dport" ? match.protocol : "tcp"] }];
}

function ofRule(ruleset: Ruleset, rule: Rule): Mutation[] {
    const refuses = rule.verdict.do === "drop" || rule.verdict.do === "reject";
    const text = renderRule(rule);
    const mutation = (what: string, file: string): Mutation => ({
        id: `${rule.id}: ${what}`,
        rule: rule.id,
        of: text,
        file,
    });
    const changed = (what: string, change: (r: Rule) => Rule[]): Mutation =>
        mutation(what, renderRuleset(mapRule(ruleset, rule.id, change)));
    return [
        changed("removed", () => []),
        ...(refuses ? [changed("accepts", (r) => [{ ...r, verdict: ACCEPT }])] : []),
        // The model has no log without bounds; nft has.
        ...(rule.verdict.do === "log"
            ? [
                  mutation(
                      "without bounds",
                      renderRuleset(ruleset).replace(text, text.replace(`limit ${LOG_RATE} `, "")),
                  ),
              ]
            : []),
        ...rule.matches.map((match, i) =>
            changed(`without ${match.on}${"state" in match ? ` ${match.state}` : ""}`, (r) => [
                { ...r, matches: without(r, i) },
            ]),
        ),
    ];
}

/** The chain accepts what no rule names: its policy turned, and the catch-all at its end taken away. */
function ofPolicy(ruleset: Ruleset, target: Chain, table: string): Mutation[] {
    if (target.policy !== "drop") {
        return [];
    }
    const open = mapChains(ruleset, (chain, inTable) =>
        inTable === table && chain.name === target.name
            ? {
                  ...chain,
                  policy: "accept",
                  rules: chain.rules.filter((r) => r.matches.length > 0 || r.verdict.do === "log"),
              }
            : chain,
    );
    return [
        {
            id: `${table} ${target.name}: policy accept`,
            rule: `${table}/${target.name}`,
            of: "policy drop",
            file: renderRuleset(open),
        },
    ];
}

/** All mutations of a ruleset, in the order of its rules. */
export function mutationsOf(ruleset: Ruleset): Mutation[] {
    return ruleset.tables.flatMap((table) =>
        table.chains.flatMap((chain) => [
            ...ofPolicy(ruleset, chain, `${table.family}/${table.name}`),
            ...chain.rules.flatMap((rule) => ofRule(ruleset, rule)),
        ]),
    );
}
