/** Checks a configuration against the schema and says what is wrong in the words of the schema. */
import type { z } from "zod";
import { deepFreeze } from "../util/freeze";
import { nearest } from "../util/nearest";
import { ConfigError, setTo, type ConfigProblem } from "./error";
import { newNameOf } from "./renamed";
import { configSchema, type SallyportConfig } from "./schema";
import { isSecret, showable } from "./secrets";

/** `enclaves[0].name` */
const dotted = (path: readonly PropertyKey[]): string =>
    path
        .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
        .join("")
        .replace(/^\./, "");

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>(
        (v, key) =>
            typeof v === "object" && v !== null ? (v as Record<PropertyKey, unknown>)[key] : undefined,
        value,
    );

/** Keys that the schema knows at a path, so that a typing error shows what there is. */
function keysAt(path: readonly PropertyKey[], input: unknown): string[] {
    let schema: unknown = configSchema;
    for (const [depth, key] of path.entries()) {
        schema = inner(schema, at(input, path.slice(0, depth)));
        const shape = (schema as { shape?: Record<string, unknown>; element?: unknown }) ?? {};
        schema = typeof key === "number" ? shape.element : shape.shape?.[String(key)];
    }
    const shape = (inner(schema, at(input, path)) as { shape?: object } | undefined)?.shape;
    return shape === undefined ? [] : Object.keys(shape);
}

/** Unwraps defaults and picks the member of a discriminated union that the input chose. */
function inner(schema: unknown, input: unknown): unknown {
    const def = (
        schema as
            | { def?: { type?: string; innerType?: unknown; options?: unknown[]; discriminator?: string } }
            | undefined
    )?.def;
    if (def?.innerType !== undefined) {
        return inner(def.innerType, input);
    }
    if (def?.type === "union" && def.discriminator !== undefined) {
        const chosen = at(input, [def.discriminator]);
        return def.options?.find((o) => {
            const field = (o as { shape: Record<string, { value?: unknown }> }).shape[
                def.discriminator ?? ""
            ];
            return field?.value === chosen;
        });
    }
    if (def?.type === "union") {
        return def.options?.find((o) => (o as { shape?: unknown }).shape !== undefined);
    }
    return schema;
}

/** A text that YAML, or `config set --path`, took for something else. */
const asNumber = (issue: z.core.$ZodIssue, raw: unknown): boolean =>
    issue.code === "invalid_type" &&
    issue.expected === "string" &&
    (typeof raw === "number" || typeof raw === "boolean");

/**
 * Characters that no setting may hold and no eye sees, by their code points: a carriage return, a smart quote.
 * They may stand in a secret, which is not shown itself.
 */
function unprintable(raw: unknown): string {
    const found = typeof raw === "string" ? new Set(raw.match(/[^\x20-\x7e]/gu)) : new Set<string>();
    const names = [...found].map(
        (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
    );
    return names.length === 0 ? "" : `; this one holds ${names.slice(0, 3).join(", ")}`;
}

/** One value is set by a command; lists and groups of keys are quicker to write in the file. */
function fixFor(issue: z.core.$ZodIssue, property: string, raw: unknown): string {
    if (asNumber(issue, raw)) {
        return `${setTo(property, isSecret(property), true)}, or quote it in the stack's settings`;
    }
    const structured =
        (typeof raw === "object" && raw !== null) ||
        (issue.code === "invalid_type" && ["array", "object", "record"].includes(issue.expected));
    return structured || property === ""
        ? `correct ${property === "" ? "the keys under sallyport:" : property} in the stack's settings, Pulumi.STACK.yaml`
        : setTo(property, isSecret(property));
}

function problem(issue: z.core.$ZodIssue, input: unknown, secretKeys: ReadonlySet<string>): ConfigProblem[] {
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => {
            const property = dotted([...issue.path, key]);
            const keys = keysAt(issue.path, input);
            const newName = newNameOf(property) ?? nearest(key, keys);
            return {
                property,
                value: showable(property, at(input, [...issue.path, key]), true, secretKeys),
                allowed: `the keys ${keys.join(", ")}`,
                fix:
                    newName === undefined
                        ? `remove it in the stack's settings, Pulumi.STACK.yaml`
                        : `call it ${newName} in the stack's settings, Pulumi.STACK.yaml`,
            };
        });
    }
    const property = dotted(issue.path);
    const raw = at(input, issue.path);
    // Of a switch or a group of keys, whoever wrote a group is told of its keys.
    const group =
        issue.code === "invalid_union" && !("options" in issue) && typeof raw === "object" && raw !== null;
    if (group && !Array.isArray(raw)) {
        const inside = issue.errors.find((list) =>
            list.every((i) => i.path.length > 0 || i.code === "unrecognized_keys"),
        );
        return (inside ?? []).flatMap((i) =>
            problem({ ...i, path: [...issue.path, ...i.path] }, input, secretKeys),
        );
    }
    const value = showable(property, raw, false, secretKeys);
    const allowed = `${allowedBy(issue)}${unprintable(raw)}`;
    return [{ property, value, allowed, fix: fixFor(issue, property, raw) }];
}

/** What the schema says of an issue, in words. */
function allowedBy(issue: z.core.$ZodIssue): string {
    if (issue.code === "invalid_union" && "options" in issue && issue.options !== undefined) {
        return issue.options.map((option) => `${issue.discriminator} ${JSON.stringify(option)}`).join(" or ");
    }
    if (issue.code === "invalid_value") {
        return issue.values.map((v) => JSON.stringify(v)).join(" or ");
    }
    if (issue.code === "invalid_type") {
        return issue.message.startsWith("Invalid input")
            ? `a value of type ${issue.expected}`
            : issue.message;
    }
    return issue.message;
}

/**
 * Parse the keys under `sallyport:` as plain data.
 * @returns the configuration, frozen in depth
 * @param secretKeys top-level keys that hold a secret; errors then show less of them
 * @throws ConfigError with every problem found
 */
export function parseConfig(input: unknown, secretKeys: ReadonlySet<string> = new Set()): SallyportConfig {
    const result = configSchema.safeParse(input);
    if (!result.success) {
        throw new ConfigError(result.error.issues.flatMap((issue) => problem(issue, input, secretKeys)));
    }
    return deepFreeze(result.data);
}
