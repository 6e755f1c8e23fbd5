/**
 * Objects on the lab host that belong to a stack but are in no state: what an `up` leaves that was killed
 * between libvirt's answer and Pulumi's note of it, or whose domain was defined and did not start. Every
 * later `up` would fail on them ("already exists"), or, when the configuration names them no more, never
 * speak of them again. Pure.
 */
import type { PoolPlan, StackPlan } from "../../plan/plan";
import { isStepType, stepOf } from "../../model/steps";
import { fileOf, kindOfType, poolOf, type Kind, type LibvirtObject } from "../../libvirt/objects";

/** An object that the host has. */
export interface LiveObject extends LibvirtObject {
    /** Networks and pools that a domain's NICs and disks are on. */
    readonly uses?: readonly LibvirtObject[];
    /** A volume that outlives its guest and into which something was written; its pool, too. */
    readonly holdsData?: true;
}

/** An object that the state holds. */
export interface Known extends LibvirtObject {
    /** An overlay whose first boot is over: a later domain of its guest had run on it, and is gone. */
    readonly booted?: true;
}

const record = (value: unknown): Record<string, unknown> =>
    typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/**
 * Of a resource whose replacement was begun, the engine has deleted the object and keeps the record; a
 * namesake is not it.
 */
const isGone = (resource: unknown): boolean => record(resource)["pendingReplacement"] === true;

/** When a resource was created; NaN where the state does not say. */
const createdAt = (resource: unknown): number => Date.parse(String(record(resource)["created"]));

/** @throws Error when the text is no export: an empty state would make everything an orphan */
function deploymentOf(exported: string): Record<string, unknown> {
    const deployment = record(record(JSON.parse(exported))["deployment"]);
    if (!("manifest" in deployment)) {
        throw new Error("pulumi stack export gave no deployment");
    }
    return deployment;
}

/** The object that a resource of the state stands for. */
function objectOf(resource: unknown): LibvirtObject[] {
    const { type, outputs, inputs } = record(resource);
    const { create } = record(inputs);
    const step = isStepType(type) && typeof create === "string" ? stepOf(create) : undefined;
    if (step?.verb === "define-filter") {
        return [{ kind: "filter", name: step.options["name"] ?? "" }];
    }
    const kind = typeof type === "string" ? kindOfType(type) : undefined;
    const { name, pool } = record(outputs);
    return kind === undefined || typeof name !== "string"
        ? []
        : [
              {
                  kind,
                  name: kind === "volume" ? `${typeof pool === "string" ? pool : "default"}/${name}` : name,
              },
          ];
}

/**
 * What a stack's state holds, of `pulumi stack export`.
 * @throws Error when the text is no export
 */
export function inState(exported: string): Known[] {
    const resources = list(deploymentOf(exported)["resources"]);
    const domainsGone = resources.filter(isGone).flatMap((resource) =>
        objectOf(resource)
            .filter((o) => o.kind === "domain")
            .map((domain) => ({ domain, at: createdAt(resource) })),
    );
    return resources
        .filter((resource) => !isGone(resource))
        .flatMap((resource) =>
            objectOf(resource).map((o): Known =>
                domainsGone.some(({ domain, at }) => overlayOf(o, [domain]) && createdAt(resource) < at)
                    ? { ...o, booted: true }
                    : o,
            ),
        );
}

/**
 * All that an export names, whether or not it came to be: resources, and what was under way when an `up` was
 * cut off. The configuration may name it no more.
 * @throws Error when the text is no export
 */
export function namedIn(exported: string): LibvirtObject[] {
    const { resources, pending_operations: pending } = deploymentOf(exported);
    return [...list(resources), ...list(pending).map((operation) => record(operation)["resource"])].flatMap(
        (resource) => {
            const { inputs, outputs } = record(resource);
            return objectOf({ ...record(resource), outputs: { ...record(inputs), ...record(outputs) } });
        },
    );
}

/** All pools of a plan. */
export const poolsOf = (plan: StackPlan): PoolPlan[] => [
    plan.imagePool,
    ...plan.enclaves.flatMap((e) => [e.pool, e.statusPool, e.dataPool]),
];

/** Names that a stack's plan gives to domains, networks, filters and pools. */
export function planned(plan: StackPlan): LibvirtObject[] {
    const pools = poolsOf(plan);
    return [
        ...plan.enclaves
            .flatMap((e) => [e.gateway.domain, ...e.workstations.map((w) => w.domain)])
            .map((name): LibvirtObject => ({ kind: "domain", name })),
        ...plan.enclaves
            .flatMap((e) => [e.isolated.name, e.external.name])
            .map((name): LibvirtObject => ({ kind: "network", name })),
        ...plan.enclaves.map((e): LibvirtObject => ({ kind: "filter", name: e.isolated.name })),
        ...pools.map(({ name }): LibvirtObject => ({ kind: "pool", name })),
    ];
}

const ORDER: readonly Kind[] = ["domain", "volume", "network", "filter", "pool"];
export const key = (o: LibvirtObject): string => `${o.kind} ${o.name}`;

/** What is known beside a stack's plan. */
export interface Knowledge {
    /** What its state holds. */
    readonly known: readonly Known[];
    /** What its state names, come to be or not. */
    readonly named: readonly LibvirtObject[];
    /** What the states of stacks hold whose names begin like this one's, or it like theirs: key to stack. */
    readonly elsewhere: ReadonlyMap<string, string>;
}

/** Names of the plan and the state: what goes by one of them is this stack's. */
export const claimed = (plan: StackPlan, named: readonly LibvirtObject[]): ReadonlySet<string> =>
    new Set([...planned(plan), ...named].map(key));

/** An object to remove, with the reason for people. */
export interface Orphan extends LibvirtObject {
    readonly reason: string;
    /** The state knows it and has to be told (pulumi refresh). */
    readonly known: boolean;
}

/** An object that is never removed: it may be another stack's. */
export interface Ambiguous extends LibvirtObject {
    readonly reason: string;
}

export interface Findings {
    readonly orphans: readonly Orphan[];
    readonly ambiguous: readonly Ambiguous[];
}

/** The guest whose overlay or seed a volume is by its name (components/domain.ts gives it). */
const guestOf = (volume: string, ending: RegExp): string | undefined => {
    const base = volume.replace(ending, "");
    return base === volume ? undefined : base;
};
const OVERLAY = /-[0-9a-f]{8}\.qcow2$/;
const SEED = /-[0-9a-f]{8}-seed\.iso$/;

const overlayOf = (o: LibvirtObject, domains: readonly LibvirtObject[]): boolean =>
    o.kind === "volume" && domains.some((d) => guestOf(fileOf(o), OVERLAY) === d.name);

/**
 * Whether a volume is a status file, one that virtlogd rotated away, or the host's word beside it: they are written
 * by libvirt and by the unit, so no state has them.
 */
const isStatusFile = (o: LibvirtObject): boolean =>
    /^(.+)-status\/\1-gateway\.status(?:\.(?:\d+|host))?$/.test(o.name);

/**
 * What is live and in no state, in the order in which it can be removed. This stack's are: what goes by a
 * name of its plan or state, volumes in such pools, and domains on such a network or pool. What only begins
 * like its names is ambiguous: stack `a` with enclave `b-c` and stack `a-b` with enclave `c` give the same
 * ones.
 *
 * A volume that outlives its guest is an orphan only while it is empty; one that holds data is ambiguous, and so
 * is its pool.
 *
 * An orphaned domain's overlay goes with it even if the state has it, unless it was booted before: its first
 * boot was cut off, and cloud-init does not do again what it believes done.
 * @param live what is on the host; volumes only of this stack's pools
 */
export function classify(
    plan: StackPlan,
    { known, named, elsewhere }: Knowledge,
    live: readonly LiveObject[],
): Findings {
    const inIt = new Set(known.map(key));
    const booted = new Set(known.filter((o) => o.booted === true).map(key));
    const ours = claimed(plan, named);
    const sorted = <T extends LibvirtObject>(found: readonly T[]): T[] =>
        [...found].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    const isOurs = (o: LiveObject): boolean =>
        o.kind === "volume"
            ? ours.has(`pool ${poolOf(o)}`)
            : ours.has(key(o)) || (o.uses ?? []).some((part) => ours.has(key(part)));
    const mine = live.filter(
        (o) => isOurs(o) && !(o.kind === "volume" && inIt.has(`pool ${poolOf(o)}`) && isStatusFile(o)),
    );
    const unknown = mine.filter((o) => !inIt.has(key(o)));
    // What was written into it may be all that is left of a guest: nobody removes it unasked.
    const keeping = unknown.filter((o) => o.holdsData === true && !elsewhere.has(key(o)));
    const orphaned = unknown.filter((o) => !elsewhere.has(key(o)) && o.holdsData !== true);
    const domains = orphaned.filter((o) => o.kind === "domain");
    const overlays = mine.filter((o) => inIt.has(key(o)) && !booted.has(key(o)) && overlayOf(o, domains));
    const stray = live.filter(
        (o) =>
            !isOurs(o) &&
            o.kind !== "volume" &&
            o.name.startsWith(`${plan.prefix}-`) &&
            !elsewhere.has(key(o)),
    );
    return {
        orphans: sorted([
            ...orphaned.map(({ kind, name }): Orphan => ({
                kind,
                name,
                known: false,
                reason: "not in the state",
            })),
            ...overlays.map(({ kind, name }): Orphan => ({
                kind,
                name,
                known: true,
                reason: "overlay of a domain whose first boot was interrupted",
            })),
        ]),
        ambiguous: sorted([
            ...unknown
                .filter((o) => elsewhere.has(key(o)))
                .map(({ kind, name }): Ambiguous => ({
                    kind,
                    name,
                    reason: `goes by a name of this stack's and is in the state of stack ${elsewhere.get(key({ kind, name })) ?? ""}`,
                })),
            ...keeping.map(({ kind, name }): Ambiguous => ({
                kind,
                name,
                reason:
                    kind === "pool"
                        ? "not in the state, and there is kept data of a guest in it"
                        : "not in the state, and it holds kept data of a guest",
            })),
            ...stray.map(({ kind, name }): Ambiguous => ({
                kind,
                name,
                reason: "by its name a leftover of an enclave or Workstation that is configured no more, or perhaps another stack's; in no state that was looked at",
            })),
        ]),
    };
}

/**
 * The guest whose disk or seed a volume of this stack is: it is wiped before it is removed. A pool of guests'
 * disks has the name of its enclave, with which those of its guests begin.
 */
export function guestVolume(
    o: LibvirtObject,
): { readonly pool: string; readonly volume: string; readonly domain: string } | undefined {
    if (o.kind !== "volume") {
        return undefined;
    }
    const [pool, volume] = [poolOf(o), fileOf(o)];
    const domain = guestOf(volume, OVERLAY) ?? guestOf(volume, SEED) ?? "";
    return domain === `${pool}-gateway` || domain.startsWith(`${pool}-workstation-`)
        ? { pool, volume, domain }
        : undefined;
}
