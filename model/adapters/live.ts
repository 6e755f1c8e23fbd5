/**
 * The model of a running host, from libvirt's own XML (`virsh dumpxml`, `virsh net-dumpxml`). What that does
 * not show (roles, seeds, what disks are based on, steps) comes from the stack that declares it, when there
 * is one; else it is opaque, and a problem says so.
 */
import {
    hidden,
    holds,
    known,
    opaque,
    valueAt,
    type Disk,
    type Domain,
    type Fact,
    type Host,
    type Model,
    type Network,
    type Node,
    type Problem,
    type Resource,
    type Volume,
} from "..";
import { PARTITION, WATCHDOG } from "../../values/host-adds";
import { hostKeyOf } from "../../values/libvirt-uri";
import { domainFacts } from "./domain-facts";
import { attachedSeeds } from "./attached-seeds";
import { Lookup } from "./link";
import { differing, footprintOf } from "./live-compare";
import { isNamed, isRunning, parse, type Kind, type LiveHost, type Parsed } from "./live-host";
import { resolveNics, type Wires } from "./live-nics";
import { networkFacts } from "./network-facts";
import { domainTouches, networkTouches, type HostObjects } from "./strangers";
import { parseXml } from "./xml";

/** Read once more as the resource that declares it, so that findings and dependencies are about that. */
function placed(
    kind: Kind,
    { tree, name, uri, xml }: Parsed,
    declared: Resource | undefined,
): { readonly tree: Node; readonly resource: Resource } {
    if (declared !== undefined) {
        return {
            tree: parseXml(xml, { resource: declared.id, path: "" }),
            resource: { ...declared, shape: "libvirt-xml" },
        };
    }
    return {
        tree,
        resource: {
            id: `${kind} ${name} at ${uri}`,
            type: kind,
            name,
            shape: "libvirt-xml",
            dependsOn: [],
            propertyDependencies: {},
            protect: false,
            ignoreChanges: [],
            secretInputs: [],
        },
    };
}

/** Whether an element is exactly these values, besides what names or places it. */
const isExactly = (node: Node, values: Readonly<Record<string, string>>): boolean =>
    node.value.kind === "known" &&
    (node.value.value ?? "") === "" &&
    node.children.every((child) => child.name === "alias" || Object.hasOwn(values, child.name)) &&
    Object.entries(values).every(
        ([name, wanted]) => holds(valueAt(node, name), (value) => value === wanted) === "yes",
    );

/**
 * The tree without what libvirt has added to it by itself: of each thing one, and only by its value
 * (host-adds.ts).
 */
function withoutAdditions(tree: Node): Node {
    const less = (parent: Node, name: string, values: Readonly<Record<string, string>>): Node => {
        const added = parent.children.find((child) => child.name === name && isExactly(child, values));
        return { ...parent, children: parent.children.filter((child) => child !== added) };
    };
    const settled = less(tree, "resource", { partition: PARTITION });
    return {
        ...settled,
        children: settled.children.map((child) =>
            child.name === "devices" ? less(child, "watchdog", WATCHDOG) : child,
        ),
    };
}

const without = (node: Node, ...names: readonly string[]): Node => ({
    ...node,
    children: node.children.filter((child) => !names.includes(child.name)),
});

/** Whether a `<source>` is this volume, by its path or by pool and name. */
function isVolume(source: Node, volume: Volume): boolean {
    const is = (path: string, fact: Fact<string | undefined>): boolean => {
        const value = valueAt(source, path);
        return (
            value.kind === "known" &&
            value.value !== undefined &&
            fact.kind === "known" &&
            fact.value === value.value
        );
    };
    return (
        source.children.every(({ name }) => ["file", "pool", "volume", "index"].includes(name)) &&
        (is("file", volume.id) || (is("pool", volume.pool) && is("volume", volume.name)))
    );
}

/**
 * libvirt shows what a running disk is based on. That is the volume's affair (CI-14): here it is left out
 * when there is nothing, or nothing but what the volume is declared to be based on.
 */
function withoutChain(disk: Disk, volumes: ReadonlyMap<string, Volume>): Disk {
    const own =
        disk.source.kind === "known" && disk.source.value.from === "volume"
            ? volumes.get(disk.source.value.volume)
            : undefined;
    const ref = own?.base.kind === "known" ? own.base.value : undefined;
    const base = ref?.from === "volume" ? volumes.get(ref.volume) : undefined;
    const layers = (node: Node): readonly Node[] =>
        node.children.filter((child) => child.name === "backingstore");
    const expected = (layer: Node): boolean => {
        const sources = layer.children.filter((child) => child.name === "source");
        return base === undefined
            ? layer.children.length === 0
            : sources.length === 1 &&
                  sources.every((source) => isVolume(source, base)) &&
                  layers(layer).every((end) => end.children.length === 0);
    };
    return layers(disk.xml).every(expected) ? { ...disk, xml: without(disk.xml, "backingstore") } : disk;
}

function liveNetwork(parsed: Parsed, starts: boolean, declared: Network | undefined): Network {
    const { tree, resource } = placed("network", parsed, declared?.resource);
    const id = valueAt(tree, "uuid");
    return {
        resource,
        host: parsed.uri,
        name: known(parsed.name, tree.at),
        id: id.kind === "known" ? known(id.value ?? "", id.at) : hidden(id),
        ...networkFacts(without(tree, "name")),
        autostart: known(starts, tree.at),
        stylesheet: { kind: "none" },
    };
}

function liveDomain(
    parsed: Parsed,
    starts: boolean,
    declared: Domain | undefined,
    lookup: Lookup,
    volumes: ReadonlyMap<string, Volume>,
    wires: Wires,
): Domain {
    const { tree, resource } = placed("domain", parsed, declared?.resource);
    const facts = domainFacts(resolveNics(withoutAdditions(tree), wires));
    const disks: Domain["disks"] =
        facts.disks.kind === "known"
            ? {
                  ...facts.disks,
                  value: lookup
                      .disks(parsed.uri, facts.disks.value, {})
                      .map((disk) => withoutChain(disk, volumes)),
              }
            : hidden(facts.disks);
    return {
        resource,
        host: parsed.uri,
        name: known(parsed.name, tree.at),
        disks,
        devices: facts.devices,
        xml: without(facts.xml, "id"),
        nics:
            facts.nics.kind === "known"
                ? { ...facts.nics, value: facts.nics.value.map((nic) => lookup.nic(parsed.uri, nic, {})) }
                : hidden(facts.nics),
        role: declared?.role ?? known(undefined, tree.at),
        enclave: declared?.enclave ?? known(undefined, tree.at),
        ...(declared?.allowDataLoss === true ? { allowDataLoss: true as const } : {}),
        autostart: known(starts, tree.at),
        seeds:
            declared === undefined
                ? opaque(tree.at, "libvirt's XML names a seed's volume, not its contents")
                : attachedSeeds(disks, undefined, [], lookup, volumes),
        stylesheet: { kind: "none" },
        running: isRunning(tree),
    };
}

const BLIND: Problem = {
    at: { resource: "live", path: "" },
    what:
        "libvirt's XML shows no seeds, and so no firewall and no torrc; nor who is a Gateway, what " +
        "disks are based on, or which rules a filter has",
    fix: "read the stack that declares it as well: --live --stack NAME, or --live --file export.json",
};

type Declared = { readonly resource: Resource; readonly host: string; readonly name: Fact<string> };

const gone = (kind: Kind, { resource, host }: Declared): Problem => ({
    at: { resource: resource.id, path: "" },
    what: `the ${kind} is declared and not at ${host}`,
    fix: "run bin/pulumi refresh, then bin/pulumi up; or name the host with --uri",
});

function missing(kind: Kind, declared: readonly Declared[], uri: string, live: readonly Parsed[]): Problem[] {
    const names = new Set(live.map(({ name }) => name));
    return declared
        .filter(({ host, name }) => host === uri && !(name.kind === "known" && names.has(name.value)))
        .map((record) => gone(kind, record));
}

const networkOrDomain = (declared: Model | undefined, record: Declared): Kind =>
    declared?.networks.some((n) => n === record) === true ? "network" : "domain";

interface Read {
    readonly domains: readonly Parsed[];
    readonly networks: readonly Parsed[];
    readonly pools: readonly Parsed[];
    readonly next: { readonly domains: readonly Parsed[]; readonly networks: readonly Parsed[] };
}

const byName = (list: readonly Parsed[]): ReadonlyMap<string, Node> =>
    new Map(list.map(({ name, tree }) => [name, tree]));

/** Libvirt's memory is not the kernel: where this machine's can be asked, it has to answer. */
const unreadKernel = ({ uri, taps }: LiveHost): Problem[] =>
    taps.from !== "unknown"
        ? []
        : [
              {
                  at: { resource: `host ${uri}`, path: "" },
                  what: `this machine's kernel does not say which bridge each tap is on: ${taps.why}`,
                  fix: "mount sysfs (mount -t sysfs sysfs /sys), or run plan --live on the host itself",
              },
          ];

/** The domains, networks and pools of one host that are the stack's, or touch it. */
function liveHost(
    host: LiveHost,
    declared: Model | undefined,
): Pick<Model, "networks" | "domains" | "problems"> {
    const { uri } = host;
    const all = (kind: Kind, list: readonly string[]): Parsed[] => list.map((xml) => parse(kind, xml, uri));
    const read: Read = {
        domains: all("domain", host.domains),
        networks: all("network", host.networks),
        pools: all("pool", host.pools),
        next: { domains: all("domain", host.next.domains), networks: all("network", host.next.networks) },
    };
    const objects: HostObjects = { networks: byName(read.networks), pools: byName(read.pools) };
    const stack =
        declared === undefined ? undefined : { declared, footprint: footprintOf(declared, uri, read) };
    const later = { domains: byName(read.next.domains), networks: byName(read.next.networks) };
    const networks = read.networks.flatMap((parsed): Network[] => {
        const own = declared?.networks.find(isNamed(uri, parsed.name));
        const network = liveNetwork(parsed, host.autostart.networks.includes(parsed.name), own);
        if (stack === undefined || own !== undefined) {
            return [network];
        }
        const next = later.networks.get(parsed.name);
        const touches = [parsed.tree, ...(next === undefined ? [] : [next])].flatMap((tree) =>
            networkTouches(tree, stack.footprint),
        );
        return touches.length === 0 ? [] : [{ ...network, touches }];
    });
    const volumes = declared?.volumes ?? [];
    const lookup = new Lookup(networks, volumes, declared?.seeds ?? []);
    const byId = new Map(volumes.map((v) => [v.resource.id, v]));
    const wires: Wires = { networks: objects.networks, active: new Set(host.active), taps: host.taps };
    const domains = read.domains.flatMap((parsed): Domain[] => {
        const own = declared?.domains.find(isNamed(uri, parsed.name));
        const made = (): Domain =>
            liveDomain(parsed, host.autostart.domains.includes(parsed.name), own, lookup, byId, wires);
        if (stack === undefined || own !== undefined) {
            return [made()];
        }
        const next = later.domains.get(parsed.name);
        const found = [parsed.tree, ...(next === undefined ? [] : [next])].map((tree) =>
            domainTouches(tree, stack.footprint, objects),
        );
        const touches = { wires: found.flatMap((t) => t.wires), files: found.flatMap((t) => t.files) };
        return touches.wires.length + touches.files.length === 0 ? [] : [{ ...made(), touches }];
    });
    const problems =
        stack === undefined
            ? []
            : [
                  ...missing("network", declared?.networks ?? [], uri, read.networks),
                  ...missing("domain", declared?.domains ?? [], uri, read.domains),
                  ...missing("pool", declared?.pools ?? [], uri, read.pools),
                  ...differing(stack.declared, host, read, { networks, domains }, stack.footprint),
              ];
    return { networks, domains, problems: [...problems, ...unreadKernel(host)] };
}

/** What the stack calls the libvirt that was read: one host has many spellings (hostKey). */
const keyOf = (uri: string, declared: Model | undefined): string =>
    declared?.hosts.find((host) => host.uri.kind === "known" && hostKeyOf(host.uri.value) === hostKeyOf(uri))
        ?.key ?? uri;

/**
 * The model of these hosts; with a stack that declares what is there, of that, and of all others that touch
 * what is its own.
 * @throws InputError for XML that is not well-formed or of another kind
 */
export function readLive(given: readonly LiveHost[], declared?: Model): Model {
    const hosts = given.map((host): LiveHost => ({ ...host, uri: keyOf(host.uri, declared) }));
    const found = hosts.map((host) => liveHost(host, declared));
    const read = hosts.map((h): Host => {
        const host = declared?.hosts.find((d) => d.key === h.uri) ?? {
            key: h.uri,
            uri: known(h.uri, { resource: h.uri, path: "uri" }),
            providers: [],
        };
        return h.taps.from === "libvirt" ? { ...host, tapsByLibvirt: true } : host;
    });
    const unread =
        declared === undefined
            ? []
            : [...declared.networks, ...declared.domains].filter(
                  ({ host }) => !hosts.some(({ uri }) => uri === host),
              );
    const problems = [
        ...(declared === undefined ? [BLIND] : declared.problems.filter((p) => p.readLive !== true)),
        ...found.flatMap((f) => f.problems),
        ...unread.map((record): Problem => gone(networkOrDomain(declared, record), record)),
    ];
    const none = {
        seeds: [],
        volumes: [],
        pools: [],
        actuators: [],
        components: [],
        unrecognised: [],
        others: [],
    };
    return {
        ...none,
        ...declared,
        source: "live",
        hosts: read,
        networks: found.flatMap((f) => f.networks),
        domains: found.flatMap((f) => f.domains),
        problems,
    };
}
