/** Mutation controls: every rule missing or weaker in turn; a probe notices, or a list says which other rule holds. */
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { untilTimeRuleset } from "../../cloud-init/nft/until-time";
import { workstationRuleset } from "../../cloud-init/nft/workstation";
import type { EnclavePlan } from "../../topology/plan";
import type { FigureBook } from "./figures";
import { rulesFile } from "./gateway";
import { mutationsOf } from "./mutations";
import { phases, type Phase } from "./phases";
import { HELD_REDUNDANT, REDUNDANT, WORKSTATION_REDUNDANT } from "./redundant";
import type { Tally } from "./report";
import type { Spec } from "./spec";
import type { Stage } from "./world";

interface Role {
    readonly phase: Phase;
    readonly rules: (enclave: EnclavePlan) => Ruleset;
    readonly redundant: Readonly<Record<string, string>>;
}

const ROLES: Readonly<Record<Parameters<FigureBook["rules"]>[0], Role>> = {
    gateway: { phase: "mutate", rules: gatewayRuleset, redundant: REDUNDANT },
    workstation: { phase: "mutate-workstation", rules: workstationRuleset, redundant: WORKSTATION_REDUNDANT },
    held: { phase: "mutate-held-workstation", rules: untilTimeRuleset, redundant: HELD_REDUNDANT },
};

interface Way {
    /** For people. */
    readonly name: string;
    readonly enclave: EnclavePlan;
    readonly phase: Phase;
}

/** Conditions that say for whom, and to where, such a rule is meant; of its others the default's rules have the like. */
const DECIDING: readonly string[] = ["tcp-destination", "skuid"];

/**
 * Rules, and conditions of rules, that the default ruleset does not have: each removed once; a probe notices. The way's
 * rules are loaded already.
 */
export async function mutateWay(tally: Tally, stage: Stage, spec: Spec, { name, enclave, phase }: Way): Promise<void> {
    const known = new Set(mutationsOf(gatewayRuleset(stage.enclave)).map((m) => m.id));
    const mutations = mutationsOf(gatewayRuleset(enclave))
        .filter((m) => !known.has(m.id) && (m.kind === "removed" || DECIDING.some((on) => m.id === `${m.rule}: without ${on}`)));
    spec.set({ redundant: [], mutations: mutations.map((m, i) => ({ id: m.id, rule: m.rule, file: rulesFile(stage, `way-${i}.nft`, m.ruleset) })) });
    const results = await phases(tally, stage, spec, [phase], `${name}, mutation `);
    const unasked = mutations.filter((m) => !results.some((r) => r.name === m.id && r.noticed === true));
    tally.add(`${name}: what the default ruleset lacks is noticed when it is gone (${mutations.length} mutations)`,
        mutations.length > 0 && unasked.length === 0, unasked.map((m) => m.id).join(", "));
    tally.figures.way(mutations.length);
}

/** @param role whose rules; they are loaded already */
export async function mutate(tally: Tally, stage: Stage, spec: Spec, role: keyof typeof ROLES): Promise<void> {
    const { phase, rules, redundant: layers } = ROLES[role];
    const mutations = mutationsOf(rules(stage.enclave));
    const redundant = Object.keys(layers);
    const stale = redundant.filter((id) => !mutations.some((m) => m.id === id));
    tally.add(`${role}: every rule that is known to be a second layer exists`, stale.length === 0, stale.join(", "));
    spec.set({ redundant, mutations: mutations.map((m, i) => ({ id: m.id, rule: m.rule, file: rulesFile(stage, `${role}-${i}.nft`, m.ruleset) })) });
    const results = await phases(tally, stage, spec, [phase], "mutation ");
    const unasked = mutations.filter((m) => !results.some((r) => r.name === m.id));
    tally.add(`${role}: every mutation was played`, unasked.length === 0, unasked.map((m) => m.id).join(", "));
    const noticed = new Set(mutations.filter((m) => results.some((r) => r.name === m.id && r.noticed === true)).map((m) => m.rule));
    const all = new Set(mutations.map((m) => m.rule));
    const found = results.filter((r) => r.noticed === true).length;
    tally.figures.rules(role, { rules: all.size, rulesNoticed: noticed.size, mutations: mutations.length, mutationsNoticed: found });
    tally.note(`${role}: ${found} of ${mutations.length} mutations noticed, ${redundant.length} stand behind another rule; `
        + `${noticed.size} of ${all.size} rules and policies have one that is noticed`);
    tally.add(`${role}: every rule has a mutation that is noticed`, noticed.size === all.size, [...all].filter((r) => !noticed.has(r)).join(", "));
}
