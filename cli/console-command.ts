/** `sallyport console`: a guest's serial console for people. */
import { execa } from "execa";
import { Command } from "commander";
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
            const run = await execa("virsh", ["-c", o.uri, "console", domain], {
                reject: false,
                stdio: "inherit",
            });
            if (run.exitCode !== 0) {
                throw new CliError(
                    run.code === "ENOENT"
                        ? "virsh is not installed"
                        : `the console of ${domain} at ${o.uri} could not be opened`,
                    run.code === "ENOENT"
                        ? "apt install libvirt-clients"
                        : `virsh -c '${o.uri}' list --all shows what runs there`,
                );
            }
        });
}
