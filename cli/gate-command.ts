/**
 * `sallyport wait-ready` and `sallyport clear-status`: what the stack runs around a Gateway's creation and
 * removal.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { describeStatus } from "./status-line";
import { downloadFrom, followLog, lengthOf } from "./status-log";
import { virshAt, type VirshResult } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { type GateOptions, waitReady } from "./wait-ready";

/** Parser of a whole number of seconds from 1 to a day. @throws InvalidArgumentError */
export function seconds(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > 86_400) {
        throw new InvalidArgumentError("a whole number of seconds from 1 to 86400 is allowed.");
    }
    return value;
}

interface VolumeOptions {
    readonly uri: string;
    readonly pool: string;
    readonly volume: string;
}

async function runGate(
    o: VolumeOptions & { domain: string; timeout: number; json?: boolean },
): Promise<void> {
    const virsh = virshAt(o.uri);
    const gate: GateOptions = { ...o, timeoutSeconds: o.timeout };
    const status = await waitReady(gate, {
        virsh,
        log: followLog(lengthOf(virsh, o.pool, o.volume), downloadFrom(virsh, o.pool, o.volume)),
        now: () => performance.now(),
        sleep: (ms) => sleep(ms),
        say: (line) => process.stderr.write(`${line}\n`),
    });
    emit(report([passed("gateway.ready", `Gateway ${o.domain}`, describeStatus(status))]), o.json === true);
}

/** A status file and what virtlogd rotated away from it (`name.0`, `name.1`). */
export const statusFiles = (listed: readonly string[], volume: string): string[] =>
    listed.filter(
        (name) =>
            name === volume || (name.startsWith(`${volume}.`) && /^\d+$/.test(name.slice(volume.length + 1))),
    );

async function clearStatus(o: VolumeOptions & { json?: boolean }): Promise<void> {
    const virsh = virshAt(o.uri);
    const must = (what: string, result: VirshResult): VirshResult => {
        if (!["ok", "no-pool", "no-volume"].includes(result.outcome)) {
            throw new CliError(`${what}: ${result.message}`, virshFix(result.outcome, o.uri));
        }
        return result;
    };
    must(`can't refresh pool ${o.pool}`, await virsh(["pool-refresh", o.pool]));
    const list = must(`can't list pool ${o.pool}`, await virsh(["vol-list", o.pool]));
    const names = list.stdout.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
    const found = statusFiles(names, o.volume);
    for (const name of found) {
        must(`can't delete ${name} in pool ${o.pool}`, await virsh(["vol-delete", "--pool", o.pool, name]));
    }
    const detail = found.length === 0 ? "there was none" : `deleted ${found.join(", ")}`;
    emit(report([passed("status.cleared", `Status file ${o.volume}`, detail)]), o.json === true);
}

const onVolume = (command: Command): Command =>
    command
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--pool <pool>", "storage pool over the folder of status files")
        .requiredOption("--volume <name>", "the Gateway's status file in that pool")
        .option("--json", "report as JSON");

/** The gate's two verbs. */
export function gateCommands(): Command[] {
    return [
        onVolume(new Command("wait-ready"))
            .description("wait until a Gateway's tor has bootstrapped, as its serial console says")
            .requiredOption("--domain <name>", "the Gateway's domain")
            .requiredOption("--timeout <seconds>", "overall limit", seconds)
            .action(runGate),
        onVolume(new Command("clear-status"))
            .description("delete a Gateway's status file when its stack is destroyed; none there is fine")
            .action(clearStatus),
    ];
}
