/** JSON Schema of the configuration, from the one schema that checks it. */
import { z } from "zod";
import { CONFIG_KEYS, configSchema } from "./schema";

/** A key as JSON Schema, with what `meta` says of it (schema.ts). */
export interface KeySchema {
    readonly type?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly examples?: readonly unknown[];
    readonly unit?: string;
    readonly allowed?: string;
    readonly defaults?: string;
    readonly secret?: boolean;
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly maxItems?: number;
    readonly properties?: Readonly<Record<string, KeySchema>>;
    readonly required?: readonly string[];
    readonly items?: KeySchema;
    readonly oneOf?: readonly KeySchema[];
    readonly anyOf?: readonly KeySchema[];
    readonly [keyword: string]: unknown;
}

/** All keys under `sallyport:`. What values mean together is not in it. */
export const configurationSchema = (): KeySchema =>
    z.toJSONSchema(configSchema, { io: "input", target: "draft-7" }) as KeySchema;

/** What Pulumi writes in place of a secret. */
const ENCRYPTED: KeySchema = {
    description: "A secret, as `bin/pulumi config set --secret` writes it.",
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
};

const orEncrypted = (schema: KeySchema): KeySchema => ({
    ...(schema.description === undefined ? {} : { description: schema.description }),
    anyOf: [schema, ENCRYPTED],
});

/** What an editor shows of a key. */
const described = ({ description, unit, allowed, defaults }: KeySchema): string | undefined =>
    description === undefined
        ? undefined
        : [
              description,
              unit === undefined ? "" : ` In ${unit}.`,
              allowed === undefined ? "" : ` Allowed: ${allowed}.`,
              defaults === undefined ? "" : ` Default: ${defaults}.`,
          ].join("");

const mapped = (
    schemas: Readonly<Record<string, KeySchema>>,
    change: (schema: KeySchema) => KeySchema,
): Record<string, KeySchema> =>
    Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, change(schema)]));

/** Ours, and no keywords of JSON Schema's. */
const OWN = new Set(["unit", "allowed", "defaults", "secret"]);

/** With JSON Schema's own keywords alone, and with room for encrypted secrets. */
function forEditors(schema: KeySchema): KeySchema {
    const { secret = false } = schema;
    const standard: KeySchema = Object.fromEntries(
        Object.entries(schema).filter(([keyword]) => !OWN.has(keyword)),
    );
    const { properties, items, oneOf, anyOf } = standard;
    const description = described(schema);
    const element = items === undefined ? undefined : forEditors(items);
    const whole: KeySchema = {
        ...standard,
        ...(description === undefined ? {} : { description }),
        ...(properties === undefined ? {} : { properties: mapped(properties, forEditors) }),
        ...(element === undefined ? {} : { items: secret ? orEncrypted(element) : element }),
        ...(oneOf === undefined ? {} : { oneOf: oneOf.map(forEditors) }),
        ...(anyOf === undefined ? {} : { anyOf: anyOf.map(forEditors) }),
    };
    return secret ? orEncrypted(whole) : whole;
}

/** JSON Schema of a stack's settings file, `Pulumi.STACK.yaml`: docs/configuration.schema.json. */
export function stackFileSchema(): KeySchema {
    const { properties = {} } = configurationSchema();
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "Settings of a Sallyport stack",
        description: "Generated from config/schema.ts; do not edit.",
        type: "object",
        properties: {
            config: {
                type: "object",
                properties: Object.fromEntries(
                    Object.entries(properties).map(([key, schema]) => [
                        `sallyport:${key}`,
                        orEncrypted(forEditors(schema)),
                    ]),
                ),
                // Settings of other namespaces are Pulumi's and its providers'.
                propertyNames: { pattern: `^(?!sallyport:)|^sallyport:(${CONFIG_KEYS.join("|")})$` },
            },
        },
    };
}
