/**
 * Tells our own stylesheets from all others, letter for letter, and reads what they write. A stylesheet of
 * ours is an allow-list: what it does not write does not exist, so its own text says what the guest gets.
 */
import { createHash } from "node:crypto";
import {
    BRIDGE_NETWORK_STYLESHEET,
    DATA_VOLUME_STYLESHEET,
    PRIVATE_VOLUME_STYLESHEET,
    domainStylesheet,
    isolatedNetworkStylesheet,
    natNetworkStylesheet,
} from "../../libvirt/stylesheet";
import { SEED_SUFFIX } from "../../values/disk-files";
import {
    element,
    marked,
    plainName,
    valueAt,
    type Node,
    type Origin,
    type Stylesheet,
    type StylesheetKind,
    type WrittenPool,
} from "..";
import { absent, isMark, isObject, property, type Raw } from "./raw";
import { childrenOf, parseXml } from "./xml";

/** A stylesheet of ours. */
interface Ours {
    readonly which: StylesheetKind;
    readonly pool?: WrittenPool;
    readonly dataPool?: WrittenPool;
}

const CONSTANTS: ReadonlyMap<string, Ours> = new Map<string, Ours>([
    [BRIDGE_NETWORK_STYLESHEET, { which: "bridge-network" }],
    [PRIVATE_VOLUME_STYLESHEET, { which: "private-volume" }],
    [DATA_VOLUME_STYLESHEET, { which: "private-volume" }],
]);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const capture = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? "";

/** Reads the zone of a network's stylesheet and renders it again: only the same text is ours. */
function networkKind(text: string): Ours | undefined {
    const zone = capture(text, /<bridge [^>]* zone="([A-Za-z0-9_-]{1,17})"\/>/);
    const given = zone === "" ? undefined : zone;
    if (isolatedNetworkStylesheet(given) === text) {
        return { which: "isolated-network" };
    }
    return natNetworkStylesheet(given) === text ? { which: "nat-network" } : undefined;
}

/** Reads the parameters of a domain's stylesheet and renders it again: only the same text is ours. */
function domainKind(text: string): Ours | undefined {
    const role = capture(text, /a (gateway|workstation) has exactly/);
    const type = capture(text, /<domain type="(kvm|qemu)">/);
    const cpuModel = capture(text, /<model fallback="forbid">([A-Za-z0-9._-]{1,40})<\/model>/);
    const statusPath = capture(text, /<log file="(\/[A-Za-z0-9._/-]+)\/\{\/domain\/name\}/);
    const cpus = capture(text, /<vcpu placement="static" cpuset="([\d,-]+)">/);
    const window = capture(text, /number\(\$offset\)&gt;=-(\d{1,5}) and/);
    const pool = {
        name: capture(text, /disk\[source\/@pool='([A-Za-z0-9._-]+)'\]/),
        path: capture(text, /<source file="(\/[A-Za-z0-9._/-]+)\/\{source\/@volume\}"\/>/),
    };
    const dataPool = {
        name: capture(text, /disk\[source\/@pool='([A-Za-z0-9._-]+)' and source\/@volume=/),
        path: capture(text, /<source file="(\/[A-Za-z0-9._/-]+)\/\{source\/@volume\}"\/><target dev="vdc"/),
    };
    if ((role !== "gateway" && role !== "workstation") || (type !== "kvm" && type !== "qemu")) {
        return undefined;
    }
    try {
        const clock = window === "" ? {} : { clockWindowSeconds: Number(window) };
        const pinned = cpus === "" ? {} : { cpus };
        const data = dataPool.name === "" ? {} : { dataPool };
        return domainStylesheet({
            role,
            virt: { type, cpuModel },
            pool,
            ...data,
            statusPath,
            ...pinned,
            ...clock,
        }) === text
            ? { which: `domain-${role}`, pool, ...data }
            : undefined;
    } catch {
        return undefined;
    }
}

const cache = new Map<string, Ours | undefined>();

function kindOf(text: string): Ours | undefined {
    if (!cache.has(text)) {
        cache.set(text, CONSTANTS.get(text) ?? networkKind(text) ?? domainKind(text));
    }
    return cache.get(text);
}

/** @param xml the resource's `xml` property */
export function stylesheetOf(
    xml: Raw | undefined,
    at: Origin,
): { readonly sheet: Stylesheet; readonly text?: string } {
    const inner = Array.isArray(xml) ? (xml as readonly Raw[])[0] : xml;
    if (absent(inner)) {
        return { sheet: { kind: "none" } };
    }
    if (!isMark(inner) && !isObject(inner)) {
        return { sheet: { kind: "opaque", why: "an `xml` that is no object", at } };
    }
    const text = property(inner, "xslt");
    if (absent(text)) {
        return { sheet: { kind: "none" } };
    }
    if (typeof text !== "string") {
        return {
            sheet: {
                kind: "opaque",
                why: isMark(text)
                    ? `the stylesheet is not readable: ${text.why}`
                    : "the stylesheet is no text",
                at,
            },
        };
    }
    const ours = kindOf(text);
    return ours === undefined
        ? {
              sheet: {
                  kind: "opaque",
                  why:
                      "a stylesheet that this project does not render can undo every input " +
                      `${marked(sha256(text).slice(0, 12))}`,
                  sha256: sha256(text),
                  at,
              },
          }
        : { sheet: { kind: "pinned", ...ours, sha256: sha256(text), at }, text };
}

/**
 * Without values that the stylesheet takes from its input (`{source/@network}`) and without its own
 * instructions.
 */
function literal(node: Node): Node {
    const children = node.children
        .filter(
            (child) =>
                !child.name.startsWith("xsl") &&
                !(
                    child.value.kind === "known" &&
                    /[{}]/.test(child.value.value ?? "") &&
                    child.children.length === 0 &&
                    !child.value.value?.includes("{/domain/name}")
                ),
        )
        .map(literal);
    return { ...node, children };
}

function template(text: string, match: RegExp, root: string, at: Origin): Node {
    const sheet = parseXml(text, at);
    const found = childrenOf(sheet, "xsl:template").find((t) => {
        const value = valueAt(t, "match");
        return value.kind === "known" && match.test(value.value ?? "");
    });
    const written = found?.children.find((child) => child.name === plainName(root));
    return written === undefined ? element(root, at) : literal(written);
}

const skeletons = new Map<string, DomainSkeleton>();
const NOWHERE: Origin = { resource: "", path: "" };

/** The same tree, read in another resource. */
const moved = (node: Node, at: Origin): Node => {
    const here: Origin = {
        resource: at.resource,
        path: node.at.path === "" ? at.path : `${at.path}.${node.at.path}`,
    };
    return {
        name: node.name,
        value: { ...node.value, at: here },
        children: node.children.map((child) => moved(child, at)),
        at: here,
    };
};

/** What a domain's stylesheet writes by itself; NICs and disks add the input's sources. */
export interface DomainSkeleton {
    readonly domain: Node;
    readonly nic: Node;
    readonly disk: Node;
    readonly seedDisk: Node;
    /** Of volumes in this folder. */
    readonly dataDisk: Node;
    readonly dataFolder: string | undefined;
}

export function domainSkeleton(text: string, at: Origin): DomainSkeleton {
    let read = skeletons.get(text);
    if (read === undefined) {
        read = {
            domain: template(text, /^domain$/, "domain", NOWHERE),
            nic: template(text, /^interface\[/, "interface", NOWHERE),
            disk: template(text, /^disk\[@device/, "disk", NOWHERE),
            seedDisk: template(text, /^disk\[substring/, "disk", NOWHERE),
            dataDisk: template(text, /^disk\[source/, "disk", NOWHERE),
            dataFolder: kindOf(text)?.dataPool?.path,
        };
        skeletons.set(text, read);
    }
    return {
        domain: moved(read.domain, at),
        nic: moved(read.nic, at),
        disk: moved(read.disk, at),
        seedDisk: moved(read.seedDisk, at),
        dataDisk: moved(read.dataDisk, at),
        dataFolder: read.dataFolder,
    };
}

const written = new Map<string, Node>();

/** What a network's stylesheet writes by itself. */
export function networkSkeleton(text: string, at: Origin): Node {
    const read = written.get(text) ?? template(text, /^\/network$/, "network", NOWHERE);
    written.set(text, read);
    return moved(read, at);
}

/** Whether our stylesheets take a volume of this name, or of this path, for a seed. */
export const isSeedName = (name: string): boolean => name.endsWith(SEED_SUFFIX);
