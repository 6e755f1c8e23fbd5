/**
 * A step as a resource of this package: a verb of bin/sallyport, run in the package's own folder. A command of
 * the program's would hold that folder's path in the state, and it differs from operator to operator.
 */
import * as pulumi from "@pulumi/pulumi";
import type { CheckResult, CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/provider/provider";
import { version } from "../package.json";
import type { DeclareStep, StepResource } from "../components/cli-command";
import { componentType } from "../components/context";
import { STEP_VERBS, stepOf } from "../model/steps";
import { diff, outputOf, UNKNOWN, type Output } from "../toolchain/command-plugin/resource";
import { revealRecord } from "../toolchain/command-plugin/secrets";

const STEP_TYPE = componentType("Step");

class Step extends pulumi.CustomResource implements StepResource {
    declare readonly stdout: pulumi.Output<string>;
    declare readonly triggers: pulumi.Output<unknown[] | undefined>;
}

/** Declares a step as a resource of the plugin that serves this very component. */
export const packageStep: DeclareStep = (name, step, opts) =>
    new Step(
        STEP_TYPE,
        name,
        { ...step, stdout: undefined },
        { deleteBeforeReplace: true, version, ...opts },
    );

/**
 * Runs a line in the package's folder.
 * @param previous what the step printed when it was made, for the line at its end
 */
export type RunLine = (urn: string, line: string, previous?: Output) => Promise<Output>;

type Wire = Readonly<Record<string, unknown>>;
type Inputs = Readonly<Record<"create" | "delete", string | undefined>> & { readonly triggers?: unknown };

const PROPERTIES = ["create", "delete", "triggers"];

/** Why a property is none of a step's; undefined: it is one, or is not known before the update. */
function objection(property: string, value: unknown): string | undefined {
    if (!PROPERTIES.includes(property)) {
        return `is no property of ${STEP_TYPE}; allowed: ${PROPERTIES.join(", ")}`;
    }
    const isLine = property !== "triggers" && value !== UNKNOWN;
    return isLine && (typeof value !== "string" || stepOf(value) === undefined)
        ? `is ${JSON.stringify(value)}; allowed: one of bin/sallyport's ${STEP_VERBS}`
        : undefined;
}

/** Inputs of a step. @throws Error for what is no step: whatever a state says, nothing else is run */
function inputsOf(wire: Wire): Inputs {
    const known = Object.entries(revealRecord(wire).value).filter(([name]) => PROPERTIES.includes(name));
    for (const [name, value] of known) {
        const why = value === UNKNOWN ? "is not known although it is about to run" : objection(name, value);
        if (why !== undefined) {
            throw new Error(`${name} ${why}`);
        }
    }
    return Object.fromEntries(known) as unknown as Inputs;
}

/** What a step does in its life. */
export class Steps {
    readonly #run: RunLine;

    constructor(run: RunLine) {
        this.#run = run;
    }

    check(wire: Wire): CheckResult {
        const { value, secret } = revealRecord(wire);
        const failures = Object.entries(value).flatMap(([property, given]) => {
            const reason = secret ? "holds a secret; a step may not" : objection(property, given);
            return reason === undefined ? [] : [{ property, reason }];
        });
        return { inputs: value, failures };
    }

    diff(olds: Wire, news: Wire): DiffResult {
        const changes = diff(revealRecord(olds).value, revealRecord(news).value);
        return {
            changes: changes.length > 0,
            replaces: changes.filter((change) => change.replace).map((change) => change.property),
            deleteBeforeReplace: true,
        };
    }

    async create(urn: string, wire: Wire): Promise<CreateResult> {
        const inputs = inputsOf(wire);
        return {
            id: urn.split("::").at(-1) ?? urn,
            outs: { ...inputs, ...(await this.#create(urn, inputs)) },
        };
    }

    /** Another line to create with is run, as a command's would be. */
    async update(urn: string, olds: Wire, news: Wire): Promise<UpdateResult> {
        const inputs = inputsOf(news);
        const same = revealRecord(olds).value["create"] === inputs.create;
        const output = same ? outputOf(revealRecord(olds).value) : await this.#create(urn, inputs);
        return { outs: { ...inputs, ...output } };
    }

    async delete(urn: string, wire: Wire): Promise<void> {
        const { delete: line } = inputsOf(wire);
        if (line !== undefined) {
            await this.#run(urn, line, outputOf(revealRecord(wire).value));
        }
    }

    async #create(urn: string, { create }: Inputs): Promise<Output> {
        return create === undefined ? { stdout: "", stderr: "" } : this.#run(urn, create);
    }
}
