/** Examples are what the page and the schema say; test/e2e/package.test.ts runs them against the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loadPlan } from "../../../plan/load";
import { projectRoot } from "../../../util/root";

const text = (name: string): string => readFileSync(join(projectRoot(), name), "utf8");

it("docs/yaml.md shows examples/yaml, from a folder beside Sallyport", () => {
    const shown = /```yaml\n(.*?)```/s.exec(text("docs/yaml.md"))?.[1];
    expect(shown).toBe(text("examples/yaml/Pulumi.yaml").replace("../../", "../sallyport"));
});

it.each(["minimal", "two-enclaves", "bridges"])("examples/%s is a stack's settings", (name) => {
    const { config } = parse(text(`examples/${name}/Pulumi.${name}.yaml`)) as {
        config: Record<string, unknown>;
    };
    const settings = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace(/^sallyport:/, ""), value]),
    ) as { enclaves?: { egress?: { bridges?: string[] } }[] };
    if (name === "bridges") {
        // As the file says to set it.
        const [enclave] = settings.enclaves ?? [];
        Object.assign(enclave?.egress ?? {}, {
            bridges: ["192.0.2.44:443 0123456789ABCDEF0123456789ABCDEF01234567"],
        });
    }
    expect(loadPlan("sallyport", name, settings).plan.enclaves.length).toBe(name === "two-enclaves" ? 2 : 1);
});
