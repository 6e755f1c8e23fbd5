/**
 * Entry of `bin/sallyport`: puts the verbs together and turns every failure into one line, an envelope for
 * `--json`, and an exit status (docs/operations.md, "Exit status and JSON").
 */
import { Command, CommanderError } from "commander";
import { labCommand } from "../lab/lab";
import { version } from "../package.json";
import { CliError, describeError } from "../util/error";
import { envelopeJson, exitStatus, failure } from "../util/output";
import { backupCommand } from "./backup";
import { changesCommand } from "./changes";
import { checkCertificateCommand } from "./check-certificate";
import { checkDataCommand } from "./check-data";
import { checkHostCommand } from "./check-host";
import { checkSettingsCommand } from "./check-settings";
import { clearStatusCommand } from "./clear-status";
import { clockOffsetCommand } from "./clock-offset";
import { consoleCommand } from "./console";
import { defineFilterCommand } from "./define-filter";
import { demoCommand } from "./demo";
import { imageCommand } from "./image";
import { restartCommand, startCommand, statusCommand, stopCommand } from "./life";
import { orphansCommand } from "./orphans";
import { planCommand } from "./plan";
import { startPoolsCommand } from "./start-pools";
import { guestIdCommand, stopGuestCommand } from "./stop-guest";
import { removeFilterCommand } from "./remove-filter";
import { renderCommand } from "./render";
import { repairCommand } from "./repair";
import { resizeCommand } from "./resize";
import { restoreCommand } from "./restore";
import { unitCommand } from "./unit";
import { verifyImageCommand } from "./verify-image";
import { waitReadyCommand } from "./wait-ready";
import { wipeCommand } from "./wipe";
import { workstationCommand } from "./workstation";

/** What people use, in groups, each with an example. */
const GROUPS: readonly (readonly [group: string, verbs: readonly (readonly [() => Command, string])[]])[] = [
    [
        "Check a stack:",
        [
            [planCommand, "plan --live"],
            [checkCertificateCommand, "check-certificate proof.json"],
            [renderCommand, "render red --out out/"],
        ],
    ],
    [
        "Work with a stack:",
        [
            [changesCommand, "changes"],
            [workstationCommand, "workstation add red/irc"],
            [startCommand, "start red"],
            [stopCommand, "stop red/ws1"],
            [restartCommand, "restart red/gateway"],
            [statusCommand, "status"],
            [unitCommand, "unit install"],
            [repairCommand, "repair red"],
            [consoleCommand, "console red/ws1"],
            [resizeCommand, "resize red/ws1 16GiB"],
            [backupCommand, "backup red --out red.backup --passphrase-file passphrase"],
            [restoreCommand, "restore red.backup --verify --passphrase-file passphrase"],
            [orphansCommand, "orphans --remove"],
            [imageCommand, "image use"],
        ],
    ],
    [
        "Try it on this machine:",
        [
            [demoCommand, "demo"],
            [labCommand, "lab status"],
        ],
    ],
];

/** What a stack or bin/pulumi runs. The lines of steps stand in states: they never change (model/steps.ts). */
const STEPS: readonly (() => Command)[] = [
    waitReadyCommand,
    clearStatusCommand,
    defineFilterCommand,
    removeFilterCommand,
    clockOffsetCommand,
    verifyImageCommand,
    wipeCommand,
    guestIdCommand,
    stopGuestCommand,
    startPoolsCommand,
    checkHostCommand,
    checkSettingsCommand,
    checkDataCommand,
];

/** Errors of a verb, or of a verb's own verbs, are told as ours are. */
function inherit(verb: Command, from: Command): Command {
    verb.copyInheritedSettings(from);
    verb.commands.forEach((sub) => inherit(sub, verb));
    return verb;
}

/** The whole command line. */
export function program(): Command {
    const examples = new Map<string, string>();
    const root = new Command("sallyport")
        .description("Anonymity enclaves on libvirt/KVM as code, with proofs that they hold")
        .version(version)
        .exitOverride()
        .configureOutput({ outputError: () => undefined })
        .configureHelp({
            subcommandTerm: (verb) => verb.name(),
            subcommandDescription: (verb) =>
                [
                    verb.description(),
                    ...(examples.has(verb.name()) ? [`  bin/sallyport ${examples.get(verb.name())}`] : []),
                ].join("\n"),
        })
        .addHelpText(
            "after",
            "\nA verb takes the selected stack unless --stack names one. bin/sallyport help VERB shows its options.\n" +
                "Exit status: 0 holds, 1 findings, 2 could not be checked or wrong usage.",
        );
    for (const [group, verbs] of GROUPS) {
        root.commandsGroup(group);
        for (const [verb, example] of verbs) {
            const command = inherit(verb(), root).addHelpText("after", `\nExample: bin/sallyport ${example}`);
            examples.set(command.name(), example);
            root.addCommand(command);
        }
    }
    root.commandsGroup("Help:").helpCommand("help [verb]", "show a verb's options");
    STEPS.forEach((step) => root.addCommand(inherit(step(), root), { hidden: true }));
    return root;
}

/** What commander says of wrong usage, with the verb's help as the fix. */
function usageError(error: CommanderError, argv: readonly string[], root: Command): CliError {
    const verb = root.commands.find((command) => command.name() === argv[0]);
    const words = error.message.replace(/^error: /, "").replace(/\n/g, " ");
    return new CliError(
        error.code === "commander.help" ? "no verb, or one that there is not" : words,
        verb === undefined ? "bin/sallyport --help" : `bin/sallyport help ${verb.name()}`,
    );
}

/** Exit status of a run; everything that goes wrong is told on stderr, and with `--json` on stdout as well. */
export async function main(argv: readonly string[]): Promise<number> {
    const root = program();
    try {
        await root.parseAsync([...argv], { from: "user" });
        return Number(process.exitCode ?? 0);
    } catch (thrown) {
        if (thrown instanceof CommanderError && thrown.exitCode === 0) {
            return 0;
        }
        const error = thrown instanceof CommanderError ? usageError(thrown, argv, root) : thrown;
        const envelope = failure(error);
        if (argv.includes("--json")) {
            process.stdout.write(`${envelopeJson(envelope)}\n`);
        }
        process.stderr.write(`${describeError(error)}\n`);
        return exitStatus(envelope);
    }
}

if (require.main === module) {
    // A reader that has seen enough (`| head`) changes nothing about what was found.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") {
            throw error;
        }
    });
    void main(process.argv.slice(2)).then((status) => {
        process.exitCode = status;
    });
}
