/** The package's schema, which SDKs are generated from: made of the schema of the configuration. */
import { z } from "zod";
import { version } from "../package.json";
import { componentType } from "../components/context";
import { configSchema } from "../config/schema";
import { isSecret } from "../config/secrets";

type Json = Readonly<Record<string, unknown>>;
/** The part of JSON Schema that zod writes for the configuration. */
interface Schema extends Json {
    readonly type?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly enum?: readonly string[];
    readonly const?: string;
    readonly items?: Schema;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
    readonly oneOf?: readonly Schema[];
    readonly anyOf?: readonly Schema[];
}

/** `enclaves` -> `Enclave`. */
const typeName = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1).replace(/(?<!s)s$/, "");

const isPlain = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

/** One flat object for a choice of several: a property is needed where each of them needs it. */
function flat({ oneOf, ...rest }: Schema): Schema {
    if (oneOf === undefined) {
        return rest;
    }
    const properties: Record<string, Schema> = {};
    for (const [key, property] of oneOf.flatMap((one) => Object.entries(one.properties ?? {}))) {
        const modes = [properties[key], property].flatMap(
            (p) => p?.enum ?? (p?.const === undefined ? [] : [p.const]),
        );
        properties[key] = { ...property, ...properties[key], ...(modes.length === 0 ? {} : { enum: modes }) };
    }
    const required = Object.keys(properties).filter((key) =>
        oneOf.every((one) => one.required?.includes(key) ?? false),
    );
    return { ...rest, type: "object", properties, required };
}

/** Named types of the package, collected on the way through the configuration. */
class Types {
    readonly all: Record<string, Json> = {};

    /** @param path as in settings: `enclaves[0].egress` */
    property(given: Schema, name: string, path: string): Json {
        const schema = flat(given);
        const description =
            schema.description ??
            (schema.default === undefined || isPlain(schema.default)
                ? undefined
                : `Default: ${JSON.stringify(schema.default)}.`);
        return {
            ...this.#type(schema, name, path),
            ...(description === undefined ? {} : { description }),
            ...(isPlain(schema.default) ? { default: schema.default } : {}),
            ...(isSecret(path) || isSecret(`${path}[0]`) ? { secret: true } : {}),
        };
    }

    properties(schema: Schema, name: string, path: string): Json {
        return Object.fromEntries(
            Object.entries(schema.properties ?? {}).map(([key, property]) => [
                key,
                this.property(property, `${name}${typeName(key)}`, path === "" ? key : `${path}.${key}`),
            ]),
        );
    }

    #type(schema: Schema, name: string, path: string): Json {
        if (schema.anyOf !== undefined) {
            return { oneOf: schema.anyOf.map((choice) => this.#type(flat(choice), name, path)) };
        }
        if (schema.enum !== undefined) {
            return this.#named(name, { type: "string", enum: schema.enum.map((value) => ({ value })) });
        }
        switch (schema.type) {
            case "object":
                return this.#named(name, {
                    type: "object",
                    ...(schema.description === undefined ? {} : { description: schema.description }),
                    properties: this.properties(schema, name, path),
                    required: schema.required ?? [],
                });
            case "array":
                return { type: "array", items: this.#type(flat(schema.items ?? {}), name, `${path}[0]`) };
            case "string":
            case "integer":
            case "boolean":
                return { type: schema.type };
            default:
                throw new Error(`${path}: a ${String(schema.type)} has no counterpart in a package's schema`);
        }
    }

    #named(name: string, type: Json): Json {
        this.all[componentType(name)] = type;
        return { $ref: `#/types/${componentType(name)}` };
    }
}

const text = (description: string): Json => ({ type: "string", description });
const output = (name: string, description: string, properties: Json): Json => ({
    [componentType(name)]: { type: "object", description, properties, required: Object.keys(properties) },
});
const ref = (name: string): Json => ({ $ref: `#/types/${componentType(name)}` });

/** What is known of an enclave once it stands (EnclaveOutputs of components/enclave.ts). */
const OUTPUTS: Json = {
    ...output("EnclaveOutput", "An enclave as it stands.", {
        gateway: ref("GatewayOutput"),
        workstations: { type: "array", items: ref("WorkstationOutput") },
        network: ref("NetworkOutput"),
    }),
    ...output("GatewayOutput", "A Gateway as it stands.", {
        domain: text("libvirt's name of the domain."),
        address: text("Address on the external network."),
        status: text("What it said when its readiness gate opened."),
    }),
    ...output("WorkstationOutput", "A Workstation as it stands.", {
        name: text("Its name in the arguments."),
        domain: text("libvirt's name of the domain."),
        address: text("Address on the isolated network."),
        console: text("The command that opens its console."),
    }),
    ...output("NetworkOutput", "libvirt's names of an enclave's networks.", {
        isolated: text("The isolated network."),
        external: text("The external network."),
    }),
};

const STEP = {
    create: text("A step of bin/sallyport that runs at creation."),
    delete: text("A step of bin/sallyport that runs at removal."),
    triggers: {
        type: "array",
        items: { $ref: "pulumi.json#/Any" },
        description: "A change replaces the step.",
    },
};

/** As JSON text. */
export function packageSchema(): string {
    const config = z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }) as Schema;
    const types = new Types();
    const inputProperties = types.properties(config, "", "");
    const language = { respectSchemaVersion: true };
    return JSON.stringify({
        name: "sallyport",
        version,
        description:
            "Anonymity enclaves on libvirt/KVM: a Tor Gateway, and Workstations that reach nothing else",
        license: "Apache-2.0",
        meta: { supportPack: true },
        language: {
            nodejs: { ...language, packageName: "@pulumi/sallyport" },
            python: { ...language, packageName: "pulumi_sallyport", pyproject: { enabled: true } },
        },
        provider: {},
        types: { ...types.all, ...OUTPUTS },
        resources: {
            [componentType("LabHost")]: {
                isComponent: true,
                description: "A lab host: golden image and enclaves. One for a stack.",
                inputProperties,
                properties: {
                    enclaves: {
                        type: "object",
                        additionalProperties: ref("EnclaveOutput"),
                        description: "Guests, addresses and consoles, by the enclave's name.",
                    },
                },
                required: ["enclaves"],
            },
            [componentType("Step")]: {
                description: "A step of a lab host. For this package's own use.",
                inputProperties: STEP,
                properties: { ...STEP, stdout: text("What it printed.") },
                required: ["stdout"],
            },
        },
    });
}
