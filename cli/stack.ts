/**
 * Which stack a verb is about: the one that `--stack` names, or the selected one. A stack that does not exist
 * is refused, and so is one that has resources and no settings file: its plan would be the defaults.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { z } from "zod";
import { CliError } from "../util/error";
import { nearest, nearestIs } from "../util/nearest";

const LIMIT_MS = 60_000;

export interface Stack {
    /** Without organization and project: its settings file and its resources are named after it. */
    readonly name: string;
    /** What Pulumi is told, with the organization where one was given. */
    readonly reference: string;
}

const listSchema = z.array(
    z.object({ name: z.string(), current: z.boolean().optional(), resourceCount: z.number().optional() }),
);
type Listed = z.infer<typeof listSchema>[number];

const LIST = "bin/pulumi stack ls";
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/**
 * `STACK`, `ORGANIZATION/STACK` or `ORGANIZATION/PROJECT/STACK`.
 * @throws CliError for anything else, and for another project
 */
export function parseStack(given: string, project: string): Stack {
    const parts = given.split("/");
    const [name = "", named = project] = parts.length === 3 ? [parts[2], parts[1]] : [parts.at(-1)];
    if (parts.length > 3 || !parts.every((part) => NAME.test(part))) {
        throw new CliError(
            `--stack: got "${given}"; allowed: STACK or ORGANIZATION/PROJECT/STACK`,
            `take a name of ${LIST}`,
        );
    }
    if (named !== project) {
        throw new CliError(
            `--stack: ${given} is a stack of project ${named}, this is project ${project}`,
            `take a name of ${LIST}`,
        );
    }
    return { name, reference: given };
}

/** Path of a stack's settings, in the project's folder. */
export const settingsFile = (root: string, name: string): string => join(root, `Pulumi.${name}.yaml`);

const projectOf = (root: string): string =>
    z.object({ name: z.string() }).parse(parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"))).name;

/** What `pulumi stack ls` says. @throws CliError when it says nothing */
async function listed(root: string): Promise<Listed[]> {
    const run = await execa(join(root, "bin", "pulumi"), ["stack", "ls", "--json", "--non-interactive"], {
        cwd: root,
        reject: false,
        stdin: "ignore",
        timeout: LIMIT_MS,
    });
    try {
        return listSchema.parse(run.exitCode === 0 ? JSON.parse(run.stdout) : undefined);
    } catch {
        throw new CliError(
            `the stacks can't be listed: ${run.stderr.trim().slice(0, 500) || run.shortMessage || "no list"}`,
            `make ${LIST} work (PULUMI_BACKEND_URL, bin/pulumi login)`,
        );
    }
}

const nameOf = ({ name }: Listed): string => name.split("/").at(-1) ?? name;

function selected(stacks: readonly Listed[]): Listed {
    const found = stacks.find((stack) => stack.current);
    if (found === undefined) {
        const names = stacks.map(nameOf).join(", ");
        throw new CliError(
            "no stack is selected",
            names === "" ? "bin/pulumi stack init NAME" : `name one with --stack: ${names}`,
        );
    }
    return found;
}

function named({ name, reference }: Stack, stacks: readonly Listed[]): Listed {
    const found = stacks.find((stack) => nameOf(stack) === name);
    if (found === undefined) {
        const near = nearest(name, stacks.map(nameOf));
        throw new CliError(
            `there is no stack ${reference}${nearestIs(near)}`,
            near === undefined ? `${LIST}, or bin/pulumi stack init ${name}` : `--stack ${near}`,
        );
    }
    return found;
}

/**
 * The stack, which exists and has its settings.
 * @param given of `--stack`; without it the selected stack
 * @throws CliError when it is refused, or Pulumi can't be asked
 */
export async function findStack(root: string, given: string | undefined): Promise<Stack> {
    const wanted = given === undefined ? undefined : parseStack(given, projectOf(root));
    const stacks = await listed(root);
    const entry = wanted === undefined ? selected(stacks) : named(wanted, stacks);
    const stack = wanted ?? { name: nameOf(entry), reference: entry.name };
    // A count that is not told may be any.
    if (entry.resourceCount !== 0 && !existsSync(settingsFile(root, stack.name))) {
        throw new CliError(
            `stack ${stack.name} has resources, and its settings file Pulumi.${stack.name}.yaml is not there`,
            `get it from version control, or write down what the last update had: bin/pulumi config refresh --stack ${stack.name}`,
        );
    }
    return stack;
}

/** The same for a verb that reads settings alone: where they are, no state is asked. */
export async function findSettings(root: string, given: string | undefined): Promise<Stack> {
    const wanted = given === undefined ? undefined : parseStack(given, projectOf(root));
    return wanted !== undefined && existsSync(settingsFile(root, wanted.name))
        ? wanted
        : findStack(root, given);
}
