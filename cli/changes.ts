/** `sallyport changes`: what the next update does to each guest, in words. */
import { text } from "node:stream/consumers";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { findImage } from "../components/image-manifest";
import { CliError } from "../util/error";
import { emit, passed, printed, report, undecided } from "../util/output";
import { projectRoot } from "../util/root";
import { changeLines, guestChanges, UNDECIDED, type GuestChange } from "./guest-changes";
import { jsonOption, stackOption } from "./options";
import { loadedStack } from "./settings";
import { findStack, type Stack } from "./stack";

const LIMIT_MS = 60_000;

async function exportOf(root: string, { reference }: Stack): Promise<string> {
    const run = await execa(join(root, "bin", "pulumi"), ["stack", "export", "--stack", reference], {
        cwd: root,
        reject: false,
        stdin: "ignore",
        timeout: LIMIT_MS,
    });
    if (run.exitCode !== 0) {
        throw new CliError(
            `the state of stack ${reference} can't be read: ${run.stderr.trim().slice(0, 500)}`,
            `make bin/pulumi stack export --stack ${reference} work`,
        );
    }
    return run.stdout;
}

/** @throws ConfigError, CliError where there is no plan to be had */
function foretold(root: string, stack: Stack, exported: string): GuestChange[] {
    const { config, plan } = loadedStack(root, stack);
    const { sha256 } = findImage(config.image, { program: root, project: root });
    return guestChanges(exported, plan, sha256, config.allowDataLoss);
}

async function run(o: { stack?: string; state?: string; json?: boolean }): Promise<void> {
    const root = projectRoot();
    const stack = await findStack(root, o.stack);
    const exported =
        o.state === undefined
            ? await exportOf(root, stack)
            : await text(o.state === "-" ? process.stdin : createReadStream(o.state));
    const changes = foretold(root, stack, exported);
    const open = changes.filter(({ effect }) => effect === UNDECIDED);
    const checks =
        open.length === 0
            ? [passed("guests.changes", "Guests", changeLines(changes).join("; "))]
            : open.map(({ guest, why }) =>
                  undecided("guests.changes", guest, why.join(", "), "read the list of bin/pulumi preview"),
              );
    emit({ ...report(checks), changes }, o.json === true, printed(changeLines(changes)));
}

export const changesCommand = (): Command =>
    stackOption(jsonOption(new Command("changes")))
        .description("say what the next up does to each guest: restarts, new root disk, home kept or lost")
        .option("--state <file>", "an export of the stack's state; - is standard input (default: asked)")
        .action(run);
