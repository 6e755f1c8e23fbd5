/**
 * docs/configuration.md, docs/configuration.schema.json and Pulumi.yaml say what the schema says (fix: make docs).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { configurationSchema, stackFileSchema } from "../../../config/json-schema";
import { keysBelow, renderProjectKeys, renderReference, type KeyEntry } from "../../../config/reference";
import { configSchema } from "../../../config/schema";
import { isSecret } from "../../../config/secrets";
import { projectRoot } from "../../../util/root";
import { CONFIGS } from "../../policy/fixtures/good";

const schemaText = `${JSON.stringify(stackFileSchema(), null, 2)}\n`;
const pulumi = readFileSync(join(projectRoot(), "Pulumi.yaml"), "utf8");

it.each([
    ["docs/configuration.md", renderReference()],
    ["docs/configuration.schema.json", schemaText],
    ["Pulumi.yaml", pulumi.replace(/^config:\n.*/ms, renderProjectKeys)],
])("%s is what the schema says (fix: make docs)", (file, text) => {
    const path = join(projectRoot(), file);
    if (process.env.UPDATE_DOCS === "1") {
        writeFileSync(path, text);
    }
    expect(readFileSync(path, "utf8")).toBe(text);
});

describe("every key", () => {
    const keys = keysBelow(configurationSchema());

    it("is found", () => {
        expect(keys.map((k) => k.path)).toEqual(
            expect.arrayContaining([
                "uri",
                "torNetwork.timeSources",
                "enclaves[].external.mode",
                "enclaves[].external.route",
                "enclaves[].egress.relayFile",
                "enclaves[].tunnel.presharedKey",
                "enclaves[].workstations[].control",
            ]),
        );
    });

    it("has a description that is a sentence, and an example", () => {
        const good = ({ schema }: KeyEntry): boolean =>
            /^[`A-Z].{15,}\.$/s.test(schema.description ?? "") && schema.examples?.length === 1;
        expect(keys.filter((k) => !good(k)).map((k) => k.path)).toEqual([]);
    });

    it("says what is allowed, and has a default or says that it has none", () => {
        expect(renderReference()).not.toMatch(/^- (Default|Allowed|Example|Unit): *$|undefined|null/m);
    });

    it("that is needed only with others says with which; always needed are names alone", () => {
        const sections = renderReference().split("\n### ");
        const section = (path: string): string =>
            sections.find((text) => text.startsWith(`\`enclaves[].${path}\``)) ?? "";
        for (const [path, needed] of [
            ["external.route", "needed with `mode: bridge`"],
            ["egress.bridges", "needed with `mode: bridges`"],
            ["egress.relays", "needed with `mode: relay-set`, unless `relayFile` is given"],
            ["upstreamProxy.endpoint", "needed with `upstreamProxy`"],
            ["upstreamProxy.password", "needed with `user`"],
            ["tunnel.privateKey", "needed with `tunnel`"],
            ["tunnel.presharedKey", "needed where the peer has one"],
        ] as const) {
            expect(section(path)).toContain(`- Default: none; ${needed}\n`);
        }
        const always = sections.filter((text) => text.includes("it has to be given"));
        expect(always.map((text) => text.split("\n")[0])).toEqual([
            "`enclaves[].name`",
            "`enclaves[].workstations[].name`",
        ]);
    });

    it("with a number that is measured has its unit in its name", () => {
        const units = keys.filter((k) => k.schema.unit !== undefined).map((k) => k.path);
        expect(units.filter((path) => !/(MiB|GiB|Seconds|Bytes)$/.test(path))).toEqual([]);
        expect(units).toHaveLength(9);
    });

    it("that is said to be a secret is one, and no other", () => {
        const property = ({ path, schema }: KeyEntry): string =>
            `${path.replaceAll("[]", "[0]")}${schema.type === "array" ? "[0]" : ""}`;
        expect(keys.filter((k) => k.schema.secret === true).map(property)).toEqual(
            keys.map(property).filter(isSecret),
        );
    });

    it.each(keys.map((k) => [`${k.path} ${k.only ?? ""}`, k] as const))(
        "has a valid example: %s",
        (_, key) => {
            const [sample] = key.schema.examples ?? [];
            expect(problemsAt(key, sample)).toEqual([]);
        },
    );
});

/** What the schema has against a value at a key; of the rest of its configuration it says nothing. */
function problemsAt({ path, only }: KeyEntry, sample: unknown): string[] {
    const steps = path.replaceAll("[]", ".0").split(".");
    const group = steps.length > 1 && only !== undefined ? { mode: only.replace("mode: ", "") } : {};
    const config = steps.reduceRight<unknown>((inner, step, i) => {
        const here = step === "0" ? [inner] : { [step]: inner };
        return i === steps.length - 1 && !Array.isArray(here) ? { ...group, ...here } : here;
    }, sample);
    const result = configSchema.safeParse(config);
    return (result.error?.issues ?? [])
        .filter((issue) => issue.path.join(".").startsWith(steps.join(".")))
        .map((issue) => issue.message);
}

describe("the JSON Schema of a stack's file", () => {
    const schema = z.fromJSONSchema(stackFileSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const file = (config: unknown): unknown => ({
        config: Object.fromEntries(
            Object.entries(config as object).map(([key, value]) => [`sallyport:${key}`, value as unknown]),
        ),
    });

    it.each(Object.entries(CONFIGS))("takes: %s", (_, config) => {
        expect(schema.safeParse(file(config)).error).toBeUndefined();
    });

    it("takes encrypted secrets and settings of others", () => {
        const secure = { secure: "v1:x" };
        const enclave = {
            name: "a",
            egress: { mode: "bridges", bridges: [secure] },
            upstreamProxy: { kind: "socks5", endpoint: "192.0.2.1:1080", user: "u", password: secure },
        };
        const settings = {
            encryptionsalt: "v1:x",
            config: { "libvirt:uri": "x", "sallyport:enclaves": [enclave] },
        };
        expect(schema.safeParse(settings).error).toBeUndefined();
    });

    it.each([
        ["an unknown key", { colour: "blue" }],
        ["an unknown key of an enclave", { enclaves: [{ name: "a", colour: "blue" }] }],
        ["an old key", { enclaves: [{ name: "a", gateway: { memory: 512 } }] }],
        ["text for a number", { enclaves: [{ name: "a", gateway: { memoryMiB: "512" } }] }],
        ["a number that is too small", { enclaves: [{ name: "a", gateway: { memoryMiB: 64 } }] }],
        ["a port that is none", { enclaves: [{ name: "a", customSocksPorts: [9050] }] }],
        ["another mode", { enclaves: [{ name: "a", external: { mode: "vpn" } }] }],
        ["an enclave without a name", { enclaves: [{}] }],
    ])("refuses %s", (_, config) => {
        expect(schema.safeParse(file(config)).success).toBe(false);
    });
});
