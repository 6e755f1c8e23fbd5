/**
 * The rules against the catalogue of invariants and against their negative test, and what docs/policies.md says
 * of both.
 */
import { filesOfRules, indexes, textOf } from "./registered"; // first: it writes what the registry imports
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import { catalogueIds, renderCatalogue } from "../../policy/catalogue";
import { externalControls } from "../../policy/external-controls";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOfChange, type FixtureResource } from "./fixtures/resources";
import { PARTS, type Attempt } from "./mutants/attempts";
import { DOMAIN } from "./mutants/mutant";

jest.setTimeout(600_000);

it("every file in policy/rules is a rule that is registered (fix: docs/writing-a-rule.md, step 4)", () => {
    expect(indexes().map(([path]) => [path, textOf(path)])).toEqual(indexes());
});

it("docs/writing-a-rule.md shows a rule and its mutant as they are", () => {
    const shown = [
        ...textOf(join(projectRoot(), "docs/writing-a-rule.md")).matchAll(
            /`([^`\n]+)`, whole:\n\n```ts\n(.*?)```/gs,
        ),
    ].map(([, path, text]) => [path, text]);
    expect(shown).toHaveLength(2);
    expect(shown).toEqual(shown.map(([path = ""]) => [path, textOf(join(projectRoot(), path))]));
});

describe("mutants", () => {
    let mutants: readonly Attempt["mutant"][];
    beforeAll(async () => {
        const parts: (readonly Attempt[])[] = [];
        for (const part of Object.values(PARTS)) {
            parts.push(await part());
        }
        // Those that every stack of their kind has; the rest differs from configuration to configuration.
        mutants = parts
            .flat()
            .filter(({ mayLack }) => mayLack !== true)
            .map(({ mutant }) => mutant);
    });

    it("are there for every rule", () => {
        const attacked = new Set(mutants.map((m) => m.rule));
        expect(rules.map((r) => r.id).filter((id) => !attacked.has(id))).toEqual([]);
    });

    it("are what docs/policies.md says (fix: make docs)", () => {
        const titles = new Map<string, string[]>();
        mutants.forEach((m) => titles.set(m.rule, [...(titles.get(m.rule) ?? []), m.title]));
        const path = join(projectRoot(), "docs/policies.md");
        const text = renderCatalogue(titles, filesOfRules());
        if (process.env.UPDATE_DOCS === "1") {
            writeFileSync(path, text);
        }
        expect(existsSync(path) && readFileSync(path, "utf8") === text).toBe(true);
    });
});

it(
    "a preview that changes nothing passes, and one that replaces an enclave as a whole, or its " + "guests",
    async () => {
        const stack = await goodStack(CONFIGS["two enclaves, three Workstations"], "existing");
        // A Gateway's gate has its id among its triggers: it runs again with each new one.
        const isGate = ({ props }: FixtureResource): boolean =>
            String(props["create"]).includes(" wait-ready ");
        // Protected: their replacement fails, and is a finding.
        const isKept = ({ name }: FixtureResource): boolean => /-(home|state)(-wipe)?$|-data$/.test(name);
        for (const operation of [
            () => "same",
            (r: FixtureResource) => (isKept(r) ? "same" : "replace"),
            (r: FixtureResource) => (r.type === DOMAIN || isGate(r) ? "replace" : "same"),
        ] as const) {
            expect(
                runRules(rules, modelOfChange(stack, stack, operation)).map(
                    (f) => `${findingId(f)} ${f.message}`,
                ),
            ).toEqual([]);
        }
    },
);

it("the catalogue has each of the 177 invariants once, as a rule or elsewhere", () => {
    const there = [...rules.map((r) => r.id), ...externalControls.map((e) => e.id)];
    expect(there.filter((id, i) => there.indexOf(id) !== i)).toEqual([]);
    expect(catalogueIds()).toHaveLength(177);
    expect(catalogueIds().filter((id) => !there.includes(id))).toEqual([]);
    expect(
        externalControls.filter((e) => (e.by === undefined) !== (e.open !== undefined)).map((e) => e.id),
    ).toEqual([]);
});
