/** Configuration to plan in one step: parse, read lists of relays, plan, refuse conflicts. */
import { unwritten } from "./allotment";
import { buildPlan } from "./build";
import { findConflicts } from "./conflicts";
import type { StackPlan } from "./plan";
import { ConfigError } from "../config/error";
import { parseConfig } from "../config/parse";
import { readFrom, withRelays, type ReadText } from "./relay-files";
import type { SallyportConfig } from "../config/schema";

export interface Loaded {
    readonly config: SallyportConfig;
    readonly plan: StackPlan;
}

export interface LoadOptions {
    /** Top-level keys that hold a secret, so that errors show less of them; default none. */
    readonly secretKeys?: ReadonlySet<string>;
    /** Reads files that the configuration names; default from the working folder, which is the project's. */
    readonly read?: ReadText;
}

/**
 * @param input the keys under `sallyport:` as plain data
 * @throws ConfigError with every problem that makes the plan impossible
 */
export function loadPlan(project: string, stack: string, input: unknown, options: LoadOptions = {}): Loaded {
    const config = withRelays(
        parseConfig(input, options.secretKeys),
        options.read ?? readFrom(process.cwd()),
    );
    const missing = unwritten(config.enclaves);
    if (missing.length > 0) {
        throw new ConfigError(missing);
    }
    const plan = buildPlan(project, stack, config);
    const conflicts = findConflicts(plan);
    if (conflicts.length > 0) {
        throw new ConfigError(conflicts);
    }
    return { config, plan };
}
