/** Good stacks pass: before anything exists, with every id unknown, and after; in the words of either provider. */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { modelOf } from "./fixtures/resources";

jest.setTimeout(120_000);

describe.each([["0.8", goodStack], ["0.9", goodStack09]] as const)("provider %s", (version, make) => {
    describe.each(Object.entries(CONFIGS))("%s", (_title, config) => {
        it.each(["preview", "existing"] as const)("passes: %s", async (phase) => {
            const model = modelOf(await make(config, phase));
            expect(model.domains.length).toBeGreaterThanOrEqual(2);
            expect([...model.domains, ...model.networks].map((r) => r.resource.shape)).toEqual([...model.domains, ...model.networks].map(() => `provider-${version}`));
            expect(runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`)).toEqual([]);
        });
    });
});
