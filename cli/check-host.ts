/**
 * `sallyport check-host`: the stack runs it before a guest is removed and at its own end, and bin/pulumi
 * before a refresh.
 */
import { text } from "node:stream/consumers";
import { createReadStream } from "node:fs";
import { Command } from "commander";
import { callLimitMs } from "../libvirt/limits";
import { anotherHost, hostIdentity, type HostIdentity } from "../values/host-identity";
import { stepOf } from "../model/steps";
import { CliError, Finding } from "../util/error";
import { emit, passed, report } from "../util/output";
import { jsonOption } from "./options";
import { virshAt, type Virsh } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";

/** Least limit in milliseconds: a libvirt that was just started asks every QEMU it has. */
const LIMIT_MS = 60_000;

interface Bound {
    readonly uri: string;
    readonly host: HostIdentity;
}

/** @throws CliError when this libvirt is of another host, does not say of which, or does not answer */
export async function checkHost(virsh: Virsh, { uri, host }: Bound): Promise<void> {
    const answer = await virsh(["capabilities"], callLimitMs(uri, LIMIT_MS));
    if (answer.outcome !== "ok") {
        throw new CliError(
            `can't tell which host ${uri} leads to: ${answer.message}`,
            virshFix(answer.outcome, uri, callLimitMs(uri, LIMIT_MS)),
        );
    }
    const identity = hostIdentity(uri, answer.stdout);
    const problem = "host" in identity ? anotherHost(host, identity.host) : identity;
    if (problem !== undefined) {
        throw new Finding("host.same", `${uri} is not the host of this stack: ${problem.what}`, problem.fix);
    }
}

const record = (value: unknown): Record<string, unknown> =>
    typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/**
 * The hosts that a stack's state is bound to, each with each URI by which its provider reaches one. None for
 * a stack that holds nothing, or that no program has bound yet.
 * @param exported of `pulumi stack export`
 * @throws Error when the text is no such export
 */
export function boundIn(exported: string): Bound[] {
    const deployment = record(record(JSON.parse(exported))["deployment"]);
    if (!("manifest" in deployment)) {
        throw new Error("pulumi stack export gave no deployment");
    }
    const resources = (
        Array.isArray(deployment["resources"]) ? (deployment["resources"] as unknown[]) : []
    ).map((resource) => {
        const { type, inputs } = record(resource);
        return { type, inputs: record(inputs) };
    });
    const uris = resources
        .filter(({ type }) => type === "pulumi:providers:libvirt")
        .map(({ inputs }) => String(inputs["uri"]));
    const hosts = resources.flatMap(({ inputs }) => {
        const step = typeof inputs["delete"] === "string" ? stepOf(inputs["delete"]) : undefined;
        return step?.verb === "check-host" ? [step.options["host"] ?? ""] : [];
    });
    return [...new Set(uris)].flatMap((uri) => [...new Set(hosts)].map((host) => ({ uri, host })));
}

async function run(o: Partial<Bound> & { state?: string; json?: boolean }): Promise<void> {
    const { uri, host, state } = o;
    if ((uri === undefined) !== (host === undefined) || (uri === undefined) === (state === undefined)) {
        throw new CliError("check-host needs either --uri and --host, or --state", "see --help");
    }
    const bound =
        uri === undefined || host === undefined
            ? boundIn(await text(state === "-" ? process.stdin : createReadStream(state ?? "")))
            : [{ uri, host }];
    for (const one of bound) {
        await checkHost(virshAt(one.uri), one);
    }
    emit(
        report(
            bound.length === 0
                ? [passed("host.unbound", "Host", "this stack is bound to none yet")]
                : bound.map((one) => passed("host.same", `Host at ${one.uri}`, `it is ${one.host}`)),
        ),
        o.json === true,
    );
}

export function checkHostCommand(): Command {
    return jsonOption(new Command("check-host"))
        .description("look whether a libvirt is the one that a stack was made on")
        .option("--uri <uri>", "libvirt connection URI")
        .option("--host <identity>", "its host's UUID and instance, as in the stack's state")
        .option("--state <file>", "or all of that from an export of the stack's state; - is standard input")
        .action(run);
}
