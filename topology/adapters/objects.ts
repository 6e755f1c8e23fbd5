/** Provider 0.9 mirrors libvirt's XML in objects; this turns them back into the tree that XML gives. */
import { below, element, hiddenNode, plainName, type Node, type Origin } from "../model";
import { absent, isList, isMark, isObject, markFact, type Raw, type RawObject } from "./raw";

/** Lists that the provider names in the plural; the XML repeats the singular. */
const SINGULAR: Readonly<Record<string, string>> = {
    disks: "disk", interfaces: "interface", channels: "channel", consoles: "console", serials: "serial", parallels: "parallel", videos: "video",
    sounds: "sound", hostdevs: "hostdev", rngs: "rng", filesystems: "filesystem", redirdevs: "redirdev", controllers: "controller",
    inputs: "input", shmems: "shmem", memballoons: "memballoon", tpms: "tpm", watchdogs: "watchdog", panics: "panic", smartcards: "smartcard",
    leases: "lease", audios: "audio", memorydevs: "memory", hubs: "hub", ips: "ip", routes: "route", portgroups: "portgroup", hosts: "host",
    forwarders: "forwarder", ranges: "range", timers: "timer", features: "feature", bootdevices: "boot", listeners: "listen", txts: "txt", srvs: "srv",
};
/** "features" and the like are single elements directly under a domain. */
const SINGLE_AT_TOP: ReadonlySet<string> = new Set(["features"]);

/** A value and its attributes, flattened by the provider into one level: `memoryDumpCore` is `<memory dumpCore=…>`. */
const FLATTENED: Readonly<Record<string, readonly [string, string]>> = {
    memoryunit: ["memory", "unit"], memorydumpcore: ["memory", "dumpCore"], currentmemoryunit: ["currentMemory", "unit"],
    typemachine: ["type", "machine"], typearch: ["type", "arch"], modelfallback: ["model", "fallback"], modelvendorid: ["model", "vendor_id"],
    vcpuplacement: ["vcpu", "placement"], vcpucpuset: ["vcpu", "cpuset"], vcpucurrent: ["vcpu", "current"],
    loaderreadonly: ["loader", "readonly"], loadertype: ["loader", "type"], loadersecure: ["loader", "secure"],
};

function merged(nodes: readonly Node[]): Node[] {
    const flat = nodes.filter((n) => FLATTENED[n.name] !== undefined);
    const heads = new Map(nodes.filter((n) => FLATTENED[n.name] === undefined).map((n) => [n.name, n] as const));
    if (flat.length === 0) {
        return [...nodes];
    }
    const rest = nodes.filter((n) => FLATTENED[n.name] === undefined);
    for (const node of flat) {
        const [head, attribute] = FLATTENED[node.name] ?? ["", ""];
        const owner = heads.get(plainName(head)) ?? element(head, node.at);
        const grown = { ...owner, children: [...owner.children, { ...node, name: plainName(attribute) }] };
        const index = rest.findIndex((n) => n.name === owner.name);
        heads.set(grown.name, grown);
        rest.splice(index === -1 ? rest.length : index, index === -1 ? 0 : 1, grown);
    }
    return rest;
}

function nodes(name: string, raw: Raw, at: Origin, top: boolean): Node[] {
    if (absent(raw)) {
        return [];
    }
    if (isMark(raw)) {
        return [hiddenNode(SINGULAR[plainName(name)] ?? name, markFact(raw, at))];
    }
    if (isList(raw)) {
        const single = SINGULAR[plainName(name)] ?? name;
        return raw.flatMap((item, i) => nodes(single, item, below(at, i), false)).map((n) => (single === "boot" && n.children.length === 0 ? element("boot", n.at, [{ ...n, name: "dev" }]) : n));
    }
    if (isObject(raw)) {
        const plain = plainName(name);
        return [object(SINGLE_AT_TOP.has(plain) && top ? name : name, raw, at)];
    }
    // Presence-only elements are true or left out; attributes that are yes or no may be booleans too.
    return raw === false ? [element(name, at, [], "no")] : [element(name, at, [], raw === true ? "yes" : String(raw))];
}

/** A tree of an object's properties. */
export function object(name: string, raw: RawObject, at: Origin, skip: ReadonlySet<string> = new Set()): Node {
    const children = Object.entries(raw).filter(([key]) => !skip.has(key)).flatMap(([key, value]) => nodes(key, value, below(at, key), true));
    return element(name, at, merged(children));
}
