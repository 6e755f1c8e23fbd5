/** Pulumi.yaml declares the keys that the schema accepts, with the schema's own defaults. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../../config/parse";
import { CONFIG_KEYS } from "../../../config/schema";

interface Documented {
    readonly description?: string;
    readonly default?: unknown;
}

const documented = (
    parse(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")) as {
        config: Record<string, Documented>;
    }
).config;

it("declares every key and no other", () => {
    expect(Object.keys(documented).sort()).toEqual(CONFIG_KEYS.map((key) => `sallyport:${key}`).sort());
    expect(Object.values(documented).every((entry) => (entry.description ?? "").length > 20)).toBe(true);
});

it("states the defaults that the schema has", () => {
    const stated = Object.fromEntries(
        Object.entries(documented).map(([key, entry]) => [key.replace("sallyport:", ""), entry.default]),
    );
    expect(parseConfig(stated)).toEqual(parseConfig({}));
});
