/** What is on the lab host of a stack's plan. */
import type { StackPlan } from "../../topology/plan";
import { CliError } from "../error";
import { filterNames } from "../filter-command";
import { mustVirsh, virshAt, wayOut } from "../virsh";
import { type LibvirtObject, planned } from "./find";

const words = (text: string): string[] => text.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "").filter((word) => word !== "");

/**
 * Volumes of a pool. An inactive one shows none, so it is started; one whose folder is gone can't be started, or falls
 * inactive when it is refreshed, and has none. @throws CliError when it is active and can't be listed
 */
async function volumesIn(uri: string, pool: string): Promise<string[]> {
    const active = async (): Promise<boolean> => words(await mustVirsh(uri, ["pool-list", "--name"])).includes(pool);
    if (!await active()) {
        await virshAt(uri)(["pool-start", pool]);
    }
    if (!await active()) {
        return [];
    }
    const refreshed = await virshAt(uri)(["pool-refresh", pool]);
    if (refreshed.outcome === "ok") {
        return words(await mustVirsh(uri, ["vol-list", pool]));
    }
    if (await active()) {
        throw new CliError(`virsh pool-refresh ${pool} at ${uri}: ${refreshed.message}`, wayOut(refreshed.outcome, uri));
    }
    return [];
}

/** Domains, networks, filters and pools by the plan's names, and all volumes in those pools. @throws CliError when libvirt can't be asked */
export async function liveObjects(plan: StackPlan): Promise<LibvirtObject[]> {
    const ours = new Set(planned(plan).map((o) => `${o.kind} ${o.name}`));
    const list = async (kind: LibvirtObject["kind"], ...args: string[]): Promise<LibvirtObject[]> =>
        words(await mustVirsh(plan.uri, args)).map((name) => ({ kind, name })).filter((o) => ours.has(`${o.kind} ${o.name}`));
    const domains = await list("domain", "list", "--all", "--name");
    const networks = await list("network", "net-list", "--all", "--name");
    const filters = filterNames(await mustVirsh(plan.uri, ["nwfilter-list"])).map((name): LibvirtObject => ({ kind: "filter", name })).filter((o) => ours.has(`${o.kind} ${o.name}`));
    const pools = await list("pool", "pool-list", "--all", "--name");
    const volumes: LibvirtObject[] = [];
    for (const pool of pools) {
        volumes.push(...(await volumesIn(plan.uri, pool.name)).map((name): LibvirtObject => ({ kind: "volume", name: `${pool.name}/${name}` })));
    }
    return [...domains, ...volumes, ...networks, ...filters, ...pools];
}
