/** `sallyport remove-filter`: removes a filter of `define-filter` when its stack is destroyed. */
import { Command } from "commander";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { virshAt } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { filterOptions, type FilterOptions } from "./define-filter";

/** Names in the output of `virsh -q nwfilter-list`: a UUID and a name a line. */
export const filterNames = (listed: string): string[] =>
    listed
        .split("\n")
        .map((line) => line.trim().split(/\s+/)[1] ?? "")
        .filter((name) => name !== "");

async function run(o: FilterOptions): Promise<void> {
    const virsh = virshAt(o.uri);
    const listed = await virsh(["nwfilter-list"]);
    if (listed.outcome !== "ok") {
        throw new CliError(`can't list filters: ${listed.message}`, virshFix(listed.outcome, o.uri));
    }
    const there = filterNames(listed.stdout).includes(o.name);
    if (there) {
        const removed = await virsh(["nwfilter-undefine", o.name]);
        if (removed.outcome !== "ok") {
            throw new CliError(
                `can't remove filter ${o.name}: ${removed.message}`,
                `remove the domains that use it first: virsh -c '${o.uri}' nwfilter-binding-list`,
            );
        }
    }
    emit(
        report([passed("filter.removed", `Filter ${o.name}`, there ? "removed" : "there was none")]),
        o.json === true,
    );
}

export function removeFilterCommand(): Command {
    return filterOptions(new Command("remove-filter"))
        .description("remove that filter when its stack is destroyed; none there is fine")
        .action(run);
}
