/** From plain resources to the model. */
import type { Role } from "../../cloud-init/guest";
import {
    hidden,
    hiddenNode,
    known,
    marked,
    opaque,
    sealOf,
    type Actuator,
    type Component,
    type Disk,
    type Domain,
    type Fact,
    type Model,
    type Network,
    type Pool,
    type Shape,
    type Source,
    type Volume,
} from "..";
import { memoizeBy } from "../../util/memoize";
import { readDomain08 } from "./domain-08";
import { readDomain09 } from "./domain-09";
import { attachedSeeds } from "./attached-seeds";
import { Lookup } from "./link";
import { autostartOf, nameOf, readNetwork } from "./networks";
import { isMark, has, isObject, type Raw, type RawResource } from "./raw";
import { fromComponents, roleOf } from "./roles";
import type { RawStack } from "./state";
import { idFact, readPool, readSeed, readVolume, textsOf } from "./storage";
import type { UnresolvedDomain } from "./unresolved";
import { writtenDisk } from "./written-disks";
import { origin, resourceOf, unread } from "./resource";
import { domainShape, shapesOf } from "./shapes";
import { type Kind, kindOf } from "./kinds";
import { hostsOf } from "./hosts";
import { problemsOf } from "./same-name";

export interface BuildOptions {
    /** Role of a domain that nothing else declares, by libvirt's name. */
    readonly roleOf?: (domain: string) => Role | undefined;
}

const PROGRAMS = ["create", "update", "delete", "connection", "interpreter", "dir"];

const SURROUNDINGS = ["environment", "stdin"];

/**
 * Of steps (steps.ts). What logging shows, and the last output in the environment, change nothing of
 * what our steps do.
 */
const COMMAND_PROPERTIES: ReadonlySet<string> = new Set([
    ...PROGRAMS,
    ...SURROUNDINGS,
    "triggers",
    "logging",
    "addPreviousOutputInEnv",
    "stdout",
    "stderr",
]);

/** A resource that several models hold is read once. */
const unresolvedDomain = memoizeBy((raw: RawResource, siblings: Shape | undefined): UnresolvedDomain => {
    const at = origin(raw);
    const shape = domainShape(raw.properties);
    if (shape === "unrecognised") {
        const fact = opaque(
            at,
            `it has properties of provider 0.8 and of 0.9 at once ${marked(sealOf(raw.properties))}`,
        );
        const tree = hiddenNode("domain", fact);
        return {
            nics: fact,
            disks: fact,
            devices: fact,
            xml: tree,
            tree,
            autostart: fact,
            shape,
            stylesheet: { kind: "none" },
        };
    }
    return (shape ?? siblings) === "provider-0.9"
        ? readDomain09(raw.properties, at)
        : readDomain08(raw.properties, at);
});

const unresolvedNetwork = memoizeBy((raw: RawResource, siblings: Shape | undefined) =>
    readNetwork(raw.properties, origin(raw), siblings),
);

const unresolvedVolume = memoizeBy((raw: RawResource, host: string) =>
    readVolume(raw, resourceOf(raw, "provider-0.8"), host),
);

const unresolvedSeed = memoizeBy((raw: RawResource, host: string) =>
    readSeed(raw, resourceOf(raw, "provider-0.8"), host),
);

function plain(raw: Raw): unknown {
    if (isMark(raw)) {
        return undefined;
    }
    if (Array.isArray(raw)) {
        return raw.map(plain);
    }
    return isObject(raw) ? Object.fromEntries(Object.entries(raw).map(([k, v]) => [k, plain(v)])) : raw;
}

/**
 * The policy SDK hands over no ids. The key of a volume in a directory pool is its path, which pool and name
 * give. Before the volume exists this says nothing wrong: what refers to it is unknown, too.
 */
function placed<
    T extends {
        readonly host: string;
        readonly name: Fact<string>;
        readonly pool: Fact<string | undefined>;
        readonly id: Fact<string>;
    },
>(record: T, pools: readonly Pool[]): T {
    const { name, pool, id } = record;
    const owner =
        id.kind === "known" || pool.kind !== "known"
            ? undefined
            : pools.find(
                  (p) =>
                      p.host === record.host &&
                      p.name.kind === "known" &&
                      p.name.value === pool.value &&
                      p.type.kind === "known" &&
                      p.type.value === "dir",
              );
    return owner?.path.kind !== "known" || owner.path.value === undefined || name.kind !== "known"
        ? record
        : { ...record, id: known(`${owner.path.value.replace(/\/+$/, "")}/${name.value}`, id.at) };
}

/** The model of a stack. */
export function buildModel(source: Source, stack: RawStack, options: BuildOptions = {}): Model {
    const raws = stack.resources;
    const of = (kind: Kind): readonly RawResource[] => raws.filter((r) => kindOf(r) === kind);
    const { hosts, keyOf } = hostsOf(raws);
    const shapes = shapesOf(raws);
    const components = of("component").map((raw): Component => ({
        resource: resourceOf(raw, "unrecognised"),
        inputs: known(plain(raw.properties) as Readonly<Record<string, unknown>>, origin(raw)),
    }));
    const networks = of("network").map((raw): Network => {
        const at = origin(raw);
        const { facts, shape, stylesheet } = unresolvedNetwork(raw, shapes.get(raw.provider ?? ""));
        return {
            resource: resourceOf(raw, shape),
            host: keyOf(raw.provider),
            name: nameOf(raw.properties, at, raw.name),
            id: idFact(raw, at),
            ...facts,
            autostart: autostartOf(raw.properties, at),
            stylesheet,
        };
    });
    const pools = of("pool").map((raw) =>
        readPool(raw, resourceOf(raw, "provider-0.8"), keyOf(raw.provider)),
    );
    const unresolvedVolumes = of("volume").map((raw) =>
        placed(unresolvedVolume(raw, keyOf(raw.provider)), pools),
    );
    const seeds = of("seed").map((raw) => placed(unresolvedSeed(raw, keyOf(raw.provider)), pools));
    const lookup = new Lookup(networks, unresolvedVolumes, seeds);
    const volumes = unresolvedVolumes.map((v): Volume => lookup.volume(v));
    const byId = new Map(volumes.map((v) => [v.resource.id, v]));
    const chainOf = chains(components, raws);
    const domains = of("domain").map((raw): Domain => {
        const at = origin(raw);
        const host = keyOf(raw.provider);
        const {
            nics: unresolvedNics,
            disks: unresolvedDisks,
            cloudinit,
            shape,
            stylesheet,
            devices,
            xml,
            autostart,
        } = unresolvedDomain(raw, shapes.get(raw.provider ?? ""));
        const feeds = raw.propertyDependencies;
        const nics: Domain["nics"] =
            unresolvedNics.kind === "known"
                ? {
                      ...unresolvedNics,
                      value: unresolvedNics.value.map((nic) => lookup.nic(host, nic, feeds)),
                  }
                : hidden(unresolvedNics);
        const name = nameOf(raw.properties, at, raw.name);
        const written =
            stylesheet.kind === "pinned"
                ? [stylesheet.pool, stylesheet.dataPool].filter((pool) => pool !== undefined)
                : [];
        const asWritten = (disk: Disk): Disk =>
            written.length === 0
                ? disk
                : writtenDisk(disk, { host, written, pools, storedById: (id) => lookup.storedById(id) });
        const disks: Domain["disks"] =
            unresolvedDisks.kind === "known"
                ? {
                      ...unresolvedDisks,
                      value: lookup.disks(host, unresolvedDisks.value, feeds).map(asWritten),
                  }
                : hidden(unresolvedDisks);
        const attached = attachedSeeds(disks, cloudinit, feeds.cloudinit ?? [], lookup, byId);
        const chain = chainOf(raw);
        const enclave = fromComponents(chain, "enclave");
        return {
            resource: resourceOf(raw, shape),
            host,
            name,
            nics,
            disks,
            devices,
            xml,
            autostart,
            stylesheet,
            seeds: attached,
            role: roleOf(
                raw.urn,
                chain,
                stylesheet,
                attached,
                name.kind === "known" ? options.roleOf?.(name.value) : undefined,
                at,
            ),
            enclave: known(typeof enclave === "string" ? enclave : undefined, at),
            ...(fromComponents(chain, "allowDataLoss") === true ? { allowDataLoss: true as const } : {}),
        };
    });
    return {
        source,
        hosts,
        networks,
        domains,
        seeds,
        volumes,
        components,
        pools,
        actuators: of("actuator").map((raw): Actuator => ({
            resource: unread(raw),
            commands: textsOf(raw.properties, PROGRAMS, origin(raw)),
            environment: textsOf(raw.properties, SURROUNDINGS, origin(raw)),
            otherProperties: Object.keys(raw.properties).filter(
                (key) => !COMMAND_PROPERTIES.has(key) && has(raw.properties, key),
            ),
        })),
        unrecognised: of("unrecognised").map(unread),
        others: of("other").map((raw) => resourceOf(raw, "unrecognised")),
        problems: [...stack.problems, ...problemsOf(networks, domains, pools, [...volumes, ...seeds])],
        ...(stack.previous === undefined
            ? {}
            : { previous: buildModel(source, { resources: stack.previous, problems: [] }, options) }),
    };
}

/** Components around a resource, nearest first. */
function chains(
    components: readonly Component[],
    raws: readonly RawResource[],
): (raw: RawResource) => readonly Component[] {
    const byUrn = new Map(components.map((c) => [c.resource.id, c]));
    const parents = new Map(raws.map((r) => [r.urn, r.parent]));
    return (raw) => {
        const chain: Component[] = [];
        for (let urn = raw.parent; urn !== undefined && chain.length < 64; urn = parents.get(urn)) {
            const component = byUrn.get(urn);
            if (component !== undefined) {
                chain.push(component);
            }
        }
        return chain;
    };
}
