/** Typed facts of a domain out of its XML-shaped tree; the same for every source. */
import { hidden, known, mapFact, nodesAt, opaque, valueAt, type Fact, type Node } from "..";
import type {
    UnresolvedAttachment,
    UnresolvedDisk,
    UnresolvedDomain,
    UnresolvedNic,
    UnresolvedSource,
} from "./unresolved";

const text = (node: Node, path: string): string | undefined => {
    const fact = valueAt(node, path);
    return fact.kind === "known" ? fact.value : undefined;
};

/** `<interface type=…><source …/>` (libvirt formatdomain, "Network interfaces"). */
function attachmentOf(nic: Node): Fact<UnresolvedAttachment> {
    const type = valueAt(nic, "type");
    if (type.kind !== "known") {
        return hidden(type);
    }
    const named = (
        key: string,
        make: (value: string) => UnresolvedAttachment,
    ): Fact<UnresolvedAttachment> => {
        const fact = valueAt(nic, `source.${key}`);
        if (fact.kind !== "known") {
            return fact.kind === "unknown" && fact.candidates !== undefined
                ? mapFact(fact, (v) => make(v ?? ""))
                : hidden(fact);
        }
        return fact.value === undefined || fact.value === ""
            ? opaque(nic.at, `a NIC of type ${type.value} without ${key}`)
            : known(make(fact.value), fact.at);
    };
    switch (type.value) {
        case "network":
            return named("network", (name) => ({ to: "network-name", name }));
        case "bridge":
            return named("bridge", (bridge) => ({ to: "host-bridge", bridge }));
        case "direct":
            return named("dev", (device) => ({
                to: "direct",
                device,
                mode: text(nic, "source.mode") ?? "vepa",
            }));
        case "user":
            return known({ to: "user" }, type.at);
        case "hostdev":
            return known({ to: "hostdev" }, type.at);
        case "null":
            return known({ to: "nowhere" }, type.at);
        case undefined:
            return opaque(nic.at, "a NIC without a type");
        default:
            return known({ to: "other", type: type.value }, type.at);
    }
}

/** Everything of a NIC but where it leads. */
export function nicFacts(node: Node, index: number): Omit<UnresolvedNic, "attachment"> {
    return {
        index,
        shadowed: [],
        mac: mapFact(valueAt(node, "mac.address"), (mac) => mac?.toLowerCase()),
        model: valueAt(node, "model.type"),
        isolatedPort: mapFact(valueAt(node, "port.isolated"), (value) => value === "yes"),
        filter: mapFact(valueAt(node, "filterref.filter"), (value) => (value === "" ? undefined : value)),
        xml: node,
        at: node.at,
    };
}

function sourceOf(disk: Node): Fact<UnresolvedSource> {
    const type = valueAt(disk, "type");
    if (type.kind !== "known") {
        return hidden(type);
    }
    const path = (key: string): Fact<string | undefined> => valueAt(disk, `source.${key}`);
    switch (type.value) {
        case "file":
            return mapFact(path("file"), (file): UnresolvedSource =>
                file === undefined ? { from: "nothing" } : { from: "file", path: file },
            );
        case "block":
            return mapFact(path("dev"), (device): UnresolvedSource =>
                device === undefined ? { from: "nothing" } : { from: "block-device", path: device },
            );
        case "volume": {
            const pool = path("pool");
            return pool.kind === "known"
                ? mapFact(path("volume"), (name): UnresolvedSource => ({
                      from: "volume-name",
                      pool: pool.value ?? "",
                      name: name ?? "",
                  }))
                : hidden(pool);
        }
        case "network":
            return mapFact(path("name"), (name): UnresolvedSource => ({ from: "url", path: name ?? "" }));
        default:
            return opaque(type.at, `a disk of type ${type.value ?? "none"}`);
    }
}

/** Everything of a disk but what it reads. */
export function diskFacts(node: Node, index: number): Omit<UnresolvedDisk, "source"> {
    const present = (path: string): Fact<boolean> =>
        mapFact(nodesAt(node, path), (found) => found.length > 0);
    return {
        index,
        device: mapFact(valueAt(node, "device"), (device) => device ?? "disk"),
        readOnly: present("readonly"),
        shareable: present("shareable"),
        xml: node,
        at: node.at,
    };
}

/** The tree without its devices. */
export const settingsOf = (tree: Node): Node => ({
    ...tree,
    children: tree.children.filter((child) => child.name !== "devices"),
});

/** Devices that have no list of their own in the model; scalars such as `<emulator>` stay with them. */
export function devicesOf(tree: Node): Fact<readonly Node[]> {
    const all = nodesAt(tree, "devices");
    if (all.kind !== "known") {
        return hidden(all);
    }
    const strange = all.value.find((devices) => devices.value.kind !== "known");
    return strange !== undefined && strange.value.kind !== "known"
        ? hidden(strange.value)
        : known(
              all.value.flatMap((devices) =>
                  devices.children.filter((d) => d.name !== "interface" && d.name !== "disk"),
              ),
              all.value[0]?.at ?? tree.at,
          );
}

/** NICs and disks as the tree alone has them: live XML and provider 0.9. */
export function domainFacts(
    tree: Node,
): Pick<UnresolvedDomain, "nics" | "disks" | "devices" | "xml" | "tree"> {
    return {
        nics: mapFact(nodesAt(tree, "devices.interface"), (list) =>
            list.map((node, i): UnresolvedNic => ({ ...nicFacts(node, i), attachment: attachmentOf(node) })),
        ),
        disks: mapFact(nodesAt(tree, "devices.disk"), (list) =>
            list.map((node, i): UnresolvedDisk => ({ ...diskFacts(node, i), source: sourceOf(node) })),
        ),
        devices: devicesOf(tree),
        xml: settingsOf(tree),
        tree,
    };
}
