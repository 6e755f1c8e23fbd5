/** Steps of a stack that run this project's own CLI on the machine that runs Pulumi. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { quote } from "../util/quote";

/** Options of a verb by their names, without `--`. */
export type CliOptions = Readonly<Record<string, string | number>>;

/** Relative to the project's folder, so that lines are equal for every operator. */
const PROGRAM = "bin/sallyport";
const argvOf = (options: CliOptions): string[] =>
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** The command line of a verb of bin/sallyport. */
export const cliLine = (verb: string, options: CliOptions): string =>
    [PROGRAM, verb, ...argvOf(options)].map(quote).join(" ");

/** Run a verb of bin/sallyport at once. @throws Error with what it said when it failed */
export async function runCli(verb: string, options: CliOptions): Promise<void> {
    try {
        await promisify(execFile)(PROGRAM, [verb, ...argvOf(options)]);
    } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        throw new Error(stderr?.trim() || message, { cause: error });
    }
}

export interface CliStep {
    /** Runs when the resource is created, and again when a trigger changes. */
    readonly create: string;
    /** Runs when the resource is destroyed. */
    readonly delete?: pulumi.Input<string>;
    readonly triggers?: pulumi.Input<string>[];
}

/** Declare a step. Its output goes to Pulumi's log as it comes. */
export function cliStep(
    name: string,
    step: CliStep,
    opts: pulumi.CustomResourceOptions,
): command.local.Command {
    return new command.local.Command(
        name,
        { ...step, logging: command.local.Logging.Stderr },
        { deleteBeforeReplace: true, ...opts },
    );
}
