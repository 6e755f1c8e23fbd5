/** `sallyport check-host`: the stack runs it before a guest is removed, and at its own end. */
import { Command } from "commander";
import { anotherHost, hostIdentity, type HostIdentity } from "../topology/host-identity";
import { CliError } from "./error";
import { emit, passed, report } from "./output";
import { virshAt, type Virsh, wayOut } from "./virsh";

/** Limit in milliseconds: a libvirt that was just started asks every QEMU it has. */
const LIMIT_MS = 60_000;

interface HostOptions {
    readonly uri: string;
    readonly host: HostIdentity;
}

/** @throws CliError when this libvirt is of another host, does not say of which, or does not answer */
export async function checkHost(virsh: Virsh, { uri, host }: HostOptions): Promise<void> {
    const answer = await virsh(["capabilities"], LIMIT_MS);
    if (answer.outcome !== "ok") {
        throw new CliError(`can't tell which host ${uri} leads to: ${answer.message}`, wayOut(answer.outcome, uri));
    }
    const identity = hostIdentity(uri, answer.stdout);
    const problem = "host" in identity ? anotherHost(host, identity.host) : identity;
    if (problem !== undefined) {
        throw new CliError(`${uri} is not the host of this stack: ${problem.what}`, problem.fix);
    }
}

async function run(o: HostOptions & { json?: boolean }): Promise<void> {
    await checkHost(virshAt(o.uri), o);
    emit(report([passed("host.same", `Host at ${o.uri}`, `it is ${o.host}`)]), o.json === true);
}

export function hostCommand(): Command {
    return new Command("check-host")
        .description("look whether a libvirt is the one that a stack was made on")
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--host <identity>", "its host's UUID and instance, as in the stack's state")
        .option("--json", "report as JSON")
        .action(run);
}
