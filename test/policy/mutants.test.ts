/** Anti-tests: every change of a good stack that the generators can make is rejected by the rule that it is about. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../cli/root";
import { catalogueIds, renderCatalogue } from "../../policy/catalogue";
import { elsewhere } from "../../policy/elsewhere";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { copyOf, modelOf, modelOfChange, type FixtureResource } from "./fixtures/resources";
import { changeMutants } from "./mutants/changes";
import { domainMutants } from "./mutants/domains";
import type { Mutant } from "./mutants/mutant";
import { networkMutants } from "./mutants/networks";
import { otherMutants } from "./mutants/others";
import { pathMutants } from "./mutants/paths";
import { mutants09 } from "./mutants/provider-09";
import { sharingMutants } from "./mutants/sharing";
import { seedMutants } from "./mutants/seeds";

type Stack = readonly FixtureResource[];
jest.setTimeout(600_000);

const byId = new Map(rules.map((rule) => [rule.id, rule]));
const rejected = (stack: readonly FixtureResource[], mutant: Mutant): boolean => {
    const rule = byId.get(mutant.rule);
    const changed = copyOf(stack, mutant.change);
    const model = mutant.preview === undefined ? modelOf(changed) : modelOfChange(stack, changed, mutant.preview);
    return rule !== undefined && runRules([rule], model).length > 0;
};

describe("mutants", () => {
    let mutants: readonly (readonly [readonly FixtureResource[], Mutant])[];
    beforeAll(async () => {
        const on = (stack: readonly FixtureResource[], ...lists: readonly (readonly Mutant[])[]): typeof mutants => lists.flat().map((m) => [stack, m]);
        const [preview, existing, bridge] = await goodStacks();
        const [preview09, existing09] = [await goodStack09(CONFIGS["one enclave, one Workstation"], "preview"), await goodStack09(CONFIGS["two enclaves, three Workstations"], "existing")];
        mutants = [
            ...on(preview, networkMutants(preview), domainMutants(preview)),
            ...on(existing, networkMutants(existing), domainMutants(existing), otherMutants(existing), changeMutants(existing), sharingMutants(existing), pathMutants(existing)),
            ...on(preview, seedMutants(preview)),
            ...on(bridge, networkMutants(bridge)),
            ...on(preview09, mutants09(preview09)), ...on(existing09, mutants09(existing09)),
        ];
    });

    it("are rejected, each by the expected rule", () => {
        expect(mutants.length).toBeGreaterThan(1000);
        expect(mutants.filter(([stack, mutant]) => !rejected(stack, mutant)).map(([, m]) => `${m.rule}: ${m.title}`)).toEqual([]);
    });

    it("leave a preview alone that changes nothing, and one that replaces an enclave as a whole", async () => {
        const [, stack] = await goodStacks();
        for (const operation of ["same", "replace"]) {
            expect(runRules(rules, modelOfChange(stack, stack, () => operation)).map((f) => `${findingId(f)} ${f.message}`)).toEqual([]);
        }
    });

    it("are there for every rule", () => {
        const attacked = new Set(mutants.map(([, m]) => m.rule));
        expect(rules.map((r) => r.id).filter((id) => !attacked.has(id))).toEqual([]);
    });

    it("are what docs/policies.md says (way out: UPDATE_DOCS=1 npx jest test/policy/mutants.test.ts)", () => {
        const titles = new Map<string, string[]>();
        mutants.forEach(([, m]) => titles.set(m.rule, [...(titles.get(m.rule) ?? []), m.title]));
        const path = join(projectRoot(), "docs/policies.md");
        const text = renderCatalogue(titles);
        if (process.env.UPDATE_DOCS === "1") {
            writeFileSync(path, text);
        }
        expect(existsSync(path) && readFileSync(path, "utf8") === text).toBe(true);
    });
});

async function goodStacks(): Promise<readonly [Stack, Stack, Stack]> {
    return [
        await goodStack(CONFIGS["one enclave, one Workstation"], "preview"),
        await goodStack(CONFIGS["two enclaves, three Workstations"], "existing"),
        await goodStack(CONFIGS["a bridge of the host's, emulated"], "existing"),
    ];
}

describe("the catalogue", () => {
    it("has each of the 177 invariants once, as a rule or elsewhere", () => {
        const there = [...rules.map((r) => r.id), ...elsewhere.map((e) => e.id)];
        expect(there.filter((id, i) => there.indexOf(id) !== i)).toEqual([]);
        expect(catalogueIds()).toHaveLength(177);
        expect(catalogueIds().filter((id) => !there.includes(id))).toEqual([]);
    });
});
