/** Configuration to plan in one step: parse, plan, refuse conflicts. */
import { buildPlan } from "../topology/build";
import { findConflicts } from "../topology/conflicts";
import type { StackPlan } from "../topology/plan";
import { ConfigError } from "./error";
import { parseConfig } from "./parse";
import type { SallyportConfig } from "./schema";

export interface Loaded {
    readonly config: SallyportConfig;
    readonly plan: StackPlan;
}

/**
 * @param input the keys under `sallyport:` as plain data
 * @throws ConfigError with every problem that makes the plan impossible
 */
export function loadPlan(project: string, stack: string, input: unknown): Loaded {
    const config = parseConfig(input);
    const plan = buildPlan(project, stack, config);
    const conflicts = findConflicts(plan);
    if (conflicts.length > 0) {
        throw new ConfigError(conflicts);
    }
    return { config, plan };
}
