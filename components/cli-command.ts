/** Steps of a stack that run this project's own CLI on the machine that runs Pulumi. */
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** A word for /bin/sh, whatever it holds. */
export const quote = (word: string): string => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command line of a verb of bin/sallyport, relative to the project's folder so that it is equal for every operator. */
export function cliLine(verb: string, options: Readonly<Record<string, string | number>>): string {
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return ["bin/sallyport", verb, ...words].map(quote).join(" ");
}

export interface CliStep {
    /** Runs when the resource is created, and again when a trigger changes. */
    readonly create: string;
    /** Runs when the resource is destroyed. */
    readonly delete?: string;
    readonly triggers?: pulumi.Input<string>[];
}

/** Declare a step. Its output goes to Pulumi's log as it comes. */
export function cliStep(name: string, step: CliStep, opts: pulumi.CustomResourceOptions): command.local.Command {
    return new command.local.Command(name, { ...step, logging: command.local.Logging.Stderr }, { deleteBeforeReplace: true, ...opts });
}
