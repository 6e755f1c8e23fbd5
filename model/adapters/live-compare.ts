/**
 * What a stack has on a host, and where the host differs from what the stack declares, now or from the next
 * start on.
 */
import { own } from "../../util/own";
import { separates } from "../../values/host-adds";
import { plainPath } from "../../values/host-paths";
import {
    possible,
    type Disk,
    type Domain,
    type Fact,
    type Model,
    type Network,
    type Nic,
    type Node,
    type Pool,
    type Problem,
    type Resource,
} from "..";
import { textAt, type LiveHost, type Parsed } from "./live-host";
import { labelsOf, poolTouches, type Footprint } from "./strangers";
import { childrenOf } from "./xml";

interface Read {
    readonly domains: readonly Parsed[];
    readonly networks: readonly Parsed[];
    readonly pools: readonly Parsed[];
    readonly next: { readonly domains: readonly Parsed[]; readonly networks: readonly Parsed[] };
}

const values = (fact: Fact<string | undefined>): string[] =>
    (possible(fact) ?? []).filter((text) => text !== undefined && text !== "") as string[];
const namesOf = (
    records: readonly { readonly host: string; readonly name: Fact<string> }[],
    uri: string,
): ReadonlySet<string> =>
    new Set(records.filter(({ host }) => host === uri).flatMap(({ name }) => values(name)));
const here = <T extends { readonly host: string }>(records: readonly T[], uri: string): readonly T[] =>
    records.filter(({ host }) => host === uri);

/** Everything by which a stranger could reach the stack on this host: as declared, and as it is. */
export function footprintOf(declared: Model, uri: string, read: Read): Footprint {
    const networks = namesOf(declared.networks, uri);
    const pools = namesOf(declared.pools, uri);
    const domains = namesOf(declared.domains, uri);
    const own = [...read.domains, ...read.next.domains]
        .filter(({ name }) => domains.has(name))
        .map(({ tree }) => tree);
    const nics = own
        .flatMap((tree) => childrenOf(tree, "devices"))
        .flatMap((devices) => childrenOf(devices, "interface"));
    const text = (node: Node, path: string): string[] =>
        [textAt(node, path)].filter((found) => found !== undefined && found !== "") as string[];
    return {
        networks,
        pools,
        devices: new Set([
            ...here(declared.networks, uri).flatMap(({ bridge }) => values(bridge)),
            ...[...read.networks, ...read.next.networks]
                .filter(({ name }) => networks.has(name))
                .flatMap(({ tree }) => text(tree, "bridge.name")),
            ...nics.flatMap((nic) => [...text(nic, "target.dev"), ...text(nic, "source.bridge")]),
        ]),
        paths: [
            ...new Set(
                [
                    ...here(declared.pools, uri).flatMap(({ path }) => values(path)),
                    ...read.pools
                        .filter(({ name }) => pools.has(name))
                        .flatMap(({ tree }) => text(tree, "target.path")),
                    ...here([...declared.volumes, ...declared.seeds], uri).flatMap(({ id }) => values(id)),
                ]
                    .filter((path) => path.startsWith("/"))
                    .map(plainPath),
            ),
        ],
        labels: new Set(
            own
                .flatMap(labelsOf)
                .map(separates)
                .filter((key) => key !== undefined),
        ),
    };
}

const differs = (resource: Resource, what: string, fix: string): Problem => ({
    at: { resource: resource.id, path: "" },
    what,
    fix,
});
const UNDO = "undo the change with virsh, or run bin/pulumi refresh and then bin/pulumi up";

const valueOf = (fact: Fact<unknown>): unknown => (fact.kind === "known" ? fact.value : undefined);
/** Of two facts only what is known of both is compared: what is not known is a finding of the rules'. */
const unlike = (one: Fact<unknown>, other: Fact<unknown>): boolean =>
    one.kind === "known" &&
    other.kind === "known" &&
    JSON.stringify(one.value) !== JSON.stringify(other.value);

function nicDifferences(declared: Nic, live: Nic): string[] {
    const parts: readonly (readonly [string, Fact<unknown>, Fact<unknown>])[] = [
        ["where it leads", declared.attachment, live.attachment],
        ["its filter", declared.filter, live.filter],
        ["its isolated port", declared.isolatedPort, live.isolatedPort],
        ["its MAC", declared.mac, live.mac],
    ];
    return parts
        .filter(([what, d, l]) => !(what === "its MAC" && valueOf(d) === undefined) && unlike(d, l))
        .map(([what]) => `${what} (NIC ${live.index})`);
}

const diskDifferences = (declared: Disk, live: Disk): string[] =>
    unlike(declared.source, live.source) || unlike(declared.readOnly, live.readOnly)
        ? [`what disk ${live.index} is`]
        : [];

/** NICs and disks, one by one: a guest's plan says which and in which order. */
function domainDifferences(declared: Domain, live: Domain): string[] {
    const each = <T>(
        what: string,
        d: Fact<readonly T[]>,
        l: Fact<readonly T[]>,
        compare: (d: T, l: T) => string[],
    ): string[] => {
        if (d.kind !== "known" || l.kind !== "known") {
            return [];
        }
        return d.value.length !== l.value.length
            ? [`its ${what}: ${l.value.length} where ${d.value.length} are declared`]
            : d.value.flatMap((one, i) => {
                  const other = l.value[i];
                  return other === undefined ? [] : compare(one, other);
              });
    };
    return [
        ...each("NICs", declared.nics, live.nics, nicDifferences),
        ...each("disks", declared.disks, live.disks, diskDifferences),
    ];
}

/**
 * Parts that libvirt shows of a guest that runs, and not of its definition. A definition that has one of them
 * all the same says what the guest will be: it may say nothing but what runs now.
 */
const RUNTIME = ["id", "seclabel", "resource"];
const RUNTIME_OF: Readonly<Record<string, readonly string[]>> = {
    // The source says the same, and a network that stands for a bridge has a type of its own while the guest
    // runs.
    interface: ["target"],
    source: ["portid", "bridge", "index"],
    disk: ["backingstore", "mirror"],
    serial: ["source"],
    console: ["source", "tty"],
    // What the host's CPU does with the model (proof/live-domain judges it).
    cpu: ["feature", "vendor"],
};
/**
 * Parts that say another word of a guest that runs: its NIC's type where a network stands for a bridge, and
 * where its clock went (CLOCK-01).
 */
const OTHER_WORD: Readonly<Record<string, readonly string[]>> = {
    interface: ["type"],
    cpu: ["check"],
    clock: ["adjustment"],
};
/** What says nothing of the guest. */
const IGNORED = ["alias", "connections"];
const isIn = (list: Readonly<Record<string, readonly string[]>>, parent: string, name: string): boolean =>
    own(list, parent)?.includes(name) === true;
const isRuntime = (parent: string, name: string): boolean =>
    RUNTIME.includes(name) || isIn(RUNTIME_OF, parent, name);

/**
 * Ports that libvirt masquerades with by default, which it writes into a NAT network that runs
 * (networkStartNetwork, src/network).
 */
const MASQUERADED = "=|port.end=65535|port.start=1024|port=";
/** A link that was taken down and up again is said to be up, as one that was never touched is (domif-setlink). */
const LINK_UP = "=|state=up";
const isFilledIn = (parent: string, child: Node): boolean => {
    const is = (of: string, name: string, what: string): boolean =>
        parent === of && child.name === name && shape(child, true).sort().join("|") === what;
    return is("forward", "nat", MASQUERADED) || is("interface", "link", LINK_UP);
};

/** Everything of a node, line by line. @param whole with what is shown of a guest that runs */
function shape(node: Node, whole: boolean, path: string[] = []): string[] {
    const text = node.value.kind === "known" ? (node.value.value ?? "") : "?";
    return [
        `${path.join(".")}=${text}`,
        ...node.children
            .filter(
                (child) =>
                    !IGNORED.includes(child.name) &&
                    !isIn(OTHER_WORD, node.name, child.name) &&
                    (whole || (!isRuntime(node.name, child.name) && !isFilledIn(node.name, child))),
            )
            .flatMap((child) => shape(child, whole, [...path, child.name])),
    ];
}

/** The parts that are shown of a guest that runs, each as its lines. */
const shown = (node: Node, path: string[] = []): string[][] =>
    node.children
        .filter((child) => !IGNORED.includes(child.name))
        .flatMap((child) =>
            isRuntime(node.name, child.name)
                ? [shape(child, true, [...path, child.name])]
                : shown(child, [...path, child.name]),
        );

/** Paths at which two trees differ; order counts for nothing. */
function treeDifferences(now: Node, next: Node): string[] {
    const count = new Map<string, number>();
    shape(now, false).forEach((line) => count.set(line, (count.get(line) ?? 0) + 1));
    shape(next, false).forEach((line) => count.set(line, (count.get(line) ?? 0) - 1));
    const there = shown(now).map((lines) => new Set(lines));
    shown(next)
        .filter((lines) => !there.some((found) => lines.every((line) => found.has(line))))
        .forEach(([line = ""]) => count.set(line, -1));
    return [
        ...new Set([...count].filter(([, n]) => n !== 0).map(([line]) => line.split("=")[0] ?? "")),
    ].slice(0, 5);
}

/** Modes of a pool's folder that let no other user write there (HS-17). */
const CLOSED = /^0?7[015]{2}$/;

/** A pool that is not the folder that is declared. One that is not there is said elsewhere. */
function poolDifferences(pool: Pool, found: readonly Parsed[]): Problem[] {
    const wanted = valueOf(pool.path);
    return found
        .flatMap(({ tree }): string[] => {
            const [type, path, mode] = ["type", "target.path", "target.permissions.mode"].map((part) =>
                textAt(tree, part),
            );
            return [
                ...(type === "dir" ? [] : [`its type is ${type ?? "not known"}, declared is dir`]),
                ...(typeof wanted !== "string" ||
                (path !== undefined && plainPath(path) === plainPath(wanted))
                    ? []
                    : [`its folder is ${path ?? "not known"}, declared is ${wanted}`]),
                // libvirt shows an empty source of a folder that has none.
                ...(childrenOf(tree, "source").every(({ children }) => children.length === 0)
                    ? []
                    : ["it has a source, which a folder has not"]),
                ...(mode === undefined || CLOSED.test(mode) ? [] : [`its folder's mode is ${mode}`]),
            ];
        })
        .concat(found.length > 1 ? [`there are ${found.length} of its name`] : [])
        .map((what) => differs(pool.resource, what, UNDO));
}

/** Everything of the stack's on this host that is not as declared, or will not be. */
export function differing(
    declared: Model,
    host: LiveHost,
    read: Read,
    live: { readonly networks: readonly Network[]; readonly domains: readonly Domain[] },
    footprint: Footprint,
): Problem[] {
    const { uri } = host;
    const find = <T extends { readonly resource: Resource }>(
        list: readonly T[],
        { resource }: { readonly resource: Resource },
    ): T | undefined => list.find((one) => one.resource.id === resource.id);
    const after = (
        kind: "domains" | "networks",
        record: { readonly resource: Resource; readonly name: Fact<string> },
    ): Problem[] => {
        const named = (list: readonly Parsed[]): Node | undefined =>
            list.find(({ name }) => name === valueOf(record.name))?.tree;
        const [now, next] = [named(read[kind]), named(read.next[kind])];
        const found = now === undefined || next === undefined ? [] : treeDifferences(now, next);
        return found.length === 0
            ? []
            : [
                  differs(
                      record.resource,
                      `from its next start on it is another: its definition differs in ${found.join(", ")}`,
                      UNDO,
                  ),
              ];
    };
    return [
        ...here(declared.networks, uri).flatMap((network) => {
            const found = find(live.networks, network);
            return [
                ...(found !== undefined &&
                unlike(network.bridge, found.bridge) &&
                valueOf(network.bridge) !== undefined
                    ? [
                          differs(
                              network.resource,
                              `its bridge is ${String(valueOf(found.bridge))}, declared is ` +
                                  `${String(valueOf(network.bridge))}`,
                              UNDO,
                          ),
                      ]
                    : []),
                ...(found !== undefined &&
                (unlike(network.forward, found.forward) || unlike(network.addresses, found.addresses))
                    ? [differs(network.resource, "its mode or its addresses are others than declared", UNDO)]
                    : []),
                ...after("networks", network),
            ];
        }),
        ...here(declared.domains, uri).flatMap((domain) => {
            const found = find(live.domains, domain);
            return [
                ...(found === undefined ? [] : domainDifferences(domain, found)).map((what) =>
                    differs(domain.resource, `it is not as declared: ${what}`, UNDO),
                ),
                ...after("domains", domain),
                ...(host.kept.includes(String(valueOf(domain.name)))
                    ? [
                          differs(
                              domain.resource,
                              "it has a snapshot, a checkpoint or a managed save: its memory or " +
                                  "an older disk is on the host, and may come back",
                              "virsh snapshot-delete, checkpoint-delete or managedsave-remove it",
                          ),
                      ]
                    : []),
            ];
        }),
        ...here(declared.pools, uri).flatMap((pool) =>
            poolDifferences(
                pool,
                read.pools.filter(({ name }) => name === valueOf(pool.name)),
            ),
        ),
        ...read.pools
            .filter(({ name }) => !footprint.pools.has(name))
            .flatMap(({ tree }) => poolTouches(tree, footprint))
            .map(({ what, at }): Problem => ({
                at,
                what,
                fix: "undefine that pool: virsh pool-destroy and pool-undefine leave its files",
            })),
    ];
}
