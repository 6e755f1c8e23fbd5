/**
 * What the resource command:local:Command is, as plain decisions: no process is started here.
 *
 * It follows Pulumi's provider (pulumi/pulumi-command, provider/pkg/provider/local) so that a stack can
 * change from one to the other without a difference in its state.
 */
import { isDeepStrictEqual } from "node:util";

/** The only resource that this plugin serves. */
export const COMMAND_TOKEN = "command:local:Command";

/**
 * What Pulumi's wire format has in place of a value that is not known before the update
 * (sdk/go/common/resource/plugin).
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Which streams are copied to the engine's log while the command runs. Default: both. */
const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"] as const;
type Logging = (typeof LOGGING)[number];

/** The properties of a local.Command; all are optional. */
export interface CommandInputs {
    /** Run when the resource is created, and on changes when there is no `update`. */
    readonly create?: string;
    /** Run when an input other than `triggers` has changed. */
    readonly update?: string;
    /** Run when the resource is deleted. */
    readonly delete?: string;
    /** Given to the command on its standard input. Default: empty. */
    readonly stdin?: string;
    /** Working directory. Default: the program's. */
    readonly dir?: string;
    /** Added to the environment. */
    readonly environment?: Readonly<Record<string, string>>;
    /** Program and arguments in front of the command. Default: /bin/sh -c. */
    readonly interpreter?: readonly string[];
    /** A change of any of these values replaces the resource. */
    readonly triggers?: readonly unknown[];
    readonly logging?: Logging;
    /**
     * Pass on the previous run's output as PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. Default: true.
     */
    readonly addPreviousOutputInEnv?: boolean;
}

/** What the last run printed, each without its last line break. */
export interface Output {
    readonly stdout: string;
    readonly stderr: string;
}

export type Properties = Readonly<Record<string, unknown>>;

export interface Failure {
    readonly property: string;
    readonly reason: string;
}

// A value that is not known yet is a string on the wire, so this holds for it as well.
const isText = (v: unknown): boolean => typeof v === "string";

const isRecord = (v: unknown): v is Properties => typeof v === "object" && v !== null && !Array.isArray(v);

/** What each property must be. */
const RULES: Record<keyof CommandInputs, readonly [(v: unknown) => boolean, string]> = {
    create: [isText, "a string"],
    update: [isText, "a string"],
    delete: [isText, "a string"],
    stdin: [isText, "a string"],
    dir: [isText, "a string"],
    environment: [(v) => isRecord(v) && Object.values(v).every(isText), "a map of strings"],
    interpreter: [
        (v) => Array.isArray(v) && v.length > 0 && v.every(isText),
        "a list of at least one string",
    ],
    triggers: [Array.isArray, "a list"],
    logging: [(v) => LOGGING.some((l) => l === v), `one of ${LOGGING.join(", ")}`],
    addPreviousOutputInEnv: [(v) => typeof v === "boolean", "true or false"],
};

/** Properties of Pulumi's provider that this one does not have. */
const UNSUPPORTED = ["assetPaths", "archivePaths"];

/** Says what is wrong with inputs, and adds defaults. Values that are not known yet pass. */
export function check(news: Properties): { inputs: Properties; failures: Failure[] } {
    const failures: Failure[] = [];
    for (const [property, value] of Object.entries(news)) {
        const rule = Object.entries(RULES).find(([name]) => name === property)?.[1];
        if (rule === undefined) {
            const allowed = `allowed: ${Object.keys(RULES).join(", ")}`;
            const reason = UNSUPPORTED.includes(property)
                ? "is not served by this project's own command plugin; install Pulumi's: pulumi plugin install resource command"
                : `is not a property of ${COMMAND_TOKEN}; ${allowed}`;
            failures.push({ property, reason });
        } else if (value !== UNKNOWN && value !== null && value !== undefined && !rule[0](value)) {
            failures.push({ property, reason: `is ${JSON.stringify(value)}: it must be ${rule[1]}` });
        }
    }
    return { inputs: { addPreviousOutputInEnv: true, ...news }, failures };
}

export interface Change {
    readonly property: string;
    readonly kind: "add" | "delete" | "update";
    readonly replace: boolean;
}

function kindOfChange(old: unknown, now: unknown): Change["kind"] {
    if (old === undefined) {
        return "add";
    }
    return now === undefined ? "delete" : "update";
}

/** The inputs that differ; `triggers` asks for replacement. */
export function diff(olds: Properties, news: Properties): Change[] {
    return Object.keys(RULES)
        .filter((property) => !isDeepStrictEqual(olds[property] ?? undefined, news[property] ?? undefined))
        .map((property) => ({
            property,
            kind: kindOfChange(olds[property] ?? undefined, news[property] ?? undefined),
            replace: property === "triggers",
        }));
}

/**
 * Inputs as they are used for a run. Call it on checked and known properties only: anything else is an error.
 */
export function commandInputs(properties: Properties): CommandInputs {
    const inputs = Object.fromEntries(
        Object.entries(properties).filter(([name, v]) => name in RULES && v !== null),
    );
    const { failures } = check(inputs);
    if (failures.length > 0) {
        throw new Error(failures.map((f) => `${f.property} ${f.reason}`).join("; "));
    }
    if (JSON.stringify(inputs).includes(UNKNOWN)) {
        throw new Error("a property is not known although the command is about to run");
    }
    return inputs;
}

/** The previous run's output in a resource's state; empty before the first run. */
export function outputOf(state: Properties): Output {
    const text = (v: unknown): string => (typeof v === "string" ? v : "");
    return { stdout: text(state["stdout"]), stderr: text(state["stderr"]) };
}

/** The command for a change of inputs; undefined means that there is nothing to run. */
export function updateCommand(inputs: CommandInputs): string | undefined {
    return inputs.update ?? inputs.create;
}

/** What is added to the environment of a run: what the user gave wins over the previous output. */
export function environment(inputs: CommandInputs, previous: Output): Record<string, string> {
    const passed: Record<string, string> = {};
    if (inputs.addPreviousOutputInEnv !== false) {
        if (previous.stdout !== "") {
            passed["PULUMI_COMMAND_STDOUT"] = previous.stdout;
        }
        if (previous.stderr !== "") {
            passed["PULUMI_COMMAND_STDERR"] = previous.stderr;
        }
    }
    return { ...passed, ...inputs.environment };
}
