/** `sallyport clear-status`: what a stack runs when a Gateway is removed. */
import { Command } from "commander";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { virshAt, type VirshResult } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { volumeOptions, type VolumeOptions } from "./options";

/**
 * A status file, what virtlogd rotated away from it (`name.0`, `name.1`), and what the host says of its kernel
 * beside it (`name.host`).
 */
export const statusFiles = (listed: readonly string[], volume: string): string[] =>
    listed.filter(
        (name) =>
            name === volume ||
            (name.startsWith(`${volume}.`) && /^(\d+|host(\.part)?)$/.test(name.slice(volume.length + 1))),
    );

async function run(o: VolumeOptions): Promise<void> {
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

export function clearStatusCommand(): Command {
    return volumeOptions(new Command("clear-status"))
        .description("delete a Gateway's status file when its stack is destroyed; none there is fine")
        .action(run);
}
