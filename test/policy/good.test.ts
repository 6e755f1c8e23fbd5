/** Good stacks pass: before anything exists, with every id unknown, and after. */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOf } from "./fixtures/resources";

jest.setTimeout(120_000);

describe.each(Object.entries(CONFIGS))("%s", (_title, config) => {
    it.each(["preview", "existing"] as const)("passes: %s", async (phase) => {
        const model = modelOf(await goodStack(config, phase));
        expect(model.domains.length).toBeGreaterThanOrEqual(2);
        expect(runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`)).toEqual([]);
    });
});
