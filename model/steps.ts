/** Commands of a stack: this project's own steps and nothing else. components/cli-command.ts writes them. */
import { hostKeyOf } from "../values/libvirt-uri";
import { possible, type Actuator, type Model } from ".";
import { own } from "../util/own";

/** Verbs of bin/sallyport that a stack may run, and their options: each of them, once. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
    "verify-image": ["image", "sha256"],
    "wait-ready": ["uri", "pool", "volume", "domain", "timeout"],
    "clear-status": ["uri", "pool", "volume"],
    "clock-offset": ["window"],
    "define-filter": ["uri", "name", "rules"],
    "remove-filter": ["uri", "name"],
    "check-host": ["uri", "host"],
    wipe: ["uri", "pool", "volume", "domain"],
    "guest-id": ["uri", "domain"],
    "stop-guest": ["uri", "domain"],
};

/** Those verbs, for people. */
export const STEP_VERBS = Object.keys(STEPS).join(", ");

/** Types of the resources that run steps: this project's own program's, and its package's. */
const STEP_TYPES: ReadonlySet<unknown> = new Set(["command:local:Command", "sallyport:index:Step"]);

/** Whether a resource of this type runs steps and can be looked into. */
export const isStepType = (type: unknown): boolean => STEP_TYPES.has(type);

export interface Step {
    readonly verb: string;
    readonly options: Readonly<Record<string, string>>;
}

const WORD = /^(?:[A-Za-z0-9_./:=@%+,-]+|'(?:[^']|'\\'')*')(?: |$)/;

/** Words of a /bin/sh line of plain and single-quoted words, or undefined when it holds anything else. */
export function wordsOf(line: string): string[] | undefined {
    const words: string[] = [];
    let rest = line;
    while (rest !== "") {
        const [found] = WORD.exec(rest) ?? [];
        if (found === undefined) {
            return undefined;
        }
        const word = found.trimEnd();
        words.push(word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word);
        rest = rest.slice(found.length);
    }
    return words;
}

/**
 * The step that a command line is: one of the list, or `true`, which does nothing; undefined for anything
 * else.
 */
export function stepOf(line: string): Step | undefined {
    const words = wordsOf(line);
    if (line === "true") {
        return { verb: "true", options: {} };
    }
    const [program, verb = "", ...rest] = words ?? [];
    const allowed = own(STEPS, verb);
    if (program !== "bin/sallyport" || allowed === undefined || rest.length % 2 !== 0) {
        return undefined;
    }
    const options: Record<string, string> = {};
    for (let i = 0; i < rest.length; i += 2) {
        const name = rest[i]?.replace(/^--/, "") ?? "";
        if (!rest[i]?.startsWith("--") || !allowed.includes(name) || Object.hasOwn(options, name)) {
            return undefined;
        }
        options[name] = rest[i + 1] ?? "";
    }
    return Object.keys(options).length === allowed.length ? { verb, options } : undefined;
}

/**
 * Whether a step's URI surely leads to a host of the model.
 * @param host its key
 */
export function leadsTo(model: Model, host: string, uri: string | undefined): boolean {
    const declared = model.hosts.find(({ key }) => key === host)?.uri;
    return uri !== undefined && declared?.kind === "known" && hostKeyOf(uri) === hostKeyOf(declared.value);
}

const stepAt =
    (when: "create" | "delete") =>
    (actuator: Actuator): Step | undefined => {
        const line = (actuator.commands.kind === "known" ? possible(actuator.commands)?.[0] : undefined)?.[
            when
        ];
        return line === undefined ? undefined : stepOf(line);
    };

/** The step that an actuator surely runs when it is created. */
export const createStep = stepAt("create");

/** The step that an actuator surely runs when it is deleted. */
export const deleteStep = stepAt("delete");
