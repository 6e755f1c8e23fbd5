/**
 * Mutation controls: every rule missing, weaker or broader in turn; a probe notices, or a list says which
 * other rule holds.
 */
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { untilTimeRuleset } from "../../cloud-init/nft/until-time";
import { workstationRuleset } from "../../cloud-init/nft/workstation";
import type { RulesetName } from "./coverage";
import type { FigureBook } from "./figures";
import { write } from "./gateway";
import { mutationsOf, type Mutation } from "./mutations";
import { phases, type Phase } from "./phases";
import { HELD_REDUNDANT, REDUNDANT, WORKSTATION_REDUNDANT, type Reasons } from "./redundant";
import type { Tally } from "./report";
import type { Spec } from "./spec";
import type { Stage } from "./world";

/** What is mutated: a ruleset that is loaded already. */
interface Target {
    readonly name: RulesetName;
    readonly ruleset: Ruleset;
    readonly phase: Phase;
    /** Mutations that stand behind another rule. */
    readonly redundant: Reasons;
}

interface Played {
    readonly mutations: readonly Mutation[];
    readonly noticed: ReadonlySet<string>;
    readonly behind: number;
}

/**
 * A rule as it reads in every cell: each has an outer address of its own, and the same rule is played in one
 * of them.
 */
const placeless =
    (stage: Stage) =>
    (mutation: Mutation): Mutation => ({
        ...mutation,
        of: mutation.of.replaceAll(stage.enclave.gateway.outer.address, "the outer address"),
    });

/**
 * Plays those of the ruleset's mutations that are wanted; each has to be noticed, or to be known to stand
 * behind another rule and not be.
 */
async function play(
    tally: Tally,
    stage: Stage,
    spec: Spec,
    target: Target,
    wanted: (mutation: Mutation) => boolean,
): Promise<Played> {
    const { name, ruleset, phase, redundant } = target;
    const all = mutationsOf(ruleset);
    const mutations = all.filter(wanted);
    tally.coverage.declare(name, all.map(placeless(stage)));
    const behind = mutations.filter((m) => redundant[m.id] !== undefined).map((m) => m.id);
    spec.set({
        redundant: behind,
        mutations: mutations.map((m, i) => ({
            id: m.id,
            rule: m.rule,
            file: write(stage, `${phase}-${i}.nft`, m.file),
        })),
    });
    const results = await phases(tally, stage, spec, [phase], `${name}, mutation `);
    for (const mutation of mutations) {
        const result = results.find((r) => r.name === mutation.id);
        if (result?.ok === true) {
            tally.coverage.note(
                name,
                placeless(stage)(mutation),
                result.noticed === true ? "noticed" : "behind another rule",
            );
        }
    }
    const unasked = mutations.filter((m) => !results.some((r) => r.name === m.id));
    tally.add(
        `${name}: every mutation was played`,
        mutations.length > 0 && unasked.length === 0,
        unasked.map((m) => m.id).join(", "),
    );
    return {
        mutations,
        noticed: new Set(results.filter((r) => r.noticed === true).map((r) => r.name)),
        behind: behind.length,
    };
}

/** Reasons that speak of a mutation that the ruleset does not have. */
const stale = (ruleset: Ruleset, reasons: Reasons): string[] => {
    const ids = new Set(mutationsOf(ruleset).map((m) => m.id));
    return Object.keys(reasons).filter((id) => !ids.has(id));
};

async function playOther(
    tally: Tally,
    stage: Stage,
    spec: Spec,
    target: Target,
    wanted: (mutation: Mutation) => boolean,
): Promise<void> {
    const { mutations, noticed, behind } = await play(tally, stage, spec, target, wanted);
    tally.figures.way(mutations.length, noticed.size);
    tally.note(
        `${target.name}: ${noticed.size} of ${mutations.length} mutations noticed, ${behind} ` +
            `stand behind another rule`,
    );
}

/** Whether a ruleset does not have a mutation's rule literally. */
const lacks = (ruleset: Ruleset): ((mutation: Mutation) => boolean) => {
    const known = new Set(mutationsOf(ruleset).map((m) => `${m.id} of ${m.of}`));
    return (m) => !known.has(`${m.id} of ${m.of}`);
};

/**
 * Rules of the Gateway, and conditions of them, that the default ruleset lacks; the target's rules are loaded
 * already.
 */
export const mutateWay = (tally: Tally, stage: Stage, spec: Spec, target: Target): Promise<void> =>
    playOther(tally, stage, spec, target, lacks(gatewayRuleset(stage.enclave)));

/** The same of a Workstation. */
export const mutateOtherWorkstation = (
    tally: Tally,
    stage: Stage,
    spec: Spec,
    target: Target,
): Promise<void> => playOther(tally, stage, spec, target, lacks(workstationRuleset(stage.enclave)));

/** Every mutation of a ruleset that shares the default's rules, but not what stands around them. */
export async function mutateWhole(tally: Tally, stage: Stage, spec: Spec, target: Target): Promise<void> {
    const gone = stale(target.ruleset, target.redundant);
    tally.add(
        `${target.name}: every rule that is known to be a second layer exists`,
        gone.length === 0,
        gone.join(", "),
    );
    await playOther(tally, stage, spec, target, () => true);
}

const ROLES: Readonly<Record<Parameters<FigureBook["rules"]>[0], (stage: Stage) => Target>> = {
    gateway: ({ enclave }) => ({
        name: "gateway",
        ruleset: gatewayRuleset(enclave),
        phase: "mutate",
        redundant: REDUNDANT,
    }),
    workstation: ({ enclave }) => ({
        name: "workstation",
        ruleset: workstationRuleset(enclave),
        phase: "mutate-workstation",
        redundant: WORKSTATION_REDUNDANT,
    }),
    held: ({ enclave }) => ({
        name: "held",
        ruleset: untilTimeRuleset(enclave),
        phase: "mutate-held-workstation",
        redundant: HELD_REDUNDANT,
    }),
};

/** @param role whose rules; they are loaded already */
export async function mutate(
    tally: Tally,
    stage: Stage,
    spec: Spec,
    role: keyof typeof ROLES,
): Promise<void> {
    const target = ROLES[role](stage);
    const gone = stale(target.ruleset, target.redundant);
    tally.add(
        `${role}: every rule that is known to be a second layer exists`,
        gone.length === 0,
        gone.join(", "),
    );
    const { mutations, noticed, behind } = await play(tally, stage, spec, target, () => true);
    const all = new Set(mutations.map((m) => m.rule));
    const rules = new Set(mutations.filter((m) => noticed.has(m.id)).map((m) => m.rule));
    tally.figures.rules(role, {
        rules: all.size,
        rulesNoticed: rules.size,
        mutations: mutations.length,
        mutationsNoticed: noticed.size,
    });
    tally.note(
        `${role}: ${noticed.size} of ${mutations.length} mutations noticed, ${behind} stand behind another rule; ` +
            `${rules.size} of ${all.size} rules and policies have one that is noticed`,
    );
    tally.add(
        `${role}: every rule has a mutation that is noticed`,
        rules.size === all.size,
        [...all].filter((r) => !rules.has(r)).join(", "),
    );
}

/** At the end of a whole run: every rule and condition of every ruleset is accounted for. */
export function checkCoverage(tally: Tally, expected: readonly RulesetName[]): void {
    const { rulesets, mutations, played, missing } = tally.coverage.all();
    const absent = expected.filter((name) => !rulesets.includes(name));
    tally.figures.covered({ rulesets: rulesets.length, mutations, played });
    tally.add(
        `every rule and condition of every ruleset has been mutated (${rulesets.length} ` +
            `rulesets, ${mutations} mutations)`,
        absent.length + missing.length === 0,
        [...absent.map((name) => `no ruleset "${name}"`), ...missing].join(", "),
    );
}
