/** Domains of provider 0.9, whose inputs mirror libvirt's XML. */
import { below, element, known, opaque, type Node, type Origin } from "../model";
import { domainFacts } from "./domain-facts";
import { object } from "./objects";
import { booleanFact, type RawObject } from "./raw";
import type { LooseDomain } from "./unlinked";

/** Branches of a NIC's source, each a type of `<interface>` in libvirt. */
const NIC_TYPES: ReadonlySet<string> = new Set([
    "network", "bridge", "direct", "user", "ethernet", "hostdev", "vdpa", "vhostuser", "mcast", "udp", "server", "client", "internal", "vds", "null",
]);
const DISK_TYPES: ReadonlySet<string> = new Set(["file", "block", "volume", "network", "dir", "nvme", "vhostuser", "vhostvdpa"]);

/** `source: { network: { network: "x" } }` is `<interface type="network"><source network="x">`. */
function unfold(node: Node, types: ReadonlySet<string>): Node {
    if (node.value.kind !== "known") {
        return node;
    }
    const source = node.children.find((child) => child.name === "source");
    if (source === undefined) {
        return node;
    }
    if (source.value.kind !== "known") {
        return { ...node, children: [...node.children, { name: "type", value: source.value, children: [], at: source.at }] };
    }
    const branches = source.children.filter((child) => types.has(child.name));
    const [branch] = branches;
    const others = node.children.filter((child) => child !== source && child.name !== "type");
    if (branch === undefined || branches.length > 1) {
        const value = opaque(source.at, branch === undefined ? `no source that is known: ${source.children.map((c) => c.name).join(", ") || "none"}` : "several sources at once");
        return { ...node, children: [...others, { name: "type", value, children: [], at: source.at }] };
    }
    const inner = branch.value.kind === "known" ? [...source.children.filter((child) => child !== branch), ...branch.children] : [{ ...branch, name: branch.name }];
    // `source: { file: "/x" }` of early releases: the branch itself is the value.
    const scalar = branch.children.length === 0 && branch.value.kind === "known" && branch.value.value !== undefined
        ? [{ ...branch, name: branch.name === "block" || branch.name === "direct" ? "dev" : branch.name }]
        : [];
    return {
        ...node,
        children: [...others, { name: "type", value: known(branch.name, branch.at), children: [], at: branch.at }, element("source", source.at, [...inner, ...scalar])],
    };
}

/** Variants that the provider nests (`backend: { random: "/dev/urandom" }`, `spice: {…}`) and the XML has as a type. */
function typed(node: Node): Node {
    const variants: Readonly<Record<string, readonly string[]>> = {
        graphics: ["spice", "vnc", "sdl", "rdp", "dbus", "egl-headless"], hostdev: ["subsyspci", "subsysusb", "subsysmdev", "subsysscsi", "capsnet", "capsstorage", "capsmisc"],
        serial: [], console: [], channel: [], listen: ["address", "network", "socket", "none"],
    };
    const [variant] = node.children.filter((child) => (variants[node.name] ?? []).map((v) => v.replace("-", "")).includes(child.name));
    if (variant !== undefined && !node.children.some((child) => child.name === "type")) {
        return { ...node, children: [...node.children.filter((c) => c !== variant), { name: "type", value: known(variant.name, variant.at), children: [], at: variant.at }, ...variant.children.map(typed)] };
    }
    const source = node.children.find((child) => child.name === "source");
    const kind = source?.children[0];
    if (["serial", "console", "channel"].includes(node.name) && source !== undefined && kind !== undefined && !node.children.some((c) => c.name === "type")) {
        return { ...node, children: [...node.children.filter((c) => c !== source), { name: "type", value: known(kind.name, kind.at), children: [], at: kind.at }, element("source", source.at, kind.children)] };
    }
    return { ...node, children: node.children.map(typed) };
}

/** What libvirt adds by itself when nothing is said: a memory balloon, a USB controller, keyboard and mouse. */
function libvirtDefaults(devices: Node): Node[] {
    const missing = (name: string): boolean => !devices.children.some((child) => child.name === name);
    const at = devices.at;
    return [
        ...(missing("memballoon") ? [element("memballoon", at, [element("model", at, [], "virtio")])] : []),
        ...(missing("controller") ? [element("controller", at, [element("type", at, [], "usb")])] : []),
    ];
}

export function readDomain09(raw: RawObject, at: Origin): LooseDomain {
    const plain = object("domain", raw, at, new Set(["name", "id", "autostart", "running", "create", "destroy"]));
    const devices = plain.children.find((child) => child.name === "devices") ?? element("devices", at);
    const shaped: Node = {
        ...devices,
        children: [
            ...devices.children.map((d) => (d.name === "interface" ? unfold(d, NIC_TYPES) : d.name === "disk" ? unfold(d, DISK_TYPES) : typed(d))),
            ...(devices.value.kind === "known" ? libvirtDefaults(devices) : []),
        ],
    };
    const tree: Node = { ...plain, children: [...plain.children.filter((child) => child !== devices), shaped] };
    const facts = domainFacts(tree);
    const fed = { fedBy: "devices" };
    return {
        ...facts,
        nics: facts.nics.kind === "known" ? { ...facts.nics, value: facts.nics.value.map((nic) => ({ ...nic, ...fed })) } : facts.nics,
        disks: facts.disks.kind === "known" ? { ...facts.disks, value: facts.disks.value.map((disk) => ({ ...disk, ...fed })) } : facts.disks,
        autostart: booleanFact(raw.autostart, below(at, "autostart"), false),
        shape: "provider-0.9",
        stylesheet: { kind: "none" },
    };
}
