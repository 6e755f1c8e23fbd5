/** Resources of `pulumi stack export`; how a state is read, for previews as well (preview.ts). */
import type { Operation, Problem } from "..";
import { InputError, NoResources } from "./input-error";
import { integrity, withComponents } from "./integrity";
import { networksOf, observe } from "./observed";
import { nameOfUrn, providerUrn, type RawObject, type RawResource } from "./raw";
import { isSecret, stateObject } from "./state-values";

export interface RawStack {
    readonly resources: readonly RawResource[];
    readonly problems: readonly Problem[];
    /** What stands before the change; previews only. */
    readonly previous?: readonly RawResource[];
}

export type Json = Readonly<Record<string, unknown>>;
/** Of libvirt's package; what a stack may read besides (another stack's outputs) leads nowhere. */
const isLibvirt = (state: Json): boolean =>
    typeof state.type === "string" && state.type.startsWith("libvirt:");

/**
 * What this stack did not make it can't vouch for: inputs of ours, and stylesheets above all, never reached
 * it.
 */
export function adopted(state: Json, how?: string): Problem[] {
    const imported = typeof state.importID === "string" && state.importID !== "" ? "imported" : undefined;
    const what = how ?? (state.external === true ? "read" : imported);
    return what === undefined || !isLibvirt(state)
        ? []
        : [
              {
                  at: { resource: String(state.urn), path: "" },
                  what:
                      `${nameOfUrn(String(state.urn))} is ${what}, not created, by this stack: its ` +
                      "inputs say nothing about what stands on the host",
                  fix: "create it in this stack, or remove it from it",
              },
          ];
}

export const isJson = (value: unknown): value is Json =>
    typeof value === "object" && value !== null && !Array.isArray(value);
const strings = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : [];

/** Values of one input; a stack of a thousand domains has a million. */
const MOST_VALUES = 6_000_000;

/** Whether a text may hold more values than that; the marks in its strings are counted as well. */
function hasTooMany(text: string): boolean {
    let left = MOST_VALUES;
    // A value has two characters at least: its own, and the mark before it.
    for (let i = 0; text.length > 2 * MOST_VALUES && i < text.length && left >= 0; i += 1) {
        const code = text.charCodeAt(i);
        if (code === COMMA || code === LIST || code === OBJECT) {
            left -= 1;
        }
    }
    return left < 0;
}

const [COMMA, LIST, OBJECT] = [0x2c, 0x5b, 0x7b];

/**
 * @param what names the text in errors: "export.json"
 * @throws InputError when the text is not JSON, saying whether it seems cut off
 */
export function parseJson(text: string, what: string): Json {
    const again = `write ${what} again and check that the command that wrote it ended with status 0`;
    if (text.trim() === "") {
        throw new InputError(`${what} is empty`, again);
    }
    if (hasTooMany(text)) {
        throw new InputError(
            `undecided: ${what} holds more than ${MOST_VALUES} values, which are not read`,
            "plan one stack alone, without the resource that holds most of them",
        );
    }
    let value: unknown;
    try {
        value = JSON.parse(text.replace(/^\ufeff/, ""));
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const cut = /end of JSON|Unterminated/i.test(reason);
        throw new InputError(
            cut ? `${what} is cut off after ${text.length} characters` : `${what} is not JSON: ${reason}`,
            again,
        );
    }
    if (!isJson(value)) {
        throw new InputError(
            `${what} is JSON, but neither an export nor a preview`,
            "use `pulumi stack export` or `pulumi preview --json`",
        );
    }
    return value;
}

/**
 * What the engine keeps of a provider in a place of its own: which program is run as it
 * (pkg/resource/deploy/providers).
 */
const engineWords = (type: string, inputs: Json): RawObject =>
    type.startsWith("pulumi:providers:") && isJson(inputs.__internal)
        ? { internal: stateObject(inputs.__internal) }
        : {};

/** @param read outputs of a state that has none of its own, as a preview's new state */
export function resource(state: unknown, index: number, operation?: Operation, read?: unknown): RawResource {
    if (!isJson(state) || typeof state.urn !== "string" || typeof state.type !== "string") {
        throw new InputError(
            `resource number ${index} has no urn or no type`,
            "use the whole output of `pulumi stack export` or `pulumi preview --json`, unedited",
        );
    }
    const inputs = isJson(state.inputs) ? state.inputs : {};
    const outputs = [state.outputs, read].find(isJson);
    const dependencies = isJson(state.propertyDependencies) ? state.propertyDependencies : {};
    return {
        urn: state.urn,
        type: state.type,
        name: nameOfUrn(state.urn),
        // A component has neither.
        custom:
            state.custom === true ||
            (typeof state.id === "string" && state.id !== "") ||
            (typeof state.provider === "string" && state.provider !== ""),
        ...(typeof state.id === "string" && state.id !== "" ? { id: state.id } : {}),
        properties: { ...stateObject(inputs), ...engineWords(state.type, inputs) },
        ...(outputs === undefined ? {} : { observed: stateObject(outputs) }),
        ...(typeof state.provider === "string" && state.provider !== ""
            ? { provider: providerUrn(state.provider) }
            : {}),
        ...(typeof state.parent === "string" && state.parent !== "" ? { parent: state.parent } : {}),
        dependsOn: strings(state.dependencies),
        propertyDependencies: Object.fromEntries(
            Object.entries(dependencies).map(([key, urns]) => [key, strings(urns)]),
        ),
        protect: state.protect === true,
        ...(typeof state.retainOnDelete === "boolean" ? { retainOnDelete: state.retainOnDelete } : {}),
        ignoreChanges: strings(state.ignoreChanges),
        ...(operation === undefined ? {} : { operation }),
        // A property that is secret in one of the two stands in plain in the other.
        secretInputs: Object.entries(inputs)
            .filter(
                ([key, v]) =>
                    isSecret(v) &&
                    (outputs === undefined || !Object.hasOwn(outputs, key) || isSecret(outputs[key])),
            )
            .map(([key]) => key),
    };
}

/** @throws InputError when the JSON is not an export or holds no resource */
export function readExport(json: Json): RawStack {
    const deployment = json.deployment;
    if (!isJson(deployment)) {
        throw new InputError(
            "the file has no `deployment`: it is not an export",
            "use the output of `pulumi stack export`",
        );
    }
    const states: readonly unknown[] = Array.isArray(deployment.resources) ? deployment.resources : [];
    if (states.length === 0) {
        throw new NoResources(
            "the export holds no resource at all: nothing can be shown about it",
            "bin/pulumi preview --json --show-sames > preview.json && " +
                "bin/sallyport plan --preview preview.json",
        );
    }
    const unfinished = deployment.pending_operations ?? [];
    const pending = Array.isArray(unfinished) ? unfinished.length : 1;
    const strange = [...Object.keys(json), ...Object.keys(deployment)].filter(
        (key) =>
            /^(deployment|resources|pending_operations|metadata)$/i.test(key) && key !== key.toLowerCase(),
    );
    const stale = states.filter(
        (s) => isJson(s) && (s.pendingReplacement === true || s.delete === true),
    ).length;
    const problems: Problem[] = [];
    if (
        strange.length > 0 ||
        (isJson(deployment.metadata) && Object.hasOwn(deployment.metadata, "integrity_error"))
    ) {
        problems.push({
            at: { resource: "", path: "deployment" },
            what:
                strange.length > 0
                    ? `the export has ${strange.join(", ")}, which the engine reads as other names`
                    : "the engine says that the state is damaged (integrity_error)",
            fix:
                "repair it with `pulumi state repair`, and export again with `pulumi stack export`, " +
                "unedited",
        });
    }
    if (pending + stale > 0) {
        problems.push({
            at: { resource: "", path: "deployment" },
            what:
                `the state holds ${pending} unfinished operation(s) and ${stale} resource(s) that ` +
                "await deletion or replacement: it does not say what is on the host",
            // A refresh looks at neither of the latter; `up` deletes and makes them.
            fix:
                `run ${pending > 0 ? "`pulumi refresh`, then " : ""}\`pulumi up\` until it ends ` +
                "without an error, and export again",
        });
    }
    const current = states.filter((s) => !(isJson(s) && s.delete === true));
    problems.push(...states.flatMap((s) => (isJson(s) ? adopted(s) : [])), ...integrity(states));
    return judged(
        current.map((s, i) => resource(s, i)),
        problems,
        () => false,
    );
}

const unique = (problems: readonly Problem[]): Problem[] => [
    ...new Map(problems.map((p) => [JSON.stringify(p), p])).values(),
];

/** It was not read from the host, whatever its inputs say. */
const unread = (raw: RawResource): Problem[] =>
    raw.observed !== undefined || !raw.type.startsWith("libvirt:")
        ? []
        : [
              {
                  at: { resource: raw.urn, path: "outputs" },
                  what:
                      `${raw.name} exists and the state has no outputs of it: nothing says what is ` +
                      "on the host",
                  fix: "export the stack again, unedited, after `bin/pulumi refresh`",
              },
          ];

/**
 * Resources with what was read from the host beside what was declared.
 * @param planned whether outputs are those of something that is about to be made
 */
export function judged(
    raws: readonly RawResource[],
    problems: readonly Problem[],
    planned: (raw: RawResource) => boolean,
): RawStack {
    const networks = networksOf(raws);
    const seen = withComponents(raws).map((raw) => observe(raw, networks(raw), planned(raw)));
    return {
        resources: seen.map(({ raw }) => raw),
        // Replacement is several steps with the same states.
        problems: unique([
            ...problems,
            ...seen.flatMap((s) => s.problems),
            ...raws.filter((raw) => !planned(raw)).flatMap(unread),
        ]),
    };
}
