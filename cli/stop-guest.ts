/**
 * `sallyport guest-id` and `sallyport stop-guest`: steps of a stack around each guest. The first notes the guest's
 * UUID in the state, the second stops that very guest before it is removed or replaced, as it stops by itself: its
 * data is written, and a Gateway's tor has its guards on the disk.
 */
import { Command } from "commander";
import { mustVirsh, virshAt } from "../libvirt/client";
import { stopGuest } from "../libvirt/graceful-stop";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { jsonOption } from "./options";

interface GuestOptions {
    readonly uri: string;
    readonly domain: string;
    readonly json?: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What `guest-id` printed when the step was made: the command plugin hands it over (environment()). */
const NOTED = "PULUMI_COMMAND_STDOUT";

/** @throws CliError when libvirt has no such guest */
async function guestId({ uri, domain }: GuestOptions): Promise<void> {
    const uuid = (await mustVirsh(uri, ["domuuid", domain])).trim();
    if (!UUID.test(uuid)) {
        throw new CliError(
            `libvirt at ${uri} says of the UUID of ${domain}: ${uuid}`,
            `virsh -c '${uri}' domuuid ${domain}`,
        );
    }
    process.stdout.write(`${uuid}\n`);
}

const SAID = {
    off: "is off, or is another one by now",
    obeyed: "has powered off as it was asked to",
    cut: "did not power off when it was asked to; its power was cut",
} as const;

async function stop(o: GuestOptions, env: NodeJS.ProcessEnv = process.env): Promise<void> {
    const uuid = (env[NOTED] ?? "").trim();
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    if (!UUID.test(uuid)) {
        say(`${o.domain}: not asked to power off, since its UUID is not in the state`);
        return;
    }
    const virsh = virshAt(o.uri);
    const how = await stopGuest({ ...o, uuid }, { virsh, now: () => performance.now(), say });
    emit(report([passed("guest.stopped", `Guest ${o.domain}`, SAID[how])]), o.json === true);
}

const options = (command: Command): Command =>
    command
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--domain <name>", "the guest's domain");

export const guestIdCommand = (): Command =>
    options(new Command("guest-id")).description("print a guest's UUID").action(guestId);

export const stopGuestCommand = (): Command =>
    options(jsonOption(new Command("stop-guest")))
        .description(`stop the guest whose UUID is in ${NOTED}, gracefully if it obeys`)
        .action((o: GuestOptions) => stop(o));
