/**
 * Objects on the lab host that belong to a stack by their name but are in no state: what an `up` leaves that was killed
 * between libvirt's answer and Pulumi's note of it, or whose domain was defined and did not start. Every later `up`
 * would fail on them ("already exists"). Pure.
 */
import type { StackPlan } from "../../topology/plan";
import { stepOf } from "../../topology/steps";

export type Kind = "domain" | "volume" | "network" | "filter" | "pool";

/** An object of libvirt's. Volumes are named `pool/volume`. */
export interface LibvirtObject {
    readonly kind: Kind;
    readonly name: string;
}

const TYPES: Readonly<Record<string, Kind>> = {
    "libvirt:index/domain:Domain": "domain",
    "libvirt:index/network:Network": "network",
    "libvirt:index/pool:Pool": "pool",
    "libvirt:index/volume:Volume": "volume",
    "libvirt:index/cloudinitDisk:CloudinitDisk": "volume",
};

/** An object that the state holds. */
export interface Known extends LibvirtObject {
    /** An overlay whose first boot is over: a later domain of its guest had run on it, and is gone. */
    readonly booted?: true;
}

const record = (value: unknown): Record<string, unknown> =>
    (typeof value === "object" && value !== null ? value as Record<string, unknown> : {});

/** Of a resource whose replacement was begun, the engine has deleted the object and keeps the record; a namesake is not it. */
const isGone = (resource: unknown): boolean => record(resource)["pendingReplacement"] === true;

/** When a resource was created; NaN where the state does not say. */
const createdAt = (resource: unknown): number => Date.parse(String(record(resource)["created"]));

/**
 * What a stack's state holds, of `pulumi stack export`.
 * @throws Error when the text is no such export: an empty state would make everything an orphan
 */
export function inState(exported: string): Known[] {
    const deployment = record(record(JSON.parse(exported))["deployment"]);
    if (!("manifest" in deployment)) {
        throw new Error("pulumi stack export gave no deployment");
    }
    const resources = Array.isArray(deployment["resources"]) ? deployment["resources"] as unknown[] : [];
    const domainsGone = resources.filter(isGone).flatMap((resource) => objectOf(resource).filter((o) => o.kind === "domain").map((domain) => ({ domain, at: createdAt(resource) })));
    return resources.filter((resource) => !isGone(resource)).flatMap((resource) => objectOf(resource).map((o): Known =>
        (domainsGone.some(({ domain, at }) => overlayOf(o, [domain]) && createdAt(resource) < at) ? { ...o, booted: true } : o)));
}

/** The object that a resource of the state stands for. */
function objectOf(resource: unknown): LibvirtObject[] {
    const { type, outputs, inputs } = record(resource);
    const { create } = record(inputs);
    const step = type === "command:local:Command" && typeof create === "string" ? stepOf(create) : undefined;
    if (step?.verb === "define-filter") {
        return [{ kind: "filter", name: step.options["name"] ?? "" }];
    }
    const kind = typeof type === "string" ? TYPES[type] : undefined;
    const { name, pool } = record(outputs);
    return kind === undefined || typeof name !== "string" ? []
        : [{ kind, name: kind === "volume" ? `${typeof pool === "string" ? pool : "default"}/${name}` : name }];
}

/** Names that a stack's plan gives to domains, networks, filters and pools. */
export function planned(plan: StackPlan): LibvirtObject[] {
    const pools = [plan.imagePool, ...plan.enclaves.flatMap((e) => [e.pool, e.statusPool])];
    return [
        ...plan.enclaves.flatMap((e) => [e.gateway.domain, ...e.workstations.map((w) => w.domain)]).map((name): LibvirtObject => ({ kind: "domain", name })),
        ...plan.enclaves.flatMap((e) => [e.isolated.name, e.external.name]).map((name): LibvirtObject => ({ kind: "network", name })),
        ...plan.enclaves.map((e): LibvirtObject => ({ kind: "filter", name: e.isolated.name })),
        ...pools.map(({ name }): LibvirtObject => ({ kind: "pool", name })),
    ];
}

const ORDER: readonly Kind[] = ["domain", "volume", "network", "filter", "pool"];
const key = (o: LibvirtObject): string => `${o.kind} ${o.name}`;

/** An object to remove, with the reason for people. */
export interface Orphan extends LibvirtObject {
    readonly reason: string;
    /** The state knows it and has to be told (pulumi refresh). */
    readonly known: boolean;
}

/** Whether a volume is the overlay of one of these domains (components/domain.ts names it). */
const overlayOf = (o: LibvirtObject, domains: readonly LibvirtObject[]): boolean =>
    o.kind === "volume" && domains.some((d) => new RegExp(`/${d.name}-[0-9a-f]{8}\\.qcow2$`).test(o.name));

/**
 * The orphans, in the order in which they can be removed. An orphaned domain's overlay goes with it even if the state
 * has it, unless it was booted before: its first boot was cut off, and cloud-init does not do again what it believes done.
 * @param live what is on the host; volumes only of the plan's pools
 */
export function orphansOf(plan: StackPlan, state: readonly Known[], live: readonly LibvirtObject[]): Orphan[] {
    const known = new Set(state.map(key));
    const booted = new Set(state.filter((o) => o.booted === true).map(key));
    const ours = new Set(planned(plan).map(key));
    // libvirt writes status files by itself; they are in no state as long as their pool is.
    const statusPools = new Set(plan.enclaves.map((e) => e.statusPool.name).filter((name) => known.has(`pool ${name}`)));
    const mine = (o: LibvirtObject): boolean => {
        const pool = o.name.split("/")[0] ?? "";
        return o.kind === "volume" ? ours.has(`pool ${pool}`) && !statusPools.has(pool) : ours.has(key(o));
    };
    const unknown = live.filter((o) => mine(o) && !known.has(key(o)));
    const domains = unknown.filter((o) => o.kind === "domain");
    const overlays = live.filter((o) => mine(o) && known.has(key(o)) && !booted.has(key(o)) && overlayOf(o, domains));
    return [
        ...unknown.map((o): Orphan => ({ ...o, known: false, reason: "not in the state" })),
        ...overlays.map((o): Orphan => ({ ...o, known: true, reason: "overlay of a domain whose first boot was interrupted" })),
    ].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** The guest whose disk or seed a volume is by its pool and name (components/domain.ts): it is wiped before it is removed. */
export function guestVolume(plan: StackPlan, o: LibvirtObject): { readonly pool: string; readonly volume: string; readonly domain: string } | undefined {
    const [pool = "", volume = ""] = o.kind === "volume" ? o.name.split("/") : [];
    const enclave = plan.enclaves.find((e) => e.pool.name === pool);
    const domain = /^(.+)-[0-9a-f]{8}(?:\.qcow2|-seed\.iso)$/.exec(volume)?.[1] ?? "";
    return enclave !== undefined && [enclave.gateway, ...enclave.workstations].some((d) => d.domain === domain) ? { pool, volume, domain } : undefined;
}

/** virsh's arguments that remove an object, one list a call. Those marked may fail: what they stop may not run. */
export function removal(o: LibvirtObject): { readonly args: readonly string[]; readonly mayFail: boolean }[] {
    const call = (mayFail: boolean, ...args: string[]): { args: string[]; mayFail: boolean } => ({ args, mayFail });
    switch (o.kind) {
        case "domain":
            return [call(true, "destroy", o.name), call(false, "undefine", o.name)];
        case "network":
            return [call(true, "net-destroy", o.name), call(false, "net-undefine", o.name)];
        case "filter":
            return [call(false, "nwfilter-undefine", o.name)];
        case "volume": {
            const [pool = "", ...rest] = o.name.split("/");
            return [call(false, "vol-delete", "--pool", pool, rest.join("/"))];
        }
        case "pool":
            return [call(true, "pool-destroy", o.name), call(true, "pool-delete", o.name), call(false, "pool-undefine", o.name)];
    }
}
