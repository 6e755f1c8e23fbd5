/**
 * The model of a running host, from libvirt's own XML (`virsh dumpxml`, `virsh net-dumpxml`). What that does not show
 * (roles, seeds, what disks are based on, steps) comes from the stack that declares it, when there is one; else it is
 * opaque, and a problem says so.
 */
import {
    element, hidden, known, opaque, possible, valueAt,
    type Attachment, type Disk, type Domain, type Fact, type Host, type Model, type Network, type Node, type Problem, type Resource, type Volume,
} from "../model";
import { domainFacts } from "./domain-facts";
import { InputError } from "./input-error";
import { Lookup, attachedSeeds } from "./link";
import { networkFacts } from "./network-facts";
import { parseXml } from "./xml";

/** What was read from one host. */
export interface LiveHost {
    readonly uri: string;
    /** XML of each. */
    readonly domains: readonly string[];
    readonly networks: readonly string[];
    /** Names of those that start with the host: the XML does not say it. */
    readonly autostart: { readonly domains: readonly string[]; readonly networks: readonly string[] };
}

type Kind = "domain" | "network";

interface Parsed {
    readonly tree: Node;
    readonly name: string;
    readonly uri: string;
    readonly xml: string;
}

function parse(kind: Kind, xml: string, uri: string): Parsed {
    const called = /<name>([^<]*)<\/name>/.exec(xml)?.[1]?.trim() ?? "";
    const id = `${kind} ${called} at ${uri}`;
    const tree = parseXml(xml, { resource: id, path: "" });
    if (tree.name !== kind) {
        throw new InputError(`${id}: the XML is a <${tree.name}>, not a <${kind}>`, `use virsh ${kind === "domain" ? "dumpxml" : "net-dumpxml"}`);
    }
    const name = valueAt(tree, "name");
    if (name.kind !== "known" || name.value === undefined || name.value === "") {
        throw new InputError(`${id}: the XML has no name`, "read it from libvirt again");
    }
    return { tree, name: name.value, uri, xml };
}

/** Read once more as the resource that declares it, so that findings and dependencies are about that. */
function placed(kind: Kind, { tree, name, uri, xml }: Parsed, declared: Resource | undefined): { readonly tree: Node; readonly resource: Resource } {
    if (declared !== undefined) {
        return { tree: parseXml(xml, { resource: declared.id, path: "" }), resource: { ...declared, shape: "libvirt-xml" } };
    }
    return { tree, resource: {
        id: `${kind} ${name} at ${uri}`, type: kind, name, shape: "libvirt-xml", dependsOn: [], propertyDependencies: {}, protect: false, ignoreChanges: [], secretInputs: [],
    } };
}

/** libvirt shows a NIC of a network that only names a bridge as one of the bridge; it names the network all the same. */
function asNetworks(tree: Node): Node {
    const named = (nic: Node): Node => {
        const network = valueAt(nic, "source.network");
        return nic.name === "interface" && network.kind === "known" && network.value !== undefined
            ? { ...nic, children: nic.children.map((child) => (child.name === "type" ? element("type", child.at, [], "network") : child)) } : nic;
    };
    return { ...tree, children: tree.children.map((child) => (child.name === "devices" ? { ...child, children: child.children.map(named) } : child)) };
}

const without = (node: Node, ...names: readonly string[]): Node => ({ ...node, children: node.children.filter((child) => !names.includes(child.name)) });

/** Whether a `<source>` is this volume, by its path or by pool and name. */
function isVolume(source: Node, volume: Volume): boolean {
    const is = (path: string, fact: Fact<string | undefined>): boolean => {
        const value = valueAt(source, path);
        return value.kind === "known" && value.value !== undefined && fact.kind === "known" && fact.value === value.value;
    };
    return is("file", volume.id) || (is("pool", volume.pool) && is("volume", volume.name));
}

/**
 * libvirt shows what a running disk is based on. That is the volume's affair (CI-14): here it is left out when there is
 * nothing, or nothing but what the volume is declared to be based on.
 */
function withoutChain(disk: Disk, volumes: ReadonlyMap<string, Volume>): Disk {
    const own = disk.source.kind === "known" && disk.source.value.from === "volume" ? volumes.get(disk.source.value.volume) : undefined;
    const ref = own?.base.kind === "known" ? own.base.value : undefined;
    const base = ref?.from === "volume" ? volumes.get(ref.volume) : undefined;
    const layers = (node: Node): readonly Node[] => node.children.filter((child) => child.name === "backingstore");
    const expected = (layer: Node): boolean => layer.children.length === 0 || (
        base !== undefined && layer.children.filter((child) => child.name === "source").every((source) => isVolume(source, base)) && layers(layer).every((end) => end.children.length === 0));
    return layers(disk.xml).every(expected) ? { ...disk, xml: without(disk.xml, "backingstore") } : disk;
}

const isNamed = (uri: string, name: string) => (record: { readonly host: string; readonly name: Fact<string> }): boolean =>
    record.host === uri && record.name.kind === "known" && record.name.value === name;

function liveNetwork(parsed: Parsed, starts: boolean, declared: Network | undefined): Network {
    const { tree, resource } = placed("network", parsed, declared?.resource);
    const id = valueAt(tree, "uuid");
    return {
        resource, host: parsed.uri, name: known(parsed.name, tree.at), id: id.kind === "known" ? known(id.value ?? "", id.at) : hidden(id), ...networkFacts(without(tree, "name")),
        autostart: known(starts, tree.at), stylesheet: { kind: "none" },
    };
}

function liveDomain(parsed: Parsed, starts: boolean, declared: Domain | undefined, lookup: Lookup, volumes: ReadonlyMap<string, Volume>): Domain {
    const { tree, resource } = placed("domain", parsed, declared?.resource);
    const facts = domainFacts(asNetworks(tree));
    const disks: Domain["disks"] = facts.disks.kind === "known" ? { ...facts.disks, value: lookup.disks(parsed.uri, facts.disks.value, {}).map((disk) => withoutChain(disk, volumes)) } : hidden(facts.disks);
    return {
        resource, host: parsed.uri, name: known(parsed.name, tree.at), disks, devices: facts.devices, xml: without(facts.xml, "id"),
        nics: facts.nics.kind === "known" ? { ...facts.nics, value: facts.nics.value.map((nic) => lookup.nic(parsed.uri, nic, {})) } : hidden(facts.nics),
        role: declared?.role ?? known(undefined, tree.at), enclave: declared?.enclave ?? known(undefined, tree.at),
        autostart: known(starts, tree.at),
        seeds: declared === undefined ? opaque(tree.at, "libvirt's XML names a seed's volume, not its contents") : attachedSeeds(disks, undefined, [], lookup, volumes),
        stylesheet: { kind: "none" },
    };
}

/** Whether a domain touches a network of the stack, by whatever way. */
function touches(domain: Domain, networks: readonly Network[]): boolean {
    const bridges = new Set(networks.filter((n) => n.host === domain.host).flatMap((n) => possible(n.bridge) ?? []));
    return domain.nics.kind !== "known" || domain.nics.value.some((nic) => {
        const places = possible<Attachment>(nic.attachment);
        return places === undefined || places.some((a) => a.to === "network" || (a.to === "host-bridge" && bridges.has(a.bridge)));
    });
}

const BLIND: Problem = {
    at: { resource: "live", path: "" },
    what: "libvirt's XML shows no seeds, and so no firewall and no torrc; nor who is a Gateway, what disks are based on, or which rules a filter has",
    fix: "read the stack that declares it as well: --live --stack NAME, or --live --file export.json",
};

function missing(kind: Kind, declared: readonly { readonly resource: Resource; readonly host: string; readonly name: Fact<string> }[], live: readonly Parsed[]): Problem[] {
    return declared.filter((d) => !live.some(({ uri, name }) => isNamed(uri, name)(d))).map((d): Problem => ({
        at: { resource: d.resource.id, path: "" }, what: `the ${kind} is declared and not at ${d.host}`, fix: "run bin/pulumi refresh, then bin/pulumi up; or name the host with --uri",
    }));
}

/**
 * The model of these hosts; with a stack that declares what is there, of that, and of whoever else is on its networks.
 * @throws InputError for XML that is not well-formed or of another kind
 */
export function readLive(hosts: readonly LiveHost[], declared?: Model): Model {
    const [networkXml, domainXml] = (["network", "domain"] as const).map((kind) =>
        hosts.flatMap(({ uri, networks, domains }) => (kind === "network" ? networks : domains).map((xml) => parse(kind, xml, uri))));
    const starts = (kind: "domains" | "networks", { uri, name }: Parsed): boolean => hosts.some((h) => h.uri === uri && h.autostart[kind].includes(name));
    const networks = (networkXml ?? []).flatMap((parsed): Network[] => {
        const own = declared?.networks.find(isNamed(parsed.uri, parsed.name));
        return declared !== undefined && own === undefined ? [] : [liveNetwork(parsed, starts("networks", parsed), own)];
    });
    const volumes = declared?.volumes ?? [];
    const lookup = new Lookup(networks, volumes, declared?.seeds ?? []);
    const byId = new Map(volumes.map((v) => [v.resource.id, v]));
    const domains = (domainXml ?? []).flatMap((parsed): Domain[] => {
        const own = declared?.domains.find(isNamed(parsed.uri, parsed.name));
        const domain = liveDomain(parsed, starts("domains", parsed), own, lookup, byId);
        return declared !== undefined && own === undefined && !touches(domain, networks) ? [] : [domain];
    });
    const read = hosts.map((h): Host => declared?.hosts.find((d) => d.key === h.uri) ?? { key: h.uri, uri: known(h.uri, { resource: h.uri, path: "uri" }), providers: [] });
    const problems = declared === undefined ? [BLIND]
        : [...declared.problems.filter((p) => p.readLive !== true), ...missing("network", declared.networks, networkXml ?? []), ...missing("domain", declared.domains, domainXml ?? [])];
    const none = { seeds: [], volumes: [], pools: [], actuators: [], components: [], unrecognised: [], others: [] };
    return { ...none, ...declared, source: "live", hosts: read, networks, domains, problems };
}
