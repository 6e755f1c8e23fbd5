/** Whatever the schema allows passes; whatever leads around a Gateway is refuted. */
import fc from "fast-check";
import { rules } from "../../policy/registry";
import { NOT_RUN, findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { copyOf, modelOf } from "./fixtures/resources";
import { DOMAIN, edit, ofType } from "./mutants/mutant";
import { SOURCES } from "./mutants/devices/provider-09-values";
import { placed } from "../support/placed";

jest.setTimeout(600_000);

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
/** Kinds of egress that exclude or go with one another, as the schema has them. */
const ways = fc.constantFrom<Record<string, unknown>>(
    {},
    { external: { mode: "bridge", bridge: "br0", address: "192.0.2.10/24", route: "192.0.2.1" } },
    ...[
        "bridges",
        "a plain bridge",
        "a relay set",
        "a proxy in the LAN",
        "a tunnel",
        "bridges through a tunnel",
    ].map((title) => {
        const [own = {}] = (CONFIGS[title] as { enclaves: Record<string, unknown>[] }).enclaves;
        return Object.fromEntries(Object.entries(own).filter(([key]) => key !== "name"));
    }),
);
const workstation = fc.record({ name, control: fc.boolean() });
const enclave = fc
    .tuple(
        fc.record({
            name,
            transparentProxy: fc.boolean(),
            workstations: fc
                .uniqueArray(workstation, { minLength: 1, maxLength: 4, selector: (w) => w.name })
                .map((list) => placed(...list)),
        }),
        ways,
    )
    .map(([plain, way]) => ({ ...plain, ...way }));
/** One tunnel's key, and one address on a bridge, is for one enclave. */
const onlyOne = (enclaves: readonly Record<string, unknown>[]): boolean =>
    ["tunnel", "external"].every((key) => enclaves.filter((e) => e[key] !== undefined).length < 2);
const config = fc.record({
    virt: fc.constantFrom({ type: "kvm" }, { type: "qemu" }),
    enclaves: fc
        .uniqueArray(enclave, { minLength: 1, maxLength: 3, selector: (e) => e.name })
        .filter(onlyOne),
});

it("any stack within the schema passes", async () => {
    await fc.assert(
        fc.asyncProperty(
            config,
            fc.constantFrom("preview" as const, "existing" as const),
            fc.constantFrom(goodStack, goodStack09),
            async (c, phase, make) => {
                expect(runRules(rules, modelOf(await make(c, phase))).map(findingId)).toEqual([]);
            },
        ),
        { numRuns: 8 },
    );
});

it("any added edge around a Gateway is refuted, with the hops of it", async () => {
    const stack = await goodStack(CONFIGS["two enclaves, three Workstations"], "existing");
    const outside = rules.filter((rule) => rule.id === "PATH-outside");
    const edge = fc.constantFrom<Record<string, string>>(
        { networkName: "sallyport-test-red-external" },
        { networkName: "sallyport-test-blue-external" },
        { networkName: "default" },
        { bridge: "br0" },
        { macvtap: "eth0" },
        { passthrough: "eth0" },
        { vepa: "eth0" },
        { private: "eth0" },
    );
    const workstation = fc.constantFrom(...ofType(stack, DOMAIN, /-workstation-/).map((d) => d.urn));
    fc.assert(
        fc.property(workstation, edge, fc.boolean(), (urn, nic, instead) => {
            const changed = copyOf(
                stack,
                edit(urn, (props) => {
                    const nics = props["networkInterfaces"] as Record<string, unknown>[];
                    const added = { ...nic, mac: "52:54:00:98:98:0b" };
                    props["networkInterfaces"] = instead ? [added] : [...nics, added];
                }),
            );
            const found = runRules(outside, modelOf(changed));
            return (
                found.length > 0 &&
                found.every((f) => f.subject !== NOT_RUN) &&
                found.every((f) => f.verdict === "undecided" || (f.hops ?? []).length > 0)
            );
        }),
        { numRuns: 60 },
    );
});

it("any NIC of provider 0.9 that is on no network may lead out", async () => {
    const stack = await goodStack09(CONFIGS["two enclaves, three Workstations"], "existing");
    const outside = rules.filter((rule) => rule.id === "PATH-outside");
    const victims = ofType(stack, DOMAIN, /-workstation-/).map((d) => d.urn);
    fc.assert(
        fc.property(
            fc.constantFrom(...victims),
            fc.constantFrom(...Object.entries(SOURCES).filter(([kind]) => kind !== "null")),
            fc.boolean(),
            (urn, [kind, source], instead) => {
                const changed = copyOf(
                    stack,
                    edit(urn, (props) => {
                        const devices = props["devices"] as { interfaces: Record<string, unknown>[] };
                        const added = { ...devices.interfaces[0], source: { [kind]: source } };
                        devices.interfaces = instead ? [added] : [...devices.interfaces, added];
                    }),
                );
                return runRules(outside, modelOf(changed)).some((f) => f.subject !== NOT_RUN);
            },
        ),
        { numRuns: 60 },
    );
});
