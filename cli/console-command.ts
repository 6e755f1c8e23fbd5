/** `sallyport console`: a guest's serial console for people. */
import { Command } from "commander";
import { openConsole } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { CliError } from "../util/error";

export function consoleCommand(): Command {
    return new Command("console")
        .description("open a guest's serial console (leave with Ctrl+])")
        .argument("<domain>", "the guest's domain")
        .option("--uri <uri>", "libvirt connection URI", "qemu:///system")
        .action(async (domain: string, o: { uri: string }) => {
            if (!process.stdin.isTTY) {
                throw new CliError("a console needs a terminal", "run this verb in one");
            }
            process.stderr.write(
                "Whatever runs in the guest writes to your terminal and can send it control sequences;\n" +
                    "run this in a terminal that you trust with that. Leave with Ctrl+].\n",
            );
            const outcome = await openConsole(o.uri, domain);
            if (outcome !== "ok") {
                throw new CliError(
                    outcome === "missing"
                        ? "virsh is not installed"
                        : `the console of ${domain} at ${o.uri} could not be opened`,
                    virshFix(outcome, o.uri),
                );
            }
        });
}
