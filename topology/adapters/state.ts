/** Resources of `pulumi stack export` and of `pulumi preview --json`. */
import type { Operation, Problem } from "../model";
import { InputError } from "./input-error";
import { nameOfUrn, providerUrn, type RawResource } from "./raw";
import { isSecret, stateObject } from "./state-values";
import { own } from "../own";

export interface RawStack {
    readonly resources: readonly RawResource[];
    readonly problems: readonly Problem[];
    /** What stands before the change; previews only. */
    readonly previous?: readonly RawResource[];
}

type Json = Readonly<Record<string, unknown>>;
/** Of libvirt's package; what a stack may read besides (another stack's outputs) leads nowhere. */
const isLibvirt = (state: Json): boolean => typeof state.type === "string" && state.type.startsWith("libvirt:");

/** What this stack did not make it can't vouch for: inputs of ours, and stylesheets above all, never reached it. */
function adopted(state: Json, how?: string): Problem[] {
    const what = how ?? (state.external === true ? "read" : typeof state.importID === "string" && state.importID !== "" ? "imported" : undefined);
    return what === undefined || !isLibvirt(state) ? [] : [{
        at: { resource: String(state.urn), path: "" },
        what: `${nameOfUrn(String(state.urn))} is ${what}, not created, by this stack: its inputs say nothing about what stands on the host`,
        fix: "create it in this stack, or remove it from it",
    }];
}

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : []);

/**
 * @param what names the text in errors: "export.json"
 * @throws InputError when the text is not JSON, saying whether it seems cut off
 */
export function parseJson(text: string, what: string): Json {
    const again = `write ${what} again and check that the command that wrote it ended with status 0`;
    if (text.trim() === "") {
        throw new InputError(`${what} is empty`, again);
    }
    let value: unknown;
    try {
        value = JSON.parse(text.replace(/^\ufeff/, ""));
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const cut = /end of JSON|Unterminated/i.test(reason);
        throw new InputError(cut ? `${what} is cut off after ${text.length} characters` : `${what} is not JSON: ${reason}`, again);
    }
    if (!isJson(value)) {
        throw new InputError(`${what} is JSON, but neither an export nor a preview`, "use `pulumi stack export` or `pulumi preview --json`");
    }
    return value;
}

function resource(state: unknown, index: number, operation?: Operation): RawResource {
    if (!isJson(state) || typeof state.urn !== "string" || typeof state.type !== "string") {
        throw new InputError(`resource number ${index} has no urn or no type`, "use the whole output of `pulumi stack export` or `pulumi preview --json`, unedited");
    }
    const inputs = isJson(state.inputs) ? state.inputs : {};
    const outputs = isJson(state.outputs) ? state.outputs : {};
    const dependencies = isJson(state.propertyDependencies) ? state.propertyDependencies : {};
    return {
        urn: state.urn,
        type: state.type,
        name: nameOfUrn(state.urn),
        // A component has neither.
        custom: state.custom === true || (typeof state.id === "string" && state.id !== "") || (typeof state.provider === "string" && state.provider !== ""),
        ...(typeof state.id === "string" && state.id !== "" ? { id: state.id } : {}),
        properties: { ...stateObject(outputs), ...stateObject(inputs) },
        ...(typeof state.provider === "string" && state.provider !== "" ? { provider: providerUrn(state.provider) } : {}),
        ...(typeof state.parent === "string" && state.parent !== "" ? { parent: state.parent } : {}),
        dependsOn: strings(state.dependencies),
        propertyDependencies: Object.fromEntries(Object.entries(dependencies).map(([key, urns]) => [key, strings(urns)])),
        protect: state.protect === true,
        ...(typeof state.retainOnDelete === "boolean" ? { retainOnDelete: state.retainOnDelete } : {}),
        ignoreChanges: strings(state.ignoreChanges),
        ...(operation === undefined ? {} : { operation }),
        // A property that is secret in one of the two stands in plain in the other.
        secretInputs: Object.entries(inputs).filter(([key, v]) => isSecret(v) && (!(key in outputs) || isSecret(outputs[key]))).map(([key]) => key),
    };
}

/** @throws InputError when the JSON is not an export or holds no resource */
export function readExport(json: Json): RawStack {
    const deployment = json.deployment;
    if (!isJson(deployment)) {
        throw new InputError("the file has no `deployment`: it is not an export", "use the output of `pulumi stack export`");
    }
    const states: readonly unknown[] = Array.isArray(deployment.resources) ? deployment.resources : [];
    if (states.length === 0) {
        throw new InputError("the export holds no resource at all: nothing can be shown about it", "export a stack after `pulumi up`, or use a preview");
    }
    const pending = Array.isArray(deployment.pending_operations) ? deployment.pending_operations.length : 0;
    const stale = states.filter((s) => isJson(s) && (s.pendingReplacement === true || s.delete === true)).length;
    const problems: Problem[] = [];
    if (pending + stale > 0) {
        problems.push({
            at: { resource: "", path: "deployment" },
            what: `the state holds ${pending} unfinished operation(s) and ${stale} resource(s) that await deletion or replacement: it does not say what is on the host`,
            // A refresh looks at neither of the latter; `up` deletes and makes them.
            fix: `run ${pending > 0 ? "`pulumi refresh`, then " : ""}\`pulumi up\` until it ends without an error, and export again`,
        });
    }
    problems.push(...states.flatMap((s) => (isJson(s) ? adopted(s) : [])));
    return { resources: states.filter((s) => !(isJson(s) && s.delete === true)).map((s, i) => resource(s, i)), problems };
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
    same: "same", create: "create", update: "update", refresh: "same", read: "same", import: "create", delete: "delete",
    replace: "replace", "create-replacement": "replace", "delete-replaced": "replace", "discard-replaced": "replace", "read-replacement": "replace",
};

/** Steps that take something over which is there already. */
const ADOPTING: Readonly<Record<string, string>> = { read: "read", "read-replacement": "read", import: "imported", "import-replacement": "imported" };

/** @throws InputError when the JSON is not a preview or holds no step */
export function readPreview(json: Json): RawStack {
    if (!Array.isArray(json.steps)) {
        throw new InputError("the file has no `steps`: it is not a preview", "use the output of `pulumi preview --json`");
    }
    const problems: Problem[] = (Array.isArray(json.diagnostics) ? json.diagnostics : [])
        .filter((d): d is Json => isJson(d) && d.severity === "error")
        .map((d) => ({
            at: { resource: typeof d.urn === "string" ? d.urn : "", path: "" },
            what: `the preview ended with an error, so it may lack resources: ${String(d.message).trim().slice(0, 300)}`,
            fix: "mend the error and run the preview again",
        }));
    const after = new Map<string, RawResource>();
    const before = new Map<string, RawResource>();
    json.steps.forEach((step: unknown, i) => {
        if (!isJson(step) || typeof step.op !== "string" || typeof step.urn !== "string") {
            throw new InputError(`step number ${i} of the preview has no op or no urn`, "use the whole output of `pulumi preview --json`, unedited");
        }
        const operation = own(OPERATIONS, step.op) ?? "other";
        if (isJson(step.oldState)) {
            before.set(step.urn, resource(step.oldState, i));
        }
        if (isJson(step.oldState) && step.op === "delete" && step.oldState.retainOnDelete === true && isLibvirt(step.oldState)) {
            problems.push({
                at: { resource: step.urn, path: "" },
                what: `${nameOfUrn(step.urn)} leaves the stack and stays on the host: nobody judges it any more`,
                fix: "set retainOnDelete to false and run `pulumi up` before it is removed from the program",
            });
        }
        if (isJson(step.newState)) {
            problems.push(...adopted(step.newState, own(ADOPTING, step.op)));
            after.set(step.urn, resource(step.newState, i, operation));
        }
    });
    if (!isJson(json.changeSummary)) {
        throw new InputError("the preview has no `changeSummary`: nobody can say whether it lists every resource", "use the whole output of `pulumi preview --json --show-sames`, unedited");
    }
    const announced = Object.entries(json.changeSummary).reduce((sum, [op, n]) => sum + (typeof n === "number" && op !== "delete" ? n : 0), 0);
    const listed = new Set(json.steps.filter((s): s is Json => isJson(s) && isJson(s.newState)).map((s) => s.urn)).size;
    if (listed < announced) {
        throw new InputError(`the preview lists ${listed} of ${announced} resources: it leaves unchanged ones out`, "run `pulumi preview --json --show-sames`");
    }
    if (after.size === 0) {
        throw new InputError("the preview holds no resource that stays: nothing can be shown about it", "preview a stack that declares something");
    }
    return { resources: [...after.values()], problems, previous: [...before.values()] };
}
