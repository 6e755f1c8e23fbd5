/**
 * What of a stack a stranger on its host touches: a domain, network or pool that the stack does not declare.
 * Every value in its XML is compared, wherever it stands, so that an element that libvirt learns tomorrow is
 * seen; and of elements whose kind decides what else is reached, kinds that are not known count as touching.
 */
import { labelPart, separates, type SecLabel } from "../../values/host-adds";
import { isDetour, isWithin, overlap, plainPath } from "../../values/host-paths";
import { walk, type Node, type Touch } from "..";
import { childrenOf } from "./xml";
import { isRunning, textAt } from "./live-host";

/** What is the stack's on one host. */
export interface Footprint {
    /** Bridges of its networks and taps of its guests. */
    readonly devices: ReadonlySet<string>;
    readonly networks: ReadonlySet<string>;
    readonly pools: ReadonlySet<string>;
    /** Folders of its pools and files of its volumes, in one spelling each. */
    readonly paths: readonly string[];
    /** Labels by which the host tells its guests' files from others' (host-adds.ts). */
    readonly labels: ReadonlySet<string>;
}

/** Every network and pool of that host by name: what a stranger's references lead to. */
export interface HostObjects {
    readonly networks: ReadonlyMap<string, Node>;
    readonly pools: ReadonlyMap<string, Node>;
}

interface Touches {
    readonly wires: readonly Touch[];
    readonly files: readonly Touch[];
}

/** Parts of a domain that name nothing of the host's. */
const NAMES = ["name", "uuid", "title", "description", "metadata", "resource", "genid", "seclabel"];
const NIC_TYPES = [
    "network",
    "bridge",
    "direct",
    "user",
    "mcast",
    "udp",
    "server",
    "client",
    "hostdev",
    "null",
];
const DISK_TYPES = ["file", "block", "dir", "volume", "network", "nvme", "vhostvdpa"];
const SHARES = ["mount", "template", "file", "block", "ram", "bind", "volume"];
/** Of QEMU's own command line, with one value each: they open no file and no network (qemu(1)). */
const HARMLESS_OPTIONS = ["-cpu", "-smp", "-rtc", "-overcommit", "-msg", "-accel"];

const textOf = (node: Node): string | undefined =>
    node.value.kind === "known" ? node.value.value : undefined;

/** Whether a device is one of these, or a VLAN of one by its usual name (`NAME.100`). */
const isDevice = (devices: ReadonlySet<string>, name: string): boolean =>
    devices.has(name) || [...name.matchAll(/[.@:]/g)].some((cut) => devices.has(name.slice(0, cut.index)));

const deviceOf = (footprint: Footprint, node: Node): string | undefined => {
    const text = textOf(node);
    return text !== undefined && text !== "" && isDevice(footprint.devices, text) ? text : undefined;
};

/** The bridge and devices that a network puts its guests on, when one of them is the stack's. */
export function networkTouches(network: Node, footprint: Footprint): readonly Touch[] {
    return ["bridge", "forward"]
        .flatMap((part) => childrenOf(network, part))
        .flatMap((part) => [...walk(part)])
        .flatMap((node) => {
            const device = deviceOf(footprint, node);
            return device === undefined
                ? []
                : [{ what: `the network is on ${device}, which is this stack's`, at: node.at }];
        });
}

/** A pool in one of the stack's folders hands out what lies there. */
export function poolTouches(pool: Node, footprint: Footprint): readonly Touch[] {
    const path = textAt(pool, "target.path");
    // Any other kind puts a file system of its own over its folder, or makes devices there.
    const mounts = textAt(pool, "type") !== "dir";
    const found =
        path === undefined
            ? undefined
            : footprint.paths.find((own) => (mounts ? overlap : isWithin)(own, plainPath(path)));
    return found === undefined
        ? []
        : [
              {
                  what:
                      `the pool's folder ${path ?? ""} is ${mounts ? "over or " : ""}in ${found}, ` +
                      "which is this stack's",
                  at: pool.at,
              },
          ];
}

/** Attribute of a NIC's source that names what it is on, by the NIC's type. */
const SOURCE_OF: ReadonlyMap<string, string> = new Map([
    ["bridge", "bridge"],
    ["direct", "dev"],
]);

/** Why where a NIC leads cannot be decided; undefined: its values say it. */
function strangeNic(nic: Node, host: HostObjects, running: boolean): string | undefined {
    const type = textAt(nic, "type") ?? "none";
    const source = SOURCE_OF.get(type);
    if (!NIC_TYPES.includes(type)) {
        return `a NIC of type ${type}`;
    }
    if (nic.children.some((child) => child.name === "script" || child.name === "downscript")) {
        return "a NIC with a script of its own";
    }
    if (type === "network") {
        const name = textAt(nic, "source.network") ?? "";
        const seen =
            host.networks.has(name) ||
            textAt(nic, "source.bridge") !== undefined ||
            textAt(nic, "source.dev") !== undefined;
        // One that does not run cannot start either.
        return seen || !running ? undefined : `a NIC of network ${name}, which is not there`;
    }
    return source !== undefined && textAt(nic, `source.${source}`) === undefined
        ? `a NIC of type ${type} without ${source}`
        : undefined;
}

function wiresOf(domain: Node, footprint: Footprint, host: HostObjects): Touch[] {
    const devices = childrenOf(domain, "devices");
    const running = isRunning(domain);
    const byNetwork = new Map<string, boolean>();
    const leadsTo = (name: string): boolean => {
        const known = byNetwork.get(name);
        const network = host.networks.get(name);
        const leads =
            known ??
            (footprint.networks.has(name) ||
                (network !== undefined && networkTouches(network, footprint).length > 0));
        byNetwork.set(name, leads);
        return leads;
    };
    return devices
        .flatMap((parent) => parent.children)
        .flatMap((child): Touch[] => {
            const strange = child.name === "interface" ? strangeNic(child, host, running) : undefined;
            return [
                ...(strange === undefined
                    ? []
                    : [
                          {
                              what: `whether ${strange} is on one of this stack's devices cannot be decided`,
                              at: child.at,
                          },
                      ]),
                ...[...walk(child)].flatMap((node): Touch[] => {
                    const text = textOf(node);
                    const device = node.name === "alias" ? undefined : deviceOf(footprint, node);
                    return [
                        ...(device === undefined
                            ? []
                            : [{ what: `it is on ${device}, which is this stack's`, at: node.at }]),
                        ...(node.name === "network" && text !== undefined && leadsTo(text)
                            ? [
                                  {
                                      what:
                                          `it is on network ${text}, which is this stack's or on its ` +
                                          "bridge",
                                      at: node.at,
                                  },
                              ]
                            : []),
                    ];
                }),
            ];
        });
}

/** Whether a value leads to one of the stack's files, or may. */
function pathTouch(footprint: Footprint, node: Node, text: string): Touch | undefined {
    if (!text.includes("/")) {
        return undefined;
    }
    if (!text.startsWith("/")) {
        // A path inside of something else: json:{…}, nbd+unix://…, QEMU's own arguments.
        const found = footprint.paths.find((own) => plainPath(text).includes(own));
        return found === undefined
            ? undefined
            : { what: `it names ${found}, which is this stack's`, at: node.at };
    }
    if (isDetour(text)) {
        return { what: `whether ${text} is one of this stack's files cannot be decided`, at: node.at };
    }
    const plain = plainPath(text);
    const found = footprint.paths.find((own) => overlap(own, plain));
    return found === undefined
        ? undefined
        : { what: `${text} leads to ${found}, which is this stack's`, at: node.at };
}

/** A volume by its pool and name; its pool's folder says which file it is. */
function volumeTouch(
    footprint: Footprint,
    host: HostObjects,
    node: Node,
    running: boolean,
): Touch | undefined {
    const [pool, volume] = [textAt(node, "pool"), textAt(node, "volume")];
    if (pool === undefined || volume === undefined) {
        return undefined;
    }
    const known = host.pools.get(pool);
    if (footprint.pools.has(pool)) {
        return { what: `it has volume ${volume} of pool ${pool}, which is this stack's`, at: node.at };
    }
    if (known === undefined) {
        return running
            ? {
                  what:
                      `whether volume ${volume} is one of this stack's files cannot be decided: ` +
                      `there is no pool ${pool}`,
                  at: node.at,
              }
            : undefined;
    }
    const folder = textAt(known, "target.path");
    return folder === undefined ? undefined : pathTouch(footprint, node, `${folder}/${volume}`);
}

const LOOPBACK = /^(localhost.*|127\..*|::1|0\.0\.0\.0|::)$/;

/** Why what is behind a disk or a shared folder cannot be decided. */
function strangeSource(node: Node): string | undefined {
    const type = textAt(node, "type") ?? "none";
    if (!(node.name === "filesystem" ? SHARES : DISK_TYPES).includes(type)) {
        return `a ${node.name} of type ${type}`;
    }
    const sources = [...walk(node)].filter((child) => child.name === "source");
    if (
        sources.some(
            (source) =>
                textAt(source, "socket") !== undefined ||
                childrenOf(source, "host").some(
                    (host) =>
                        textAt(host, "socket") !== undefined || LOOPBACK.test(textAt(host, "name") ?? ""),
                ),
        )
    ) {
        return `a ${node.name} that a program of the host's serves`;
    }
    const odd = sources
        .flatMap((source) => ["file", "dev", "dir"].map((key) => textAt(source, key)))
        .find((path) => path !== undefined && path !== "" && !path.startsWith("/"));
    // A volume's device is named relative to nothing; an nvme's source is its PCI address.
    return odd === undefined ? undefined : `a ${node.name} at ${odd}, which is no path of the host's,`;
}

/** QEMU's own arguments: only those of a short list reach nothing. */
function strangeArguments(domain: Node): Node | undefined {
    return domain.children
        .filter((child) => child.name.endsWith("commandline"))
        .find((line) => {
            const values = line.children
                .filter((child) => child.name === "arg" || child.name === "qemuarg")
                .map((arg) => textAt(arg, "value") ?? "");
            return values.some((value, i) =>
                i % 2 === 0 ? !HARMLESS_OPTIONS.includes(value) : value.startsWith("-"),
            );
        });
}

function filesOf(domain: Node, footprint: Footprint, host: HostObjects): Touch[] {
    const running = isRunning(domain);
    const line = strangeArguments(domain);
    const judged = (node: Node): Touch[] => {
        const text = textOf(node);
        const strange = node.name === "disk" || node.name === "filesystem" ? strangeSource(node) : undefined;
        return [
            ...[
                text === undefined ? undefined : pathTouch(footprint, node, text),
                volumeTouch(footprint, host, node, running),
            ].filter((touch) => touch !== undefined),
            ...(strange === undefined
                ? []
                : [
                      {
                          what: `whether ${strange} is one of this stack's files cannot be decided`,
                          at: node.at,
                      },
                  ]),
            // Where a folder is seen in the guest is no place of the host's.
            ...node.children
                .filter((child) => !(node.name === "filesystem" && child.name === "target"))
                .flatMap(judged),
        ];
    };
    return [
        ...domain.children.filter((child) => !NAMES.includes(child.name)).flatMap(judged),
        ...(line === undefined
            ? []
            : [{ what: "what QEMU's own arguments open cannot be decided", at: line.at }]),
        ...labelTouches(domain, footprint),
    ];
}

export const labelsOf = (domain: Node): readonly SecLabel[] =>
    childrenOf(domain, "seclabel").map((label) =>
        label.children.map(
            ({ name, value }) => [name, value.kind === "known" ? (value.value ?? "") : ""] as const,
        ),
    );

/** A stranger with a guest's label opens that guest's files. */
function labelTouches(domain: Node, footprint: Footprint): Touch[] {
    return labelsOf(domain).flatMap((label) => {
        const own = separates(label);
        const wide = [labelPart(label, "label"), labelPart(label, "baselabel")].find(
            (text) => text !== undefined && /:s0(-|:c\d+\.c)/.test(text),
        );
        const covers =
            wide === undefined ? undefined : `its label ${wide} covers the categories of every guest`;
        const what =
            own !== undefined && footprint.labels.has(own)
                ? `it runs as ${own}, which is one of this stack's guests'`
                : covers;
        return what === undefined ? [] : [{ what, at: domain.at }];
    });
}

const once = (touches: readonly Touch[]): Touch[] => [
    ...new Map(touches.map((touch) => [touch.what, touch])).values(),
];

/** What a domain that the stack does not declare has of it, or may have. */
export function domainTouches(domain: Node, footprint: Footprint, host: HostObjects): Touches {
    return { wires: once(wiresOf(domain, footprint, host)), files: once(filesOf(domain, footprint, host)) };
}
