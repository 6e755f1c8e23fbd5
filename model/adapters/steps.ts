/**
 * Steps of a preview: what each does to the host, by the engine's own list (pkg/resource/deploy/step.go of
 * 3.259).
 */
import type { Operation, Problem } from "..";
import { hostKeyOf } from "../../values/libvirt-uri";
import { nameOfUrn } from "./raw";

type Json = Readonly<Record<string, unknown>>;

interface StepKind {
    readonly operation: Operation;
    /** Takes over what is there already. */
    readonly adopts?: "read" | "imported";
    /** Deletes what the old state is of. */
    readonly deletes?: true;
    /** Only forgets what the old state is of. */
    readonly forgets?: true;
    /** Only takes something away: the engine gives it no new state (step.go, New). */
    readonly ends?: true;
}

const KINDS: ReadonlyMap<string, StepKind> = new Map<string, StepKind>([
    ["same", { operation: "same" }],
    ["refresh", { operation: "same" }],
    ["create", { operation: "create" }],
    ["update", { operation: "update" }],
    ["delete", { operation: "delete", deletes: true, ends: true }],
    ["replace", { operation: "replace", deletes: true }],
    ["create-replacement", { operation: "replace", deletes: true }],
    ["delete-replaced", { operation: "replace", deletes: true, ends: true }],
    ["read", { operation: "same", adopts: "read" }],
    ["read-replacement", { operation: "replace", adopts: "read", deletes: true }],
    ["import", { operation: "create", adopts: "imported" }],
    ["import-replacement", { operation: "replace", adopts: "imported", deletes: true }],
    // A resource that was read and is no longer: what it is of stays.
    ["discard", { operation: "delete", forgets: true, ends: true }],
    ["discard-replaced", { operation: "replace", forgets: true, ends: true }],
    // Its object went in an earlier update that failed before the successor came.
    ["remove-pending-replace", { operation: "replace", ends: true }],
]);

/** Undefined: an operation that is not known. */
export const stepKind = (op: string): StepKind | undefined => KINDS.get(op);

/** Replacement is several steps of one resource. */
const REPLACEMENT: ReadonlySet<string> = new Set([
    "replace",
    "create-replacement",
    "delete-replaced",
    "read-replacement",
    "import-replacement",
    "discard-replaced",
    "remove-pending-replace",
]);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/**
 * Why what the old state of a step is of stays on the host without the stack; undefined: it goes, or stays in
 * the stack.
 */
function staysBecause(kind: StepKind, old: Json): string | undefined {
    if (kind.forgets === true) {
        return "it was read, and is only forgotten";
    }
    if (kind.deletes !== true) {
        return undefined;
    }
    // DeleteStep.Apply: each of these makes the deletion do nothing. What libvirt deletes takes nothing else
    // along.
    if (old.external === true) {
        return "the state says external";
    }
    if (old.retainOnDelete === true) {
        return "the state says retainOnDelete";
    }
    if (isText(old.deletedWith)) {
        const other = nameOfUrn(old.deletedWith);
        return `it is left to the deletion of ${other} (deletedWith), which libvirt does not know`;
    }
    return old.protect === true ? "it is protected, so its deletion fails" : undefined;
}

/** Something of libvirt's that a step takes out of the stack and leaves on the host. */
export function staysOnHost(kind: StepKind, old: Json): Problem[] {
    const why = staysBecause(kind, old);
    return why === undefined || !/^libvirt:/i.test(String(old.type))
        ? []
        : [
              {
                  at: { resource: String(old.urn), path: "" },
                  what:
                      `${nameOfUrn(String(old.urn))} leaves the stack and stays on the host: ${why}; ` +
                      "no rule judges it any more",
                  fix:
                      "unset retainOnDelete, deletedWith and protect, run `bin/pulumi up`, and then " +
                      "remove or replace it",
              },
          ];
}

/** Settings of the bridge's own, which lead to no other host. */
const NO_HOST: ReadonlySet<string> = new Set(["version"]);

/** A provider's settings, with the host that its URI leads to in the place of the URI. */
const settingsOf = (state: unknown): string => {
    const { inputs = {} } = (state ?? {}) as { inputs?: Json };
    return JSON.stringify(
        Object.entries(inputs ?? {})
            .filter(([key]) => !NO_HOST.has(key) && !key.startsWith("__"))
            .map(([key, value]) => [key, key === "uri" && isText(value) ? hostKeyOf(value) : value] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
};

/** URN of the provider in a state's reference `URN::id`. */
const providerOf = (state: unknown): string | undefined => {
    const { provider } = (state ?? {}) as Json;
    return isText(provider) ? provider.split("::").slice(0, 4).join("::") : undefined;
};

const LIBVIRT_PROVIDER = /^pulumi:providers:libvirt$/i;
/** The last type of a URN's chain of them. */
const typeOfUrn = (urn: unknown): string => String(urn).split("::")[2]?.split("$").at(-1) ?? "";

const STAYING: ReadonlySet<string> = new Set(["same", "update", "refresh"]);

/** Resources that stay where they were made while their provider comes to lead elsewhere. */
export function movedProviders(steps: readonly Json[]): Problem[] {
    const leadsElsewhere = (s: Json): boolean =>
        s.op === "delete" ||
        REPLACEMENT.has(String(s.op)) ||
        (s.oldState !== undefined &&
            s.newState !== undefined &&
            settingsOf(s.oldState) !== settingsOf(s.newState));
    const moved = new Set(
        steps.filter((s) => LIBVIRT_PROVIDER.test(typeOfUrn(s.urn)) && leadsElsewhere(s)).map((s) => s.urn),
    );
    return steps
        .filter(
            (s) =>
                STAYING.has(String(s.op)) &&
                /^libvirt:/i.test(String((s.newState as Json | undefined)?.type)),
        )
        .flatMap((s): Problem[] => {
            const [before, after] = [providerOf(s.oldState), providerOf(s.newState)];
            const changed =
                after !== undefined && moved.has(after)
                    ? `its provider ${nameOfUrn(after)} is changed`
                    : undefined;
            const why =
                before !== undefined && before !== after
                    ? `its provider becomes ${nameOfUrn(after ?? "")}`
                    : changed;
            return why === undefined
                ? []
                : [
                      {
                          at: { resource: String(s.urn), path: "provider" },
                          what:
                              `${nameOfUrn(String(s.urn))} stays where it was made while ${why}: ` +
                              "what runs there is judged no more",
                          fix:
                              "keep the URI of the host that the stack is on; to move, run " +
                              "`bin/pulumi destroy` with the old URI first",
                      },
                  ];
        });
}

/** Steps of one resource that the engine never plans together. */
export function contradictions(steps: readonly Json[]): Problem[] {
    const seen = new Map<string, Set<string>>();
    const twice = new Set<string>();
    for (const { urn, op } of steps as readonly { urn: string; op: string }[]) {
        const ops = seen.get(urn) ?? new Set();
        // One URN may have an old state that waits for deletion beside the current one.
        if (op !== "delete" && ops.has(op)) {
            twice.add(urn);
        }
        seen.set(urn, ops.add(op));
    }
    const settled = (ops: ReadonlySet<string>): number =>
        new Set(
            [...ops]
                .filter((op) => op !== "refresh" && op !== "delete")
                .map((op) => (REPLACEMENT.has(op) ? "replace" : op)),
        ).size;
    return [...seen]
        .filter(([urn, ops]) => twice.has(urn) || settled(ops) > 1)
        .map(([urn, ops]): Problem => ({
            at: { resource: urn, path: "" },
            what:
                `the preview has several steps of ${nameOfUrn(urn)} (${[...ops].sort().join(", ")}): ` +
                "which of them counts cannot be decided",
            fix: "use the whole output of `pulumi preview --json --show-sames`, unedited",
        }));
}
