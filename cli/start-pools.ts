/**
 * `sallyport start-pools`: bin/pulumi runs it before anything reads or removes a stack's volumes. What is in a pool
 * that is off the provider takes for gone: a refresh forgets it, and a destroy leaves it behind.
 */
import { text } from "node:stream/consumers";
import { createReadStream } from "node:fs";
import { Command } from "commander";
import { mustVirsh, virshAt, type Virsh } from "../libvirt/client";
import { kindOfType } from "../libvirt/objects";
import { Finding } from "../util/error";
import { emit, passed, report } from "../util/output";
import { jsonOption } from "./options";

/** Pools of a state, by the URI of their provider. @throws Error when the text is no export */
export function poolsIn(exported: string): ReadonlyMap<string, readonly string[]> {
    const { deployment } = JSON.parse(exported) as {
        deployment?: {
            resources?: {
                urn?: string;
                id?: string;
                type?: string;
                provider?: string;
                inputs?: { uri?: unknown };
                outputs?: { name?: unknown };
            }[];
        };
    };
    const resources = deployment?.resources ?? [];
    const uris = new Map(
        resources
            .filter(({ type }) => type === "pulumi:providers:libvirt")
            .map(({ urn, id, inputs }) => [`${urn ?? ""}::${id ?? ""}`, String(inputs?.uri)]),
    );
    const pools = new Map<string, string[]>();
    for (const { type, provider, outputs } of resources) {
        const uri = uris.get(provider ?? "");
        if (kindOfType(type ?? "") === "pool" && typeof outputs?.name === "string" && uri !== undefined) {
            pools.set(uri, [...(pools.get(uri) ?? []), outputs.name]);
        }
    }
    return pools;
}

const names = (said: string): string[] =>
    said
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");

/**
 * Start those pools that are there and off.
 * @returns their names @throws Finding when one stays off, CliError when libvirt does not answer
 */
export async function startPools(
    uri: string,
    pools: readonly string[],
    must: (uri: string, args: readonly string[]) => Promise<string> = mustVirsh,
    virsh: Virsh = virshAt(uri),
): Promise<string[]> {
    const active = names(await must(uri, ["pool-list", "--name"]));
    const there = names(await must(uri, ["pool-list", "--all", "--name"]));
    const off = pools.filter((name) => there.includes(name) && !active.includes(name));
    for (const name of off) {
        const { outcome, message } = await virsh(["pool-start", name]);
        if (outcome !== "ok" && !names(await must(uri, ["pool-list", "--name"])).includes(name)) {
            throw new Finding(
                "pool.active",
                `pool ${name} at ${uri} is off and can't be started: ${message}; what is in it would be taken for gone`,
                `see that its folder is there and mounted; for one that is gone for good: virsh -c '${uri}' pool-build ${name}`,
            );
        }
    }
    return off;
}

async function run(o: { state: string; json?: boolean }): Promise<void> {
    const exported = await text(o.state === "-" ? process.stdin : createReadStream(o.state));
    const started: string[] = [];
    for (const [uri, pools] of poolsIn(exported)) {
        started.push(...(await startPools(uri, pools)));
    }
    for (const name of started) {
        process.stderr.write(`pool ${name} was off and is started\n`);
    }
    emit(
        report([
            passed(
                "pools.active",
                "Pools",
                started.length === 0 ? "none is off" : `started: ${started.join(", ")}`,
            ),
        ]),
        o.json === true,
    );
}

export const startPoolsCommand = (): Command =>
    jsonOption(new Command("start-pools"))
        .description("start the pools of a stack that are off")
        .requiredOption("--state <file>", "an export of the stack's state; - is standard input")
        .action(run);
