/** Domains of provider 0.9, whose inputs mirror libvirt's XML. */
import {
    below,
    digestOfNode,
    element,
    hidden,
    holds,
    known,
    marked,
    opaque,
    valueAt,
    type Node,
    type Origin,
} from "..";
import { domainFacts } from "./domain-facts";
import { object } from "./objects";
import { booleanFact, type RawObject } from "./raw";
import type { UnresolvedDomain } from "./unresolved";
import { CHARACTER_DEVICES, DISK_TYPES, NIC_TYPES, RNG_BACKENDS, VARIANTS } from "./vocabulary-09";
import { own } from "../../util/own";

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
        return {
            ...node,
            children: [...node.children, { name: "type", value: source.value, children: [], at: source.at }],
        };
    }
    const given = node.children.find((child) => child.name === "type");
    const branches = source.children.filter((child) => types.has(child.name));
    const [branch] = branches;
    const others = node.children.filter((child) => child !== source && child !== given);
    // Early releases had a type beside the source: one that says otherwise decides nothing.
    const agrees =
        given === undefined || (given.value.kind === "known" && given.value.value === branch?.name);
    if (branch === undefined || branches.length > 1 || !agrees) {
        const several = agrees ? "several sources at once" : "a type that is not its source's";
        const why =
            branch === undefined
                ? `no source that is known: ${source.children.map((c) => c.name).join(", ") || "none"}`
                : several;
        return {
            ...node,
            children: [
                ...others,
                {
                    name: "type",
                    value: opaque(source.at, `${why} ${marked(digestOfNode(node))}`),
                    children: [],
                    at: source.at,
                },
            ],
        };
    }
    const inner =
        branch.value.kind === "known"
            ? [...source.children.filter((child) => child !== branch), ...branch.children]
            : [{ ...branch, name: branch.name }];
    // `source: { file: "/x" }` of early releases: the branch itself is the value.
    const scalar =
        branch.children.length === 0 && branch.value.kind === "known" && branch.value.value !== undefined
            ? [{ ...branch, name: branch.name === "block" || branch.name === "direct" ? "dev" : branch.name }]
            : [];
    return {
        ...node,
        children: [
            ...others,
            { name: "type", value: known(branch.name, branch.at), children: [], at: branch.at },
            element("source", source.at, [...inner, ...scalar]),
        ],
    };
}

/** A node whose kind is the name of one of its children; of several it is not known which counts. */
function kinded(node: Node, rest: readonly Node[], variants: readonly Node[], source?: Node): Node {
    const [variant] = variants;
    if (variant === undefined) {
        return { ...node, children: rest };
    }
    const single = variant.value.kind === "known" ? known(variant.name, variant.at) : hidden(variant.value);
    const value =
        variants.length > 1
            ? opaque(
                  variant.at,
                  `several kinds at once: ${variants.map((v) => v.name).join(", ")} ` +
                      `${marked(digestOfNode(node))}`,
              )
            : single;
    const inner = variant.children.map(typed);
    return {
        ...node,
        children: [
            ...rest,
            { name: "type", value, children: [], at: variant.at },
            ...(source === undefined ? inner : [element("source", source.at, inner)]),
        ],
    };
}

/** Kinds that the provider nests and the XML has as a type. */
function typed(node: Node): Node {
    const given = node.children.find((child) => child.name === "type");
    if (given !== undefined) {
        const sources = CHARACTER_DEVICES.has(node.name)
            ? node.children.filter((child) => child.name === "source")
            : [];
        const agrees = sources.every((s) =>
            s.children.every((branch) => given.value.kind === "known" && branch.name === given.value.value),
        );
        const type: Node = agrees
            ? given
            : {
                  ...given,
                  value: opaque(given.at, `a type that is not its source's ${marked(digestOfNode(node))}`),
              };
        return { ...node, children: node.children.map((child) => (child === given ? type : typed(child))) };
    }
    const kinds = own(VARIANTS, node.name);
    if (kinds !== undefined) {
        const variants = node.children.filter((child) => kinds.includes(child.name));
        return kinded(node, node.children.filter((child) => !variants.includes(child)).map(typed), variants);
    }
    const source = node.children.find((child) => child.name === "source");
    if (CHARACTER_DEVICES.has(node.name) && source !== undefined) {
        return source.value.kind === "known"
            ? kinded(
                  node,
                  node.children.filter((c) => c !== source),
                  source.children,
                  source,
              )
            : {
                  ...node,
                  children: [
                      ...node.children,
                      { name: "type", value: source.value, children: [], at: source.at },
                  ],
              };
    }
    if (node.name === "backend") {
        const [backend, ...more] = node.children.filter((child) => RNG_BACKENDS.has(child.name));
        if (backend !== undefined) {
            const model =
                more.length > 0
                    ? opaque(backend.at, "several backends at once")
                    : known(backend.name, backend.at);
            return {
                ...node,
                value: backend.name === "random" ? backend.value : known(undefined, backend.at),
                children: [
                    { name: "model", value: model, children: [], at: backend.at },
                    ...backend.children,
                ],
            };
        }
    }
    return { ...node, children: node.children.map(typed) };
}

/**
 * What libvirt adds by itself when nothing is said: a memory balloon, a USB controller, keyboard and mouse.
 */
function libvirtDefaults(devices: Node): Node[] {
    const at = devices.at;
    const closed = devices.children.some(
        (child) => child.name === "controller" && child.value.kind !== "known",
    );
    const usb = devices.children.some(
        (child) =>
            child.name === "controller" && holds(valueAt(child, "type"), (type) => type === "usb") === "yes",
    );
    return [
        ...(devices.children.some((child) => child.name === "memballoon")
            ? []
            : [element("memballoon", at, [element("model", at, [], "virtio")])]),
        ...(usb || closed ? [] : [element("controller", at, [element("type", at, [], "usb")])]),
    ];
}

/** A device with its source written as a type. */
function unfolded(device: Node): Node {
    if (device.name === "interface") {
        return unfold(device, NIC_TYPES);
    }
    return device.name === "disk" ? unfold(device, DISK_TYPES) : typed(device);
}

export function readDomain09(raw: RawObject, at: Origin): UnresolvedDomain {
    const plain = object(
        "domain",
        raw,
        at,
        new Set(["name", "id", "domainId", "autostart", "running", "create", "destroy"]),
    );
    const devices = plain.children.find((child) => child.name === "devices") ?? element("devices", at);
    const shaped: Node = {
        ...devices,
        children: [
            ...devices.children.map(unfolded),
            ...(devices.value.kind === "known" ? libvirtDefaults(devices) : []),
        ],
    };
    const tree: Node = {
        ...plain,
        children: [...plain.children.filter((child) => child !== devices).map(typed), shaped],
    };
    const facts = domainFacts(tree);
    const fed = { fedBy: "devices" };
    return {
        ...facts,
        nics:
            facts.nics.kind === "known"
                ? { ...facts.nics, value: facts.nics.value.map((nic) => ({ ...nic, ...fed })) }
                : facts.nics,
        disks:
            facts.disks.kind === "known"
                ? { ...facts.disks, value: facts.disks.value.map((disk) => ({ ...disk, ...fed })) }
                : facts.disks,
        autostart: booleanFact(raw.autostart, below(at, "autostart"), false),
        shape: "provider-0.9",
        stylesheet: { kind: "none" },
    };
}
