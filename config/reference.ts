/** What people read about the configuration, from its schema: docs/configuration.md and Pulumi.yaml's keys. */
import { stringify } from "yaml";
import { setTo } from "./error";
import { configurationSchema, type KeySchema } from "./json-schema";
import { CONFIG_KEYS, configSchema } from "./schema";

/** One key of the configuration. */
export interface KeyEntry {
    /** `enclaves[].gateway.memoryMiB` */
    readonly path: string;
    readonly schema: KeySchema;
    readonly required: boolean;
    /** Where only one mode of its group has it: `mode: bridges`. */
    readonly only?: string;
    /** The group that may be left out as a whole: `upstreamProxy`. */
    readonly within?: string;
}

/** The key by which a group's modes are told apart, with what is said of each mode. */
function modeEntry(path: string, modes: readonly KeySchema[], fallback: unknown): KeyEntry {
    const mode = (m: KeySchema): unknown => m.properties?.["mode"]?.const;
    return {
        path: `${path}.mode`,
        required: false,
        schema: {
            description: `${modes.map((m) => `\`${String(mode(m))}\`: ${m.description ?? ""}`).join("; ")}.`,
            enum: modes.map(mode),
            default: (fallback as { mode?: unknown } | undefined)?.mode,
            examples: [mode(modes.at(-1) ?? {})],
        },
    };
}

/** Every key below a group, in the schema's order. */
export function keysBelow(group: KeySchema, path = "", only?: string, within?: string): KeyEntry[] {
    const { properties = {}, required = [], items, oneOf, anyOf } = group;
    if (items !== undefined) {
        return keysBelow(items, `${path}[]`);
    }
    if (oneOf !== undefined) {
        return [
            modeEntry(path, oneOf, group.default),
            ...oneOf.flatMap((mode) =>
                keysBelow(mode, path, `mode: ${String(mode.properties?.["mode"]?.const)}`),
            ),
        ];
    }
    // A switch or a group of keys.
    if (anyOf !== undefined) {
        return anyOf.flatMap((choice) => keysBelow(choice, path));
    }
    return Object.entries(properties)
        .filter(([key]) => only === undefined || key !== "mode")
        .flatMap(([key, schema]) => {
            const at = path === "" ? key : `${path}.${key}`;
            const entry: KeyEntry = {
                path: at,
                schema,
                required: required.includes(key),
                ...(only !== undefined && { only }),
                ...(within !== undefined && { within }),
            };
            const optional = !entry.required && schema.default === undefined;
            return [entry, ...keysBelow(schema, at, undefined, optional ? key : undefined)];
        });
}

const code = (value: unknown): string =>
    `\`${stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim()}\``;

function allowed({
    allowed: text,
    type,
    enum: values,
    minimum,
    maximum,
    maxItems,
    ...rest
}: KeySchema): string {
    if (text !== undefined) {
        return text;
    }
    if (values !== undefined) {
        return values.map(code).join(", ");
    }
    switch (type) {
        case "boolean":
            return "`true`, `false`";
        case "integer":
            return `a whole number from ${minimum} to ${maximum}`;
        case "array":
            return `a list of at most ${maxItems}, with the keys below`;
        default:
            return rest.properties === undefined && rest.oneOf === undefined ? "" : "the keys below";
    }
}

const isEmpty = (value: unknown): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

/** A key that may be left out without a fixed default says in `meta` what holds then. */
function defaultOf({ path, schema, required, only, within }: KeyEntry): string {
    if (schema.defaults !== undefined) {
        return schema.defaults;
    }
    if (required) {
        const group = only ?? within;
        return group === undefined ? "none; it has to be given" : `none; needed with \`${group}\``;
    }
    if (schema.default === undefined) {
        throw new Error(`${path} has no default, and does not say when it is needed`);
    }
    return isEmpty(schema.default) ? "the defaults of its keys" : code(schema.default);
}

function example({ path, schema }: KeyEntry): string {
    const [value] = schema.examples ?? [];
    const first = path.replaceAll("[]", "[0]");
    if (schema.secret === true) {
        return `\`${setTo(schema.type === "array" ? `${first}[0]` : first, true).replace(/ VALUE$/, "")}\``;
    }
    return typeof value === "object"
        ? code({ [path.split(".").at(-1) ?? ""]: value })
        : `\`${setTo(first).replace(/VALUE$/, () => String(value))}\``;
}

const entry = (key: KeyEntry): string[] => [
    `### \`${key.path}\`${key.only === undefined ? "" : ` (${key.only})`}`,
    "",
    `${key.schema.description ?? ""}${key.schema.secret === true ? " It is a secret." : ""}`,
    "",
    ...(key.schema.unit === undefined ? [] : [`- Unit: ${key.schema.unit}`]),
    `- Default: ${defaultOf(key)}`,
    `- Allowed: ${allowed(key.schema)}`,
    `- Example: ${example(key)}`,
    "",
];

/** docs/configuration.md. */
export const renderReference = (): string =>
    [
        "# Configuration",
        "",
        "<!-- Generated from config/schema.ts; do not edit. -->",
        "",
        "The settings of a stack are the keys below `sallyport:` in `Pulumi.STACK.yaml`. Write them there, or set one by",
        "`bin/pulumi config set --path 'sallyport:KEY' VALUE`. A value that looks like a number and is a text, such as `cpus: \"2\"`,",
        "needs `--type string` there. Secrets need `--secret`; what is a secret is said below.",
        "",
        "An editor with a YAML language server completes and checks the file by this first line:",
        "",
        "```yaml",
        "# yaml-language-server: $schema=docs/configuration.schema.json",
        "```",
        "",
        "All problems of a configuration are told at once, before anything is declared.",
        "",
        ...keysBelow(configurationSchema()).flatMap(entry),
    ]
        .join("\n")
        .trimEnd() + "\n";

/** The keys as Pulumi.yaml declares them, from the line `config:` to its end. */
export function renderProjectKeys(): string {
    const { properties = {} } = configurationSchema();
    const defaults = configSchema.parse({});
    const declared = CONFIG_KEYS.map((key) => {
        const { type, description, items, default: short } = properties[key] ?? {};
        return [
            `sallyport:${key}`,
            {
                description,
                ...(type === "string" ? {} : { type }),
                ...(type === "array" ? { items: { type: items?.type ?? "object" } } : {}),
                default: isEmpty(short) ? defaults[key] : short,
            },
        ];
    });
    return stringify({ config: Object.fromEntries(declared) as unknown }, { lineWidth: 110 });
}
