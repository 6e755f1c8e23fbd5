/** What is on the lab host of a stack's plan. */
import type { StackPlan } from "../../topology/plan";
import { mustVirsh, virshAt } from "../virsh";
import { filterNames } from "../filter-command";
import { type LibvirtObject, planned } from "./find";

const words = (text: string): string[] => text.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "").filter((word) => word !== "");

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
        // An inactive pool shows no volumes; started, it does. One without a folder can't be started and has none.
        await virshAt(plan.uri)(["pool-start", pool.name]);
        await virshAt(plan.uri)(["pool-refresh", pool.name]);
        const listed = await virshAt(plan.uri)(["vol-list", pool.name]);
        volumes.push(...words(listed.stdout).map((name): LibvirtObject => ({ kind: "volume", name: `${pool.name}/${name}` })));
    }
    return [...domains, ...volumes, ...networks, ...filters, ...pools];
}
