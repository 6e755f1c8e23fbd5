/**
 * Entry of `bin/sallyport`: puts the rooms' verbs together and turns every failure into one line and exit
 * status 1.
 */
import { Command, CommanderError } from "commander";
import { labCommand } from "../lab/command";
import { checkCertificateCommand } from "./check-certificate";
import { consoleCommand } from "./console-command";
import { demoCommand } from "./demo/command";
import { describeError } from "../util/error";
import { clockOffsetCommand } from "./clock-offset";
import { filterCommands } from "./filter-command";
import { gateCommands } from "./gate-command";
import { hostCommand } from "./host-command";
import { orphansCommand } from "./orphans/command";
import { planCommand } from "./plan";
import { renderCommand } from "./render";
import { verifyImageCommand } from "./verify-image";
import { wipeCommand } from "./wipe-command";

/** Errors of a verb, or of a verb's own verbs, are told as ours are. */
function inherit(verb: Command, from: Command): Command {
    verb.copyInheritedSettings(from);
    verb.commands.forEach((sub) => inherit(sub, verb));
    return verb;
}

/** The whole command line. */
export function program(): Command {
    const root = new Command("sallyport")
        .description("Anonymity enclaves on libvirt/KVM as code, with proofs that they hold")
        .helpCommand(false)
        .exitOverride()
        .configureOutput({ outputError: () => undefined });
    const verbs = [
        ...gateCommands(),
        ...filterCommands(),
        clockOffsetCommand(),
        verifyImageCommand(),
        wipeCommand(),
        hostCommand(),
        consoleCommand(),
        renderCommand(),
        planCommand(),
        checkCertificateCommand(),
        orphansCommand(),
        labCommand(),
        demoCommand(),
    ];
    for (const verb of verbs) {
        root.addCommand(inherit(verb, root));
    }
    return root;
}

/** Exit status of a run; everything that goes wrong is told on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
    try {
        await program().parseAsync([...argv], { from: "user" });
        return Number(process.exitCode ?? 0);
    } catch (error) {
        if (error instanceof CommanderError && error.exitCode === 0) {
            return 0;
        }
        const usage =
            error instanceof CommanderError
                ? new Error(`${error.message.replace(/^error: /, "")}; fix: see --help`)
                : error;
        process.stderr.write(`${describeError(usage)}\n`);
        return 1;
    }
}

if (require.main === module) {
    void main(process.argv.slice(2)).then((status) => {
        process.exitCode = status;
    });
}
