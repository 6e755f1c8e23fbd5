/** Pulumi.yaml documents the keys that the schema accepts, with the schema's own defaults. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../../config/parse";
import { CONFIG_KEYS, configSchema } from "../../../config/schema";

interface Documented {
    readonly description?: string;
    readonly default?: unknown;
}

const documented = (
    parse(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")) as {
        config: Record<string, Documented>;
    }
).config;

it("documents every key and no other", () => {
    expect(Object.keys(documented).sort()).toEqual(CONFIG_KEYS.map((key) => `sallyport:${key}`).sort());
    expect(Object.values(documented).every((entry) => (entry.description ?? "").length > 20)).toBe(true);
});

it("states the defaults that the schema has", () => {
    const stated = Object.fromEntries(
        Object.entries(documented).map(([key, entry]) => [key.replace("sallyport:", ""), entry.default]),
    );
    expect(parseConfig(stated)).toEqual(parseConfig({}));
});

/** Names of every key below a schema, through defaults, lists and unions. */
function keysOf(schema: unknown): string[] {
    const { def = {}, shape } = schema as {
        def?: { innerType?: unknown; element?: unknown; options?: unknown[] };
        shape?: Record<string, unknown>;
    };
    return [
        ...Object.entries(shape ?? {}).flatMap(([key, inner]) => [key, ...keysOf(inner)]),
        ...[def.innerType, def.element, ...(def.options ?? [])]
            .filter((s) => typeof s === "object")
            .flatMap(keysOf),
    ];
}

it("names every key of an enclave", () => {
    const keys = [...new Set(keysOf(configSchema.shape.enclaves))];
    expect(keys).toEqual(
        expect.arrayContaining(["external", "relayFile", "presharedKey", "control", "readyTimeoutSeconds"]),
    );
    const words = new Set(documented["sallyport:enclaves"]?.description?.split(/[^A-Za-z]+/));
    expect(keys.filter((key) => !words.has(key))).toEqual([]);
});
