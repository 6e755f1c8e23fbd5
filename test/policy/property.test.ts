/** Whatever the schema allows passes; whatever leads around a Gateway is refuted. */
import fc from "fast-check";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOf, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, edit, ofType } from "./mutants/mutant";

jest.setTimeout(600_000);

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const enclave = fc.record({ name, transparentProxy: fc.boolean(), workstations: fc.uniqueArray(name.map((n) => ({ name: n })), { minLength: 1, maxLength: 4, selector: (w) => w.name }) });
const config = fc.record({ virt: fc.constantFrom({ type: "kvm" }, { type: "qemu" }), enclaves: fc.uniqueArray(enclave, { minLength: 1, maxLength: 3, selector: (e) => e.name }) });

it("any stack within the schema passes", async () => {
    await fc.assert(fc.asyncProperty(config, fc.constantFrom("preview" as const, "existing" as const), async (c, phase) => {
        expect(runRules(rules, modelOf(await goodStack(c, phase))).map(findingId)).toEqual([]);
    }), { numRuns: 5 });
});

it("any added edge around a Gateway is refuted, with the hops of it", async () => {
    const stack = await goodStack(CONFIGS["two enclaves, three Workstations"], "existing");
    const outside = rules.filter((rule) => rule.id === "PATH-outside");
    const edge = fc.constantFrom<Record<string, string>>(
        { networkName: "sallyport-test-red-external" }, { networkName: "sallyport-test-blue-external" }, { networkName: "default" }, { bridge: "br0" }, { macvtap: "eth0" }, { passthrough: "eth0" },
        { vepa: "eth0" }, { private: "eth0" },
    );
    const workstation = fc.constantFrom(...ofType(stack, DOMAIN, /-workstation-/).map((d) => d.urn));
    fc.assert(fc.property(workstation, edge, fc.boolean(), (urn, nic, instead) => {
        const changed = structuredClone(stack) as FixtureResource[];
        edit(urn, (props) => {
            const nics = props["networkInterfaces"] as Record<string, unknown>[];
            const added = { ...nic, mac: "52:54:00:98:98:0b" };
            props["networkInterfaces"] = instead ? [added] : [...nics, added];
        })(changed);
        const found = runRules(outside, modelOf(changed));
        return found.length > 0 && found.every((f) => f.verdict === "undecided" || (f.hops ?? []).length > 0);
    }), { numRuns: 60 });
});
