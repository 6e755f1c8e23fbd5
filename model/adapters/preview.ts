/** Resources of `pulumi preview --json --show-sames`. */
import type { Problem } from "..";
import { InputError } from "./input-error";
import { faults } from "./integrity";
import { completed, networksOf, observe } from "./observed";
import { nameOfUrn, type RawResource } from "./raw";
import { adopted, isJson, judged, resource, type Json, type RawStack } from "./state";
import { contradictions, movedProviders, staysOnHost, stepKind } from "./steps";

const UNEDITED = "use the whole output of `pulumi preview --json`, unedited";

interface Step extends Json {
    readonly op: string;
    readonly urn: string;
}

const asStep = (step: unknown, i: number): Step => {
    if (!isJson(step) || typeof step.op !== "string" || typeof step.urn !== "string") {
        throw new InputError(`step number ${i} of the preview has no op or no urn`, UNEDITED);
    }
    return step as Step;
};

/** A step whose effect is not known, or whose states are of something else. */
function strange({ op, urn, oldState, newState }: Step): Problem[] {
    const states = [oldState, newState].filter(isJson);
    const [kind, name] = [stepKind(op), nameOfUrn(urn)];
    const when = (is: boolean, what: string, fix: string = UNEDITED): Problem[] =>
        is ? [{ at: { resource: urn, path: "" }, what, fix }] : [];
    const kept = kind?.operation === "same" || op === "update" ? states : [newState].filter(isJson);
    return [
        ...when(
            kind === undefined,
            `the preview plans "${op.slice(0, 60)}" for ${name}, an operation that is not known here`,
            "preview with bin/pulumi of this version",
        ),
        ...when(
            kind?.ends === true && isJson(newState),
            `the preview plans "${op}" for ${name} and gives it a new state: whether it stays cannot be decided`,
        ),
        ...states.flatMap((s) =>
            when(s.urn !== urn, `a step of ${name} has a state of ${nameOfUrn(String(s.urn))}`),
        ),
        ...when(
            op === "create" && isJson(oldState),
            `the preview plans "create" for ${name} and gives it an old state: ` +
                "what becomes of that cannot be decided",
        ),
        ...when(
            kept.some((s) => s.pendingReplacement === true || s.delete === true),
            `${name} stays in the stack while it awaits deletion or replacement`,
            "run `bin/pulumi up` until it ends without an error, and preview again",
        ),
    ];
}

/**
 * A resource as it will be; what has been read of it is in its old state, since a preview's new one has
 * inputs alone.
 */
function planned(step: Step, i: number): RawResource {
    const kind = stepKind(step.op);
    const stays = kind?.operation === "same" && kind.adopts === undefined;
    const old = isJson(step.oldState) ? step.oldState : undefined;
    // What stays is what it was: its new state adds nothing that was read.
    const state: Json = isJson(step.newState)
        ? {
              ...step.newState,
              ...(stays && step.op === "same" && old !== undefined ? { outputs: old.outputs } : {}),
          }
        : {};
    const id = stays && state.id === undefined && old?.id !== undefined ? { id: old.id } : {};
    return resource({ ...state, ...id }, i, kind?.operation ?? "other", stays ? old?.outputs : undefined);
}

/** @throws InputError when the JSON is not a preview or holds no step */
export function readPreview(json: Json): RawStack {
    if (!Array.isArray(json.steps)) {
        throw new InputError(
            "the file has no `steps`: it is not a preview",
            "use the output of `pulumi preview --json`",
        );
    }
    const steps = json.steps.map(asStep);
    const problems: Problem[] = (Array.isArray(json.diagnostics) ? json.diagnostics : [])
        .filter((d): d is Json => isJson(d) && d.severity === "error")
        .map((d) => ({
            at: { resource: typeof d.urn === "string" ? d.urn : "", path: "" },
            what:
                "the preview ended with an error, so it may lack resources: " +
                `${String(d.message).trim().slice(0, 300)}`,
            fix: "correct the error, then run the preview again",
        }));
    if (json.maybeCorrupt !== undefined && json.maybeCorrupt !== false) {
        problems.push({
            at: { resource: "", path: "" },
            what: "the preview says of itself that it may be corrupt",
            fix: "run the preview again",
        });
    }
    const after = new Map<string, RawResource>();
    const before = new Map<string, RawResource>();
    const updated = new Set(steps.filter((s) => s.op === "update").map((s) => s.urn));
    steps.forEach((step, i) => {
        const kind = stepKind(step.op);
        problems.push(...strange(step));
        if (isJson(step.oldState)) {
            before.set(step.urn, resource(step.oldState, i));
            problems.push(
                ...(kind === undefined ? [] : staysOnHost(kind, step.oldState)),
                ...(kind?.operation === "same" ? faults(step.oldState) : []),
            );
        }
        if (isJson(step.newState)) {
            problems.push(...adopted(step.newState, kind?.adopts), ...faults(step.newState));
            after.set(step.urn, planned(step, i));
        }
    });
    // An update changes what the host has: that has to be known.
    const networks = networksOf([...before.values()]);
    const drifted = [...before.values()]
        .filter((raw) => updated.has(raw.urn))
        .flatMap((raw) => observe(raw, networks(raw), false).problems);
    problems.push(...contradictions(steps), ...movedProviders(steps), ...drifted);
    if (!isJson(json.changeSummary)) {
        throw new InputError(
            "the preview has no `changeSummary`, so it may not list every resource",
            "use the whole output of `pulumi preview --json --show-sames`, unedited",
        );
    }
    const announced = Object.entries(json.changeSummary).reduce(
        (sum, [op, n]) => sum + (typeof n === "number" && op !== "delete" ? n : 0),
        0,
    );
    if (announced === 0 || Object.values(json.changeSummary).some((n) => typeof n !== "number")) {
        problems.push({
            at: { resource: "", path: "" },
            what:
                "the preview's changeSummary counts nothing, so whether it lists every resource " +
                "cannot be decided",
            fix: UNEDITED,
        });
    }
    const listed = new Set(steps.filter((s) => isJson(s.newState)).map((s) => s.urn)).size;
    if (listed < announced) {
        throw new InputError(
            `the preview lists ${listed} of ${announced} resources: it leaves unchanged ones out`,
            "run `pulumi preview --json --show-sames`",
        );
    }
    if (after.size === 0) {
        throw new InputError(
            "the preview holds no resource that stays: nothing can be shown about it",
            "preview a stack that declares something",
        );
    }
    return {
        ...judged([...after.values()], problems, (raw) => raw.operation !== "same"),
        previous: [...before.values()].map(completed),
    };
}
