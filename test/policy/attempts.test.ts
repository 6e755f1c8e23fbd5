/** What counts as a mutant's rejection. */
import { undecided } from "../../policy/check";
import { rules } from "../../policy/registry";
import type { Rule } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOf } from "./fixtures/resources";
import { objects } from "./mutants/attempts";

jest.setTimeout(600_000);

it("a rule that cannot be run has not rejected anything; one that is undecided has", async () => {
    const [first] = rules;
    if (first === undefined) {
        throw new Error("there are no rules");
    }
    const model = modelOf(await goodStack(CONFIGS["one enclave, one Workstation"], "preview"));
    const broken: Rule = {
        ...first,
        check: () => {
            throw new Error("broken");
        },
    };
    const unsure: Rule = {
        ...first,
        check: () => [undecided("a guest", "not known", { resource: "", path: "" })],
    };
    expect([
        objects(broken, model),
        objects(unsure, model),
        objects({ ...first, check: () => [] }, model),
    ]).toEqual([false, true, false]);
});
