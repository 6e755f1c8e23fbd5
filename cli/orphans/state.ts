/** What Pulumi's states say: a stack's own, and those of stacks whose objects could be taken for its. */
import { join } from "node:path";
import { execa } from "execa";
import { CliError } from "../../util/error";
import { inState, key } from "./find";

const LIMIT_MS = 60_000;

/** @throws Error with Pulumi's complaint */
async function pulumi(root: string, ...args: string[]): Promise<string> {
    const run = await execa(join(root, "bin", "pulumi"), [...args, "--non-interactive"], {
        cwd: root,
        reject: false,
        stdin: "ignore",
        timeout: LIMIT_MS,
    });
    if (run.exitCode !== 0) {
        throw new Error(run.stderr.trim() || run.shortMessage || "pulumi failed");
    }
    return run.stdout;
}

/** `pulumi stack export`. @throws CliError when the stack or its state is not there */
export async function exported(root: string, stack: string): Promise<string> {
    return pulumi(root, "stack", "export", "--stack", stack).catch((error: unknown) => {
        throw new CliError(
            `the state of stack ${stack} can't be read: ${error instanceof Error ? error.message : String(error)}`,
            "select the right state (PULUMI_BACKEND_URL, bin/pulumi login) and stack; without its state nothing is surely an orphan",
        );
    });
}

/** Whether names of one stack's objects can begin like the other's. */
export const nested = (a: string, b: string): boolean =>
    a !== b && (a.startsWith(`${b}-`) || b.startsWith(`${a}-`));

/** Names in the output of `pulumi stack ls --json`. @throws Error when it is another */
export function stacksIn(listed: string): string[] {
    const stacks: unknown = JSON.parse(listed);
    if (!Array.isArray(stacks)) {
        throw new Error("pulumi stack ls gave no list");
    }
    return (stacks as { name?: unknown }[]).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}

/**
 * What the states of stacks hold whose names nest with this one's, in the same place and project: key to
 * stack.
 * @throws CliError when one can't be read: what is in it could be taken for an orphan, and removed
 */
export async function knownElsewhere(root: string, stack: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const others = await pulumi(root, "stack", "ls", "--json")
        .then(stacksIn)
        .catch((error: unknown) => {
            throw new CliError(
                `the other stacks can't be listed: ${error instanceof Error ? error.message : String(error)}`,
                "make bin/pulumi stack ls work; names of another stack's objects can be those of this one's",
            );
        });
    for (const other of others.filter((name) => nested(name, stack))) {
        inState(await exported(root, other)).forEach((o) => found.set(key(o), other));
    }
    return found;
}
