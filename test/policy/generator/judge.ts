/**
 * What `plan` and the policy pack say of an input; a change that nothing is said of is what the generator
 * looks for.
 */
import { judgeFindings, readPolicyConfig } from "../../../policy/config";
import { rules as pack } from "../../../policy/registry";
import { NOT_RUN, findingId, runRules, type Rule } from "../../../policy/rule";
import { InputError, modelOfExport, modelOfPreview, readLive } from "../../../model/adapters";
import type { Model } from "../../../model";
import { copyOf, modelOf, type FixtureResource } from "../fixtures/resources";
import { exportOf, exportText, previewOf, previewText, sameSteps, statesOf } from "./forms";
import { hostOf } from "./live-host";
import type { Base, Form, Live, Production, State, Step } from "./production";
import type { Random } from "./random";

/**
 * Ids of what was found: a rule's, INPUT for what could not be read at all, CRASH for a fault of the
 * reader's.
 */
export type Found = readonly string[];

/** Rules that found something of a production go first: mostly one suffices. */
const first = new Map<string, Rule[]>();

function inOrder(rules: readonly Rule[], of: string): readonly Rule[] {
    const mine = (first.get(of) ?? []).filter((rule) => rules.includes(rule));
    return [...mine, ...rules.filter((rule) => !mine.includes(rule))];
}

/** @param all every rule that finds something, and not the first alone */
function foundIn(model: Model, rules: readonly Rule[], of: string, all: boolean): string[] {
    const found = rules.length > 0 && model.problems.length > 0 ? ["INPUT"] : [];
    for (const rule of inOrder(rules, of)) {
        if (found.length > 0 && !all) {
            break;
        }
        if (runRules([rule], model).some((f) => f.subject !== NOT_RUN)) {
            found.push(rule.id);
            first.set(of, [rule, ...(first.get(of) ?? []).filter((r) => r !== rule)].slice(0, 6));
        }
    }
    return found;
}

function judged(make: () => Model, rules: readonly Rule[], of: string, all: boolean): Found {
    let model: Model;
    try {
        model = make();
    } catch (error) {
        return [
            error instanceof InputError
                ? "INPUT"
                : `CRASH ${error instanceof Error ? error.message : String(error)}`,
        ];
    }
    return foundIn(model, rules, of, all);
}

/** Declared by exports that are good; a live host is read with them. */
const declared = new WeakMap<Base, Model>();

function declaredBy(base: Base): Model {
    const model =
        declared.get(base) ?? modelOfExport(exportText(base.stack, base.shape, "made"), "export.json");
    declared.set(base, model);
    return model;
}

function stackModel(form: Form, base: Base, stack: readonly FixtureResource[]): Model {
    switch (form) {
        case "resources":
            return modelOf(stack);
        case "export":
            return modelOfExport(exportText(stack, base.shape, "made"), "export.json");
        case "refreshed":
            return modelOfExport(exportText(stack, base.shape, "read"), "export.json");
        case "preview":
            return modelOfPreview(previewText(stack, base.shape, base.phase), "preview.json");
        case "live":
            return readLive([hostOf(base)], declaredBy(base));
    }
}

const hosts = new WeakMap<Base, Live>();

/** A host to change. */
function hostCopy(base: Base): Live {
    const host = hosts.get(base) ?? hostOf(base);
    hosts.set(base, host);
    return structuredClone(host);
}

/** Inputs and outputs may hold the same objects; a copy may not. */
const copyOfStates = (base: Base, form: Form): State[] =>
    JSON.parse(
        JSON.stringify(statesOf(base.stack, base.shape, form === "refreshed" ? "read" : "made")),
    ) as State[];
const copyOfSteps = (base: Base): Step[] =>
    sameSteps(copyOfStates(base, "export")).map((step) => ({
        ...step,
        newState: structuredClone(step.newState) as State,
    }));

/**
 * Findings of a stack with acknowledgements of all that was found before another change took the first one's
 * place.
 */
function afterAccepting(
    base: Base,
    form: Form,
    [accepted, instead]: readonly [(s: FixtureResource[]) => void, (s: FixtureResource[]) => void],
    rules: readonly Rule[],
): Found {
    const found = (change: (s: FixtureResource[]) => void) =>
        runRules(rules, stackModel(form, base, copyOf(base.stack, change)));
    const acknowledge = found(accepted).map((f) => ({
        finding: findingId(f),
        says: f.message,
        reason: "seen by the operator",
        expires: "2999-12-31",
    }));
    return judgeFindings(found(instead), readPolicyConfig({ acknowledge }, pack), "2026-11-30")
        .filter((j) => j.level === "mandatory")
        .map((j) => j.finding.rule.id);
}

/**
 * One change, judged.
 * @param all every rule's finding; default: at least one
 */
export function judge(
    production: Production,
    form: Form,
    base: Base,
    r: Random,
    rules: readonly Rule[],
    all = false,
): Found {
    const of = `${production.kind} ${production.name}`;
    switch (production.on) {
        case "stack": {
            const changed = copyOf(base.stack, (copy) => production.change(r, copy, base));
            return judged(() => stackModel(form, base, changed), rules, of, all);
        }
        case "export": {
            const states = copyOfStates(base, form);
            production.change(r, states, base);
            return judged(() => modelOfExport(exportOf(states), "export.json"), rules, of, all);
        }
        case "preview": {
            const steps = copyOfSteps(base);
            production.change(r, steps, base);
            return judged(() => modelOfPreview(previewOf(steps), "preview.json"), rules, of, all);
        }
        case "live": {
            const host = hostCopy(base);
            production.change(r, host, base);
            return judged(() => readLive([host], declaredBy(base)), rules, of, all);
        }
        case "accepted":
            return afterAccepting(base, form, production.change(r, base), rules);
    }
}

const FORMS: Readonly<Record<Production["on"], readonly Form[]>> = {
    stack: ["resources", "export", "refreshed", "preview"],
    export: ["export", "refreshed"],
    preview: ["preview"],
    live: ["live"],
    accepted: ["resources", "export"],
};

/**
 * 0.8.3 reads a NIC of a network that stands for a bridge of the host's as one of that bridge, without the network's name
 * (libvirt shows it so), and a refresh carries the empty name into the inputs: what the program wanted is
 * lost, and a plan refuses that state.
 */
const lostByRefresh = ({ title, shape }: Base): boolean =>
    shape === "0.8" && /bridges? of the host's/.test(title);

/** Where a production may be seen: each form with each base that has what it changes. */
export function placesOf(
    production: Production,
    bases: readonly Base[],
): readonly { readonly form: Form; readonly base: Base }[] {
    const forms = "forms" in production ? (production.forms ?? FORMS[production.on]) : FORMS[production.on];
    const phases = production.on === "stack" ? (production.phases ?? ["preview", "existing"]) : ["existing"];
    return forms.flatMap((form) =>
        bases
            .filter(
                (base) =>
                    phases.includes(base.phase) &&
                    (base.phase === "existing" || form === "resources" || form === "preview"),
            )
            .filter((base) => !(form === "refreshed" && lostByRefresh(base)))
            .filter(
                (base) =>
                    (production.shapes ?? ["0.8", "0.9"]).includes(base.shape) &&
                    (production.needs?.(base) ?? true),
            )
            .map((base) => ({ form, base })),
    );
}
