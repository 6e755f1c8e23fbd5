/**
 * Whether a state is one that the engine would write: what it could not be is read by no other program as we read
 * it.
 */
import type { Problem } from "..";
import { nameOfUrn, type RawResource } from "./raw";

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Fields that are read here. Go reads JSON's names whatever their case (encoding/json), so `Inputs` would be
 * inputs to the engine.
 */
const FIELDS = [
    "urn",
    "type",
    "id",
    "custom",
    "inputs",
    "outputs",
    "provider",
    "parent",
    "dependencies",
    "propertyDependencies",
    "protect",
    "external",
    "importID",
    "delete",
    "pendingReplacement",
    "retainOnDelete",
    "deletedWith",
    "ignoreChanges",
    "initErrors",
    "oldState",
    "newState",
    "op",
];
const BY_CASE: ReadonlyMap<string, string> = new Map(FIELDS.map((field) => [field.toLowerCase(), field]));

const about = (state: Json, what: string, fix: string): Problem => ({
    at: { resource: typeof state.urn === "string" ? state.urn : "", path: "" },
    what,
    fix,
});
const EXPORT_AGAIN = "export the stack again with `pulumi stack export`, unedited";

/** What of one state cannot be taken at its word. */
export function faults(state: Json): Problem[] {
    const name = nameOfUrn(String(state.urn));
    const initErrors = state.initErrors ?? [];
    const errors = Array.isArray(initErrors) ? initErrors.length : 1;
    const [, , chain = ""] = String(state.urn).split("::");
    return [
        ...(chain.split("$").at(-1) === state.type
            ? []
            : [
                  about(
                      state,
                      `${name} has the type ${String(state.type)} and the URN of a ` +
                          `${chain.split("$").at(-1) ?? ""}`,
                      EXPORT_AGAIN,
                  ),
              ]),
        ...Object.keys(state)
            .filter((key) => BY_CASE.has(key.toLowerCase()) && BY_CASE.get(key.toLowerCase()) !== key)
            .map((key) =>
                about(
                    state,
                    `${name} has a field "${key}", which the engine reads as ` +
                        `"${BY_CASE.get(key.toLowerCase()) ?? ""}"`,
                    EXPORT_AGAIN,
                ),
            ),
        ...(errors === 0
            ? []
            : [
                  about(
                      state,
                      `${name} was not made as declared (initErrors: ${errors})`,
                      "run `bin/pulumi up` until it ends without an error, and export again",
                  ),
              ]),
    ];
}

/**
 * Two resources of libvirt's behind one id, and ones without an id: which object of the host each is cannot
 * be told. A URN that awaits deletion has its successor's place, and often its id.
 */
function withoutObject(states: readonly Json[]): Problem[] {
    const owners = new Map<string, string>();
    return states
        .filter((s) => s.delete !== true && /^libvirt:/i.test(String(s.type)))
        .flatMap((s): Problem[] => {
            const name = nameOfUrn(String(s.urn));
            const key = JSON.stringify([s.type, s.provider, s.id]);
            const owner = owners.get(key);
            owners.set(key, owner ?? name);
            const what =
                typeof s.id !== "string" || s.id === ""
                    ? `${name} has no id`
                    : `${name} has the id of ${owner ?? ""}`;
            return owner === undefined && typeof s.id === "string" && s.id !== ""
                ? []
                : [about(s, `${what}: which of the host's objects it is cannot be decided`, EXPORT_AGAIN)];
        });
}

/**
 * Faults of each state of an export, and URNs that two of them have: the engine knows one resource by a URN.
 */
export function integrity(states: readonly unknown[]): Problem[] {
    const known = states.filter(isJson);
    const counts = new Map<unknown, number>();
    known.filter((s) => s.delete !== true).forEach((s) => counts.set(s.urn, (counts.get(s.urn) ?? 0) + 1));
    const twice = [...counts].filter(([, count]) => count > 1).map(([urn]) => urn);
    return [
        ...known.flatMap(faults),
        ...withoutObject(known),
        ...twice.map((urn) =>
            about(
                { urn },
                `${String(counts.get(urn) ?? 0)} resources have the URN of ` +
                    `${nameOfUrn(String(urn))}: which of them counts cannot be decided`,
                EXPORT_AGAIN,
            ),
        ),
    ];
}

const OWN = /^sallyport:/;
/**
 * `docker:index/container:Container`: how generated SDKs call what a provider makes. A program's own
 * component has no such module.
 */
const GENERATED = /^[^:]*:[^:]*\/[^:]*:/;

/**
 * A component makes nothing itself. One that is not ours is believed to be one only if other resources name
 * it as their parent and its type is none that a provider serves; anything else may run what it likes.
 */
export function withComponents(raws: readonly RawResource[]): readonly RawResource[] {
    const parents = new Set(raws.flatMap((raw) => raw.parent ?? []));
    return raws.map((raw) =>
        raw.custom || OWN.test(raw.type) || (parents.has(raw.urn) && !GENERATED.test(raw.type))
            ? raw
            : { ...raw, custom: true },
    );
}
