/** `sallyport console`: a guest's serial console for people. */
import { Command } from "commander";
import { openConsole } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { guestsOf, type Guest } from "../plan/guests";
import { CliError } from "../util/error";
import { projectRoot } from "../util/root";
import { nearest, nearestIs } from "../util/nearest";
import { stackOption } from "./options";
import { planOfStack } from "./settings";
import { findSettings } from "./stack";

/** The guest that is meant: `red/ws1`, `ws1` where only one is called that, or a domain. @throws CliError */
export function findGuest(guests: readonly Guest[], wanted: string): Guest {
    const found = guests.filter(
        ({ name, domain }) => name === wanted || domain === wanted || name.endsWith(`/${wanted}`),
    );
    const [guest] = found;
    if (guest === undefined || found.length > 1) {
        const names = (found.length > 1 ? found : guests).map(({ name }) => name);
        const near = found.length > 1 ? undefined : nearest(wanted, names);
        throw new CliError(
            found.length > 1
                ? `${found.length} guests are called ${wanted}`
                : `there is no guest ${wanted}${nearestIs(near)}`,
            near === undefined ? `name one of ${names.join(", ")}` : `bin/sallyport console ${near}`,
        );
    }
    return guest;
}

async function target(
    guest: string,
    o: { stack?: string; uri?: string },
): Promise<[domain: string, uri: string]> {
    if (o.uri !== undefined) {
        if (o.stack !== undefined) {
            throw new CliError("--stack and --uri exclude each other", "give --stack and a guest's name");
        }
        return [guest, o.uri];
    }
    const root = projectRoot();
    const plan = planOfStack(root, await findSettings(root, o.stack));
    return [findGuest(guestsOf(plan), guest).domain, plan.uri];
}

async function run(guest: string, o: { stack?: string; uri?: string }): Promise<void> {
    const [domain, uri] = await target(guest, o);
    if (!process.stdin.isTTY) {
        throw new CliError("a console needs a terminal", "run this verb in one");
    }
    process.stderr.write(
        "Whatever runs in the guest writes to your terminal and can send it control sequences;\n" +
            "run this in a terminal that you trust with that. Leave with Ctrl+].\n",
    );
    const outcome = await openConsole(uri, domain);
    if (outcome !== "ok") {
        throw new CliError(
            outcome === "missing"
                ? "virsh is not installed"
                : `the console of ${domain} at ${uri} could not be opened`,
            virshFix(outcome, uri),
        );
    }
}

export function consoleCommand(): Command {
    return stackOption(new Command("console"))
        .description("open a guest's serial console (leave with Ctrl+])")
        .argument("<guest>", "a guest of the stack, such as red/ws1 or red/gateway; with --uri a domain")
        .option("--uri <uri>", "a domain at this libvirt, of whatever stack")
        .action(run);
}
