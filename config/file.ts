/** Reads a stack's settings from `Pulumi.<stack>.yaml` alone, without an engine; for `render` and `plan`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ConfigError } from "./error";
import { loadPlan, type Loaded } from "./load";

const NAMESPACE = "sallyport:";

/**
 * Plan of a stack from its settings file; a stack without one has the defaults.
 * @param root the project's folder, which holds Pulumi.yaml
 * @throws ConfigError for problems in the settings, Error when a file cannot be read
 */
export function loadPlanFromFile(root: string, stack: string): Loaded {
    const project = (parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { name: string }).name;
    const path = join(root, `Pulumi.${stack}.yaml`);
    const settings = existsSync(path) ? ((parse(readFileSync(path, "utf8")) as { config?: Record<string, unknown> } | null)?.config ?? {}) : {};
    const input = Object.fromEntries(
        Object.entries(settings)
            .filter(([key]) => key.startsWith(NAMESPACE))
            .map(([key, value]) => [key.slice(NAMESPACE.length), value]),
    );
    for (const [key, value] of Object.entries(input)) {
        if (typeof value === "object" && value !== null && "secure" in value) {
            throw new ConfigError([{ property: key, value: "a secret", allowed: "plain values, when no engine decrypts them", fix: "run the same through bin/pulumi" }]);
        }
    }
    return loadPlan(project, stack, input);
}
