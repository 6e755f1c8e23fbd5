/** Steps of a stack that run this project's own CLI on the machine that runs Pulumi. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { quote } from "../util/quote";
import { projectRoot } from "../util/root";

/** Options of a verb by their names, without `--`. */
export type CliOptions = Readonly<Record<string, string | number>>;

/** Relative to the project's folder, so that lines are equal for every operator. */
const PROGRAM = "bin/sallyport";
const argvOf = (options: CliOptions): string[] =>
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** The command line of a verb of bin/sallyport. */
export const cliLine = (verb: string, options: CliOptions): string =>
    [PROGRAM, verb, ...argvOf(options)].map(quote).join(" ");

/**
 * Run a verb of bin/sallyport at once.
 * @param root this project's folder: a package works in the folder of the program that uses it
 * @throws Error with what it said when it failed
 */
export async function runCli(verb: string, options: CliOptions, root = projectRoot()): Promise<void> {
    try {
        await promisify(execFile)(join(root, PROGRAM), [verb, ...argvOf(options)], { cwd: root });
    } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        throw new Error(stderr?.trim() || message, { cause: error });
    }
}

interface CliStep {
    /** Runs when the resource is created, and again when a trigger changes. */
    readonly create: string;
    /** Runs when the resource is destroyed. */
    readonly delete?: pulumi.Input<string>;
    readonly triggers?: pulumi.Input<string>[];
}

/** A step as a resource of the stack. */
export interface StepResource extends pulumi.CustomResource {
    /** What it printed when it was created. */
    readonly stdout: pulumi.Output<string>;
    readonly triggers: pulumi.Output<unknown[] | undefined>;
}

/** Declares a step. Where the program is another project's, the package has a resource of its own for it. */
export type DeclareStep = (name: string, step: CliStep, opts: pulumi.CustomResourceOptions) => StepResource;

/** A step of this project's own program. Its output goes to Pulumi's log as it comes. */
export const commandStep: DeclareStep = (name, step, opts) =>
    new command.local.Command(
        name,
        { ...step, logging: command.local.Logging.Stderr },
        { deleteBeforeReplace: true, ...opts },
    );
