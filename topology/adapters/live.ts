/** The model of a running host, from libvirt's own XML (`virsh dumpxml`, `virsh net-dumpxml`). */
import type { Role } from "../../cloud-init/guest";
import {
    hidden, known, opaque, valueAt, type Domain, type Fact, type Host, type Model, type Network, type Node, type Problem, type Resource, type Seed, type Volume,
} from "../model";
import { domainFacts } from "./domain-facts";
import { InputError } from "./input-error";
import { Lookup } from "./link";
import { networkFacts } from "./network-facts";
import { parseXml } from "./xml";

/** What was read from one host. */
export interface LiveHost {
    readonly uri: string;
    readonly domains: readonly string[];
    readonly networks: readonly string[];
}

export interface LiveOptions {
    /** Role of a domain by libvirt's name; XML does not tell. */
    readonly roleOf?: (domain: string) => Role | undefined;
    readonly enclaveOf?: (domain: string) => string | undefined;
}

function record(kind: "domain" | "network", name: string, uri: string): Resource {
    return {
        id: `${kind} ${name} at ${uri}`, type: kind, name, shape: "libvirt-xml", dependsOn: [], propertyDependencies: {}, protect: false, ignoreChanges: [], secretInputs: [],
    };
}

interface Parsed {
    readonly tree: Node;
    readonly resource: Resource;
    readonly name: Fact<string>;
}

function parse(kind: "domain" | "network", text: string, uri: string): Parsed {
    const name = /<name>([^<]*)<\/name>/.exec(text)?.[1]?.trim() ?? "";
    const resource = record(kind, name, uri);
    const tree = parseXml(text, { resource: resource.id, path: "" });
    if (tree.name !== kind) {
        throw new InputError(`${resource.id}: the XML is a <${tree.name}>, not a <${kind}>`, `use virsh ${kind === "domain" ? "dumpxml" : "net-dumpxml"}`);
    }
    const fact = valueAt(tree, "name");
    return { tree, resource, name: fact.kind !== "known" ? hidden(fact) : fact.value === undefined ? opaque(fact.at, "it has no name") : known(fact.value, fact.at) };
}

/**
 * The model of these hosts. Autostart is not in the XML: it is opaque here and libvirt has to be asked for it.
 * @throws InputError for XML that is not well-formed or of another kind
 */
export function readLive(hosts: readonly LiveHost[], options: LiveOptions = {}): Model {
    const networks: Network[] = [];
    const domains: Domain[] = [];
    const volumes = new Map<string, Volume>();
    const none: readonly Seed[] = [];
    for (const { uri, networks: networkXml, domains: domainXml } of hosts) {
        const own = networkXml.map((text): Network => {
            const { tree, resource, name } = parse("network", text, uri);
            const id = valueAt(tree, "uuid");
            return {
                resource, host: uri, name, id: id.kind === "known" ? known(id.value ?? "", id.at) : hidden(id), ...networkFacts(tree),
                autostart: opaque(tree.at, "libvirt's XML does not say it"), stylesheet: { kind: "none" },
            };
        });
        networks.push(...own);
        const lookup = new Lookup(own, [], none);
        for (const text of domainXml) {
            const { tree, resource, name } = parse("domain", text, uri);
            const facts = domainFacts(tree);
            const called = name.kind === "known" ? name.value : "";
            domains.push({
                resource, host: uri, name,
                nics: facts.nics.kind === "known" ? { ...facts.nics, value: facts.nics.value.map((nic) => lookup.nic(uri, nic, {})) } : hidden(facts.nics),
                disks: facts.disks.kind === "known" ? { ...facts.disks, value: lookup.disks(uri, facts.disks.value, {}) } : hidden(facts.disks),
                devices: facts.devices, xml: facts.xml,
                role: known(options.roleOf?.(called), tree.at),
                enclave: known(options.enclaveOf?.(called), tree.at),
                autostart: opaque(tree.at, "libvirt's XML does not say it"),
                seeds: opaque(tree.at, "libvirt's XML names a seed's volume, not its contents"),
                stylesheet: { kind: "none" },
            });
        }
    }
    const problems: Problem[] = [];
    return {
        source: "live",
        hosts: hosts.map((h): Host => ({ key: h.uri, uri: known(h.uri, { resource: h.uri, path: "uri" }), providers: [] })),
        networks, domains, seeds: [], volumes: [...volumes.values()], pools: [], actuators: [], components: [], unrecognised: [], others: [], problems,
    };
}
