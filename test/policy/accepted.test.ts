/**
 * One source for both: what the configuration accepts no rule refuses, and what it refuses it refuses by the
 * property's name.
 */
import fc from "fast-check";
import { ConfigError } from "../../config/error";
import { loadPlan } from "../../plan/load";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { anyConfig } from "./fixtures/configs";
import { goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { modelOf, type FixtureResource } from "./fixtures/resources";

jest.setTimeout(600_000);

type Config = Record<string, unknown>;
const RUNS = Number(process.env["RUNS"] ?? "40");

/** What is wrong with a configuration; undefined: nothing. @throws anything but a ConfigError */
function problemsOf(config: Config): ConfigError["problems"] | undefined {
    try {
        loadPlan("sallyport", "test", config);
        return undefined;
    } catch (error) {
        if (error instanceof ConfigError) {
            return error.problems;
        }
        throw error;
    }
}

/** The provider's URI is the configuration's. */
const at = (stack: readonly FixtureResource[], uri: unknown): readonly FixtureResource[] =>
    uri === undefined
        ? stack
        : stack.map((r) =>
              r.type.startsWith("libvirt:")
                  ? {
                        ...r,
                        provider: `urn:pulumi:test::sallyport::pulumi:providers:libvirt::p at ${String(uri)}`,
                    }
                  : r,
          );

it("whatever is refused is refused with the path of its property, what is allowed and a fix", () => {
    let refused = 0;
    fc.assert(
        fc.property(anyConfig, (config) => {
            const problems = problemsOf(config);
            refused += problems === undefined ? 0 : 1;
            return (
                problems === undefined ||
                (problems.length > 0 &&
                    problems.every(
                        ({ property, allowed, fix }) =>
                            /^(uri|image|virt|storage|firewalldZone|torNetwork|enclaves)(\.[a-zA-Z]+|\[\d+\])*$/.test(
                                property,
                            ) &&
                            allowed.length > 3 &&
                            fix.length > 9,
                    ))
            );
        }),
        { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
});

it("whatever is accepted no rule refuses", async () => {
    const accepted = anyConfig.filter((config) => problemsOf(config) === undefined);
    // Without shrinking: each stack takes a second.
    await fc.assert(
        fc.asyncProperty(
            accepted,
            fc.constantFrom("preview" as const, "existing" as const),
            fc.constantFrom(goodStack, goodStack09),
            async (config, phase, make) => {
                const stack = at(await make(config, phase), config["uri"]);
                expect(runRules(rules, modelOf(stack)).map((f) => `${findingId(f)} ${f.message}`)).toEqual(
                    [],
                );
            },
        ),
        { numRuns: RUNS, endOnFailure: true },
    );
});
