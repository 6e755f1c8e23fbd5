/** From plain resources to the model. */
import type { Role } from "../../cloud-init/guest";
import {
    below,
    hidden,
    hiddenNode,
    known,
    marked,
    opaque,
    sealOf,
    unknown,
    shapeOf,
    type Actuator,
    type Component,
    type Disk,
    type Domain,
    type Fact,
    type Host,
    type Model,
    type Network,
    type Origin,
    type Pool,
    type Problem,
    type Resource,
    type Shape,
    type Source,
    type Volume,
} from "..";
import { hostKeyOf } from "../../values/libvirt-uri";
import { memoize, memoizeBy } from "../../util/memoize";
import { readDomain08 } from "./domain-08";
import { readDomain09 } from "./domain-09";
import { Lookup, attachedSeeds } from "./link";
import { autostartOf, nameOf, networkShape, readNetwork } from "./networks";
import { isMark, has, isObject, textFact, type Raw, type RawObject, type RawResource } from "./raw";
import { isFromElsewhere } from "./plugins";
import { fromComponents, roleOf } from "./roles";
import type { RawStack } from "./state";
import { idFact, readPool, readSeed, readVolume, textsOf } from "./storage";
import type { UnresolvedDomain } from "./unresolved";
import { own } from "../../util/own";
import { writtenDisk } from "./written-disks";

export interface BuildOptions {
    /** Role of a domain that nothing else declares, by libvirt's name. */
    readonly roleOf?: (domain: string) => Role | undefined;
}

type Kind =
    | "domain"
    | "network"
    | "volume"
    | "pool"
    | "seed"
    | "provider"
    | "actuator"
    | "component"
    | "unrecognised"
    | "other";

/**
 * Packages whose resources are values in the state and nothing else. Any other may run what it likes where
 * Pulumi runs.
 */
const HARMLESS: ReadonlySet<string> = new Set(["pulumi", "random", "tls"]);

/** Packages whose plugin runs steps. Their resources are actuators. */
const STEPS: ReadonlySet<string> = new Set(["command", "sallyport"]);

/** Stacks, and what another stack says. Dynamic resources are programs. */
const PULUMI: ReadonlySet<string> = new Set(["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"]);

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

/** By type token: `libvirt:index/domain:Domain`, whatever the package's version. */
const kindOf = memoize((raw: RawResource): Kind => {
    const [pkg = "", , last = ""] = raw.type.split(":");
    if (raw.type.startsWith("pulumi:providers:")) {
        // A plugin from elsewhere is an unknown program, whatever its package is called.
        if (isFromElsewhere(raw)) {
            return "actuator";
        }
        if (last === "libvirt") {
            return "provider";
        }
        return STEPS.has(last) || HARMLESS.has(last) ? "other" : "actuator";
    }
    if (pkg === "libvirt") {
        const kinds: Readonly<Record<string, Kind>> = {
            domain: "domain",
            network: "network",
            volume: "volume",
            pool: "pool",
            cloudinitdisk: "seed",
        };
        return own(kinds, last.toLowerCase()) ?? "unrecognised";
    }
    if (pkg === "command" || pkg.startsWith("pulumi-")) {
        return "actuator";
    }
    // Of the engine's own package these alone run nothing.
    if (pkg === "pulumi") {
        return PULUMI.has(raw.type) ? "other" : "actuator";
    }
    if (!raw.custom) {
        return "component";
    }
    return HARMLESS.has(pkg) ? "other" : "actuator";
});

function resourceOf(raw: RawResource, shape: Shape): Resource {
    const {
        urn,
        type,
        name,
        parent,
        dependsOn,
        propertyDependencies,
        protect,
        deleteBeforeReplace,
        retainOnDelete,
        ignoreChanges,
        operation,
        secretInputs,
    } = raw;
    return {
        id: urn,
        type,
        name,
        shape,
        dependsOn,
        propertyDependencies,
        protect,
        ignoreChanges,
        secretInputs,
        ...(parent === undefined ? {} : { parent }),
        ...(deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace }),
        ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
        ...(operation === undefined ? {} : { operation }),
    };
}

/** A resource that no rule looks into. */
const unread = (raw: RawResource): Resource => ({
    ...resourceOf(raw, "unrecognised"),
    digest: () => sealOf(raw.properties),
});

const origin = (raw: RawResource): Origin => ({ resource: raw.urn, path: "" });

const ONLY_08 = [
    "networkInterfaces",
    "disks",
    "cloudinit",
    "consoles",
    "graphics",
    "filesystems",
    "coreosIgnition",
    "qemuAgent",
    "firmware",
    "machine",
    "xml",
];
const ONLY_09 = ["devices", "os", "features", "memoryBacking", "clock", "pm", "onCrash"];

function domainShape(raw: RawObject): Shape | undefined {
    const old = ONLY_08.some((key) => has(raw, key));
    const recent = ONLY_09.some((key) => has(raw, key));
    return shapeOf(old, recent);
}

function uriOf(provider: RawResource): Fact<string> {
    const at = below(origin(provider), "uri");
    const uri = textFact(provider.properties.uri, at);
    if (uri.kind !== "known") {
        return hidden(uri);
    }
    return uri.value === undefined
        ? unknown(at, "the provider takes it from LIBVIRT_DEFAULT_URI")
        : known(uri.value, at);
}

/** Hosts by provider: known URIs, however spelled, make one host of two providers; unknown ones never do. */
function hostsOf(raws: readonly RawResource[]): {
    readonly hosts: readonly Host[];
    readonly keyOf: (provider: string | undefined) => string;
} {
    const hosts = new Map<string, Host>();
    const keys = new Map<string, string>();
    const spelled = new Map<string, string>();
    const add = (urn: string, uri: Fact<string>): void => {
        const same = uri.kind === "known" ? hostKeyOf(uri.value) : urn;
        // Called as it is spelled first: findings show it, and virsh takes it. Only URIs that HS-08 allows
        // have two spellings.
        const key = spelled.get(same) ?? (uri.kind === "known" ? uri.value : urn);
        spelled.set(same, key);
        const before = hosts.get(key);
        hosts.set(key, { key, uri: before?.uri ?? uri, providers: [...(before?.providers ?? []), urn] });
        keys.set(urn, key);
    };
    for (const raw of raws.filter((r) => kindOf(r) === "provider")) {
        add(raw.urn, uriOf(raw));
    }
    const used = new Set(
        raws
            .filter((r) => ["domain", "network", "volume", "pool", "seed"].includes(kindOf(r)))
            .map((r) => r.provider ?? ""),
    );
    for (const urn of used) {
        if (!keys.has(urn)) {
            add(urn, unknown({ resource: urn, path: "uri" }, "the provider is not listed"));
        }
    }
    return { hosts: [...hosts.values()], keyOf: (provider) => keys.get(provider ?? "") ?? provider ?? "" };
}

const SHAPES: ReadonlyMap<Kind, (raw: RawObject) => Shape | undefined> = new Map([
    ["domain", domainShape],
    ["network", networkShape],
]);

/** The shape that a provider's own resources show, for those that show none themselves. */
function shapesOf(raws: readonly RawResource[]): ReadonlyMap<string, Shape> {
    const shapes = new Map<string, Shape>();
    for (const raw of raws) {
        const shape = SHAPES.get(kindOf(raw))?.(raw.properties);
        if (shape !== undefined && shape !== "unrecognised") {
            const before = shapes.get(raw.provider ?? "");
            shapes.set(raw.provider ?? "", before === undefined || before === shape ? shape : "unrecognised");
        }
    }
    return shapes;
}

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

type Named = Pick<Network, "resource" | "host" | "name"> & { readonly pool?: Fact<string | undefined> };

/**
 * Two of one name are one object on the host: the second is refused, or takes the first for its own. A seed
 * in a pool is a volume.
 */
function problemsOf(
    networks: readonly Network[],
    domains: readonly Domain[],
    pools: readonly Pool[],
    stored: readonly Named[],
): Problem[] {
    const twice = (what: string, records: readonly Named[]): Problem[] => {
        const seen = new Map<string, string>();
        return records.flatMap(({ resource, host, name, pool }) => {
            const place = pool?.kind === "known" ? pool.value : undefined;
            const key =
                name.kind === "known" && (pool === undefined || place !== undefined)
                    ? JSON.stringify([host, place, name.value])
                    : resource.id;
            const before = seen.get(key);
            seen.set(key, resource.id);
            return before === undefined
                ? []
                : [
                      {
                          at: name.at,
                          what: `${before} is a ${what} of the same name on the same host`,
                          fix: "give one of them another name",
                      },
                  ];
        });
    };
    return [
        ...twice("network", networks),
        ...twice("domain", domains),
        ...twice(
            "pool",
            pools.map(({ resource, host, name }) => ({ resource, host, name })),
        ),
        ...twice("volume", stored),
    ];
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
