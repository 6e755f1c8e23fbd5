/** What is on the lab host of a stack, by its plan, its state and its names' beginning. */
import { dirname } from "node:path/posix";
import { parseXml, type XmlElement } from "../../util/xml";
import type { StackPlan } from "../../plan/plan";
import { CliError } from "../../util/error";
import { DATA_POOL_SUFFIX } from "../../values/disk-files";
import { filterNames } from "../remove-filter";
import { mustVirsh, virshAt } from "../../libvirt/client";
import { virshFix } from "../../libvirt/errors";
import type { Kind, LibvirtObject } from "../../libvirt/objects";
import { isDataVolume, isEmpty } from "../../libvirt/data-volumes";
import { claimed, key, poolsOf, type LiveObject } from "./find";

const words = (text: string): string[] =>
    text
        .split("\n")
        .map((line) => line.trim().split(/\s+/)[0] ?? "")
        .filter((word) => word !== "");

/**
 * Volumes of a pool. An inactive one shows none, so it is started; one whose folder is gone can't be started,
 * or falls inactive when it is refreshed, and has none. @throws CliError when it is active and can't be
 * listed
 */
async function volumesIn(uri: string, pool: string): Promise<string[]> {
    const active = async (): Promise<boolean> =>
        words(await mustVirsh(uri, ["pool-list", "--name"])).includes(pool);
    if (!(await active())) {
        await virshAt(uri)(["pool-start", pool]);
    }
    if (!(await active())) {
        return [];
    }
    const refreshed = await virshAt(uri)(["pool-refresh", pool]);
    if (refreshed.outcome === "ok") {
        return words(await mustVirsh(uri, ["vol-list", pool]));
    }
    if (await active()) {
        throw new CliError(
            `virsh pool-refresh ${pool} at ${uri}: ${refreshed.message}`,
            virshFix(refreshed.outcome, uri),
        );
    }
    return [];
}

/** A data pool of the plan, or by its name of an enclave that is configured no more. */
const isDataPool = (plan: StackPlan, pool: string): boolean =>
    plan.enclaves.some(({ dataPool }) => dataPool.name === pool) ||
    (pool.endsWith(DATA_POOL_SUFFIX) && !poolsOf(plan).some(({ name }) => name === pool));

/** Whether nothing was ever written into a volume. @throws CliError when libvirt can't be asked */
const isBlank = async (uri: string, pool: string, volume: string): Promise<boolean> =>
    isEmpty(await mustVirsh(uri, ["vol-info", "--bytes", "--pool", pool, volume]));

const descendants = (element: XmlElement): XmlElement[] =>
    element.children.flatMap((child) => [child, ...descendants(child)]);

/**
 * Networks and pools that a domain's NICs and disks are on.
 * @param folders folder of each pool that a disk's file may be in, to the pool's name; a file in another spelling is in none
 * @throws Error when the text is no XML
 */
export function usedBy(domainXml: string, folders: ReadonlyMap<string, string>): LibvirtObject[] {
    const all = descendants(parseXml(domainXml));
    const sources = all.filter(({ name }) => name === "source");
    const named = (kind: Kind): LibvirtObject[] =>
        sources.flatMap(({ attributes }) => {
            const name = attributes[kind];
            return name === undefined ? [] : [{ kind, name }];
        });
    // Not what a disk is based on: many guests of many stacks may stand on one image.
    const files = all
        .filter(({ name }) => name === "disk")
        .flatMap((disk) => disk.children.filter(({ name }) => name === "source"));
    const pools = files.flatMap(({ attributes: { file } }) =>
        file === undefined ? [] : (folders.get(dirname(file)) ?? []),
    );
    return [
        ...named("network"),
        ...named("pool"),
        ...pools.map((name): LibvirtObject => ({ kind: "pool", name })),
    ];
}

/**
 * Folders of pools that are this stack's, by libvirt's word where it has them, else by the plan's. @throws
 * CliError
 */
async function foldersOf(
    plan: StackPlan,
    pools: readonly LibvirtObject[],
): Promise<ReadonlyMap<string, string>> {
    const paths = new Map(poolsOf(plan).map(({ name, path }) => [name, path]));
    for (const { name } of pools) {
        const target = parseXml(await mustVirsh(plan.uri, ["pool-dumpxml", name])).children.find(
            (child) => child.name === "target",
        );
        paths.set(name, target?.children.find((child) => child.name === "path")?.text ?? "");
    }
    return new Map([...paths].map(([name, path]) => [path, name]));
}

/**
 * Domains, networks, filters and pools that go by a name of the plan or the state, or whose name begins like
 * the stack's; and all volumes in the pools that go by a name. A pool that may be another stack's is not
 * touched.
 * @param named what the stack's state names (namedIn)
 * @throws CliError when libvirt can't be asked
 */
export async function liveObjects(
    plan: StackPlan,
    named: readonly LibvirtObject[] = [],
): Promise<LiveObject[]> {
    const ours = claimed(plan, named);
    const relevant = (kind: Kind, names: readonly string[]): LibvirtObject[] =>
        names
            .map((name) => ({ kind, name }))
            .filter((o) => ours.has(key(o)) || o.name.startsWith(`${plan.prefix}-`));
    const list = async (kind: Kind, ...args: string[]): Promise<LibvirtObject[]> =>
        relevant(kind, words(await mustVirsh(plan.uri, args)));
    const found = await list("domain", "list", "--all", "--name");
    const networks = await list("network", "net-list", "--all", "--name");
    const filters = relevant("filter", filterNames(await mustVirsh(plan.uri, ["nwfilter-list"])));
    const pools = await list("pool", "pool-list", "--all", "--name");
    const own = pools.filter((o) => ours.has(key(o)));
    const folders = found.every((domain) => ours.has(key(domain)))
        ? new Map<string, string>()
        : await foldersOf(plan, own);
    const domains: LiveObject[] = [];
    for (const domain of found) {
        const claims = ours.has(key(domain));
        domains.push(
            claims
                ? domain
                : { ...domain, uses: usedBy(await mustVirsh(plan.uri, ["dumpxml", domain.name]), folders) },
        );
    }
    const volumes: LiveObject[] = [];
    const keeping = new Set<string>();
    for (const pool of own) {
        for (const file of await volumesIn(plan.uri, pool.name)) {
            // What is no guest's by its name is somebody's in there all the same.
            const data =
                isDataPool(plan, pool.name) &&
                !(isDataVolume(pool.name, file) && (await isBlank(plan.uri, pool.name, file)));
            if (data) {
                keeping.add(pool.name);
            }
            volumes.push({
                kind: "volume",
                name: `${pool.name}/${file}`,
                ...(data ? { holdsData: true as const } : {}),
            });
        }
    }
    const kept = pools.map((pool): LiveObject =>
        keeping.has(pool.name) ? { ...pool, holdsData: true } : pool,
    );
    return [...domains, ...volumes, ...networks, ...filters, ...kept];
}
