import { Problems } from "../util/error";

/** A problem of a configuration, with all that its reader needs to correct it. */
export interface ConfigProblem {
    /** Where: `enclaves[1].external.subnet`. */
    readonly property: string;
    /** What was given there, or `HIDDEN`. */
    readonly value: unknown;
    /** What would be accepted. */
    readonly allowed: string;
    /** What to do, as a command where one does it. */
    readonly fix: string;
}

/**
 * The fix where any allowed value will do.
 * @param text whether the value has to stay a text where it looks like a number
 */
export const setTo = (property: string, secret = false, text = false): string =>
    `bin/pulumi config set${secret ? " --secret" : ""}${text ? " --type string" : ""} --path 'sallyport:${property}' VALUE`;

/** Stands for a value that is, or may hold, a secret. */
export const HIDDEN = Symbol("hidden");

const shown = (value: unknown): string => {
    if (value === HIDDEN) {
        return "a value that is not shown";
    }
    const text = value === undefined ? "nothing" : JSON.stringify(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** `sallyport:enclaves[0].name: got "A"; allowed: …; fix: …` */
export function describeProblem(problem: ConfigProblem): string {
    return `sallyport:${problem.property}: got ${shown(problem.value)}; allowed: ${problem.allowed}; fix: ${problem.fix}`;
}

/** Thrown with every problem that was found, not only the first. */
export class ConfigError extends Problems {
    constructor(readonly problems: readonly ConfigProblem[]) {
        super("The stack's configuration cannot be used:", problems.map(describeProblem));
        this.name = "ConfigError";
    }
}
