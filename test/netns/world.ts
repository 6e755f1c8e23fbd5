/**
 * The stage: the lab's internet and private Tor network, and in front of them cells: a lab host with an
 * external and an isolated bridge, a Gateway and two Workstations, each in a network namespace. NICs have the
 * planned names, MACs and addresses, so the rendered files fit as they are. Cells have nothing in common but
 * the internet, so they play at once.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import { ProcessRegistry } from "../../lab/process-registry";
import { startInternet, askConsensus } from "../../lab/internet";
import { createNamespaces, deleteNamespace, NETNS_DIR } from "../../lab/namespaces";
import { ownProcesses } from "../../lab/own";
import { labPaths, type LabPaths } from "../../lab/paths";
import { pause } from "../../lab/pause";
import { identify, inodeOf, isAlive } from "../../util/proc";
import type { Progress } from "../../lab/progress";
import { inNamespace, run } from "../../lab/run";
import { teardown } from "../../lab/teardown";
import { authorityKeys } from "../../lab/tor-keys";
import { startTorNetwork } from "../../lab/tor-network";
import { relaysReady } from "../../lab/tor-ready";
import { loadPlan } from "../../plan/load";
import { nth, parseSubnet } from "../../values/addresses";
import type { NicPlan } from "../../plan/guest-plan";
import type { EnclavePlan } from "../../plan/plan";
import { made } from "../support/sandbox/sandbox";
import { placed } from "../support/placed";

/** Names of a cell's namespaces and of the links between them. */
export interface CellNames {
    readonly host: string;
    readonly gateway: string;
    readonly workstations: readonly [string, string];
    /** The internet's end of the host's uplink. */
    readonly isp: string;
    /** Bridges and ports, all inside the host's namespace. */
    readonly externalBridge: "br-ext";
    readonly isolatedBridge: "br-int";
    readonly gatewayOuterPort: "gw-ext";
    readonly gatewayInnerPort: "gw-int";
}

/** What all cells share. */
export interface Network {
    readonly paths: LabPaths;
    readonly registry: ProcessRegistry;
    readonly dirAuthorities: readonly string[];
    /** Rejects when the private Tor network does not come up. Nothing gets through it before. */
    readonly consensus: Promise<void>;
    /** Ends what is being played. */
    readonly signal: AbortSignal;
}

/** A cell, and the enclave that it is. */
export interface Stage extends Network {
    /** Name of cell and enclave. */
    readonly cell: string;
    readonly names: CellNames;
    readonly enclave: EnclavePlan;
    /** For the files of this cell. */
    readonly folder: string;
    /** CPU of this cell's probes, counted among those that there are. */
    readonly cpu: number;
}

/** Folder of the probes' programs. */
export const PROBES = join(projectRoot(), "test", "netns", "probes");
/** The bridge's own MAC: the Gateway's next hop. */
export const HOST_MAC = "52:54:00:fe:00:01";
const CONSENSUS_MS = 90_000;
/**
 * For the uplinks of cells: a /30 each, none of them of the lab host's link, whose addresses lie lower
 * (lab/addresses.ts).
 */
const UPLINKS = parseSubnet("192.0.2.128/25");

function cellNames(id: string, number: number): CellNames {
    return {
        host: `sp${id}-${number}-host`,
        gateway: `sp${id}-${number}-gw`,
        workstations: [`sp${id}-${number}-ws1`, `sp${id}-${number}-ws2`],
        isp: `sp${id}-isp${number}`,
        externalBridge: "br-ext",
        isolatedBridge: "br-int",
        gatewayOuterPort: "gw-ext",
        gatewayInnerPort: "gw-int",
    };
}

/** Cells whose external network has public addresses; none of the lab's internet. */
const PUBLIC_SUBNETS: Readonly<Record<string, string>> = { "public-lan": "198.51.100.128/25" };

/** A cell's enclave: the default one with a second Workstation, on the private Tor network. */
export function stageEnclave(
    dirAuthorities: readonly string[],
    name: string,
    transparentProxy = true,
): EnclavePlan {
    const subnet = PUBLIC_SUBNETS[name];
    const [enclave] = loadPlan("sallyport", "netns", {
        torNetwork: { dirAuthorities: [...dirAuthorities] },
        enclaves: [
            {
                name,
                transparentProxy,
                httpTunnelPorts: [9190, 9225],
                workstations: placed({ name: "one" }, { name: "two" }),
                ...(subnet === undefined ? {} : { external: { mode: "nat", subnet } }),
            },
        ],
    }).plan.enclaves;
    if (enclave === undefined || enclave.external.mode !== "nat") {
        throw new Error("the default enclave has changed; the stage needs a NAT network");
    }
    return enclave;
}

/** A second machine on the external network, another guest's or the host's neighbour. */
export function neighbourAddress(enclave: EnclavePlan): string {
    return nth(parseSubnet(outerSubnet(enclave)), 50);
}

function outerSubnet(enclave: EnclavePlan): string {
    if (enclave.external.mode !== "nat") {
        throw new Error("a cell's external network is NAT");
    }
    return enclave.external.subnet;
}

async function batch(namespace: string, lines: readonly string[]): Promise<void> {
    await run("ip", ["-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Lines that make a guest's NIC, down, with its other end in a bridge of the host's. */
const plug = (nic: NicPlan, port: string, namespace: string, bridge: string): string[] => [
    `link add ${port} type veth peer name ${nic.interface} address ${nic.mac} netns ${namespace}`,
    `link set ${port} master ${bridge} up`,
];

/** Lines that bring a guest's NIC up. */
export const up = (nic: NicPlan): string[] => [
    `addr add ${nic.address}/${nic.prefix} dev ${nic.interface}`,
    `link set ${nic.interface} up`,
    ...(nic.route === undefined ? [] : [`route add default via ${nic.route}`]),
];

/** The uplink of a cell's host: a link of its own, beside the lab host's. */
async function buildUplink(
    network: Network,
    names: CellNames,
    enclave: EnclavePlan,
    number: number,
): Promise<void> {
    const { internet } = network.paths.names;
    const [router, host] = [nth(UPLINKS, 4 * number + 1), nth(UPLINKS, 4 * number + 2)];
    const table = String(100 + number);
    await batch(internet, [
        `link add ${names.isp} type veth peer name wan netns ${names.host}`,
        `addr add ${router}/30 dev ${names.isp}`,
        `link set ${names.isp} up`,
        // No NAT: what leaks arrives under its own address and is seen for what it is.
        `route add ${outerSubnet(enclave)} via ${host}`,
        // Inner addresses are the same in all cells: an answer goes where the question came from, told by its
        // mark.
        `rule add fwmark ${number} lookup ${table}`,
        `route add ${enclave.isolated.subnet} via ${host} table ${table}`,
    ]);
    await inNamespace(internet, "nft", ["-f", "-"], {
        input: `table ip cells { chain from { type filter hook prerouting priority mangle; iifname "${names.isp}" meta mark set ${number}; }; }\n`,
    });
    await batch(names.host, [
        "link set lo up",
        `addr add ${host}/30 dev wan`,
        "link set wan up",
        `route add default via ${router}`,
    ]);
    await inNamespace(names.host, "sysctl", [
        "-qw",
        "net.ipv4.ip_forward=1",
        "net.ipv6.conf.default.disable_ipv6=1",
    ]);
}

/** Namespaces, bridges and NICs of a cell. The Gateway's NICs stay down: its rules come first. */
export async function buildCell(network: Network, cell: string, number: number): Promise<Stage> {
    network.signal.throwIfAborted();
    const names = cellNames(network.paths.id, number);
    const enclave = stageEnclave(network.dirAuthorities, cell);
    const folder = join(network.paths.dir, "stage", cell);
    mkdirSync(folder, { recursive: true });
    const { outer, inner } = enclave.gateway;
    for (const name of [names.host, names.gateway, ...names.workstations]) {
        made("namespace", name);
        await run("ip", ["netns", "add", name]);
    }
    await buildUplink(network, names, enclave, number);
    await batch(names.gateway, ["link set lo up"]);
    // No IPv6 of the host's own on the bridges, as libvirt has it: it would show up in the captures.
    await batch(names.host, [
        `link add ${names.externalBridge} address ${HOST_MAC} type bridge stp_state 0 mcast_snooping 0`,
        `link add ${names.isolatedBridge} type bridge stp_state 0 mcast_snooping 0`,
        `addr add ${outer.route ?? ""}/${outer.prefix} dev ${names.externalBridge}`,
        `addr add ${neighbourAddress(enclave)}/${outer.prefix} dev ${names.externalBridge}`,
        `link set ${names.externalBridge} up`,
        `link set ${names.isolatedBridge} up`,
        ...plug(outer, names.gatewayOuterPort, names.gateway, names.externalBridge),
        ...plug(inner, names.gatewayInnerPort, names.gateway, names.isolatedBridge),
        ...enclave.workstations.flatMap((w, i) =>
            plug(w.nic, `ws${i + 1}`, names.workstations[i] ?? "", names.isolatedBridge),
        ),
        `route add ${enclave.isolated.subnet} via ${outer.address}`,
    ]);
    for (const [i, w] of enclave.workstations.entries()) {
        const name = names.workstations[i] ?? "";
        await inNamespace(name, "sysctl", ["-qw", "net.ipv6.conf.all.disable_ipv6=1"]);
        await batch(name, ["link set lo up", ...up(w.nic)]);
    }
    return { ...network, cell, names, enclave, folder, cpu: number };
}

/**
 * Namespaces, internet and Tor network. @throws when a part does not come up; the caller takes the stage down
 */
export async function raiseNetwork(dir: string, progress: Progress, signal: AbortSignal): Promise<Network> {
    mkdirSync(dir, { recursive: true });
    made("path", join(dir, "stage"));
    chmodSync(dir, 0o755);
    const paths = labPaths(dir);
    for (const folder of [paths.cache, paths.tor]) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    mkdirSync(paths.logs, { recursive: true });
    const registry = new ProcessRegistry(paths.state);
    await createNamespaces(paths.names, signal);
    const services = startInternet(paths, registry, signal);
    services.catch(() => undefined);
    const keys = await authorityKeys(paths.cache, paths.names.internet, progress, signal);
    const network = startTorNetwork(paths, keys, registry);
    // Answers of the kernel and of accepted connections bear the mark of what they answer.
    await inNamespace(paths.names.internet, "sysctl", [
        "-qw",
        "net.ipv4.fwmark_reflect=1",
        "net.ipv4.tcp_fwmark_accept=1",
    ]);
    await services;
    progress("internet and relays started");
    const complete = async (): Promise<void> => {
        const lacks = await Promise.race([
            askConsensus(paths, CONSENSUS_MS, signal),
            ...network.relays.map((relay) => relay.ended),
        ]);
        if (lacks !== "") {
            throw new Error(`the private Tor network has no complete consensus: ${lacks}`);
        }
        progress("the private Tor network has a consensus");
        await relaysReady(paths, network, CONSENSUS_MS, signal);
        progress("every relay knows it");
    };
    const consensus = complete();
    consensus.catch(() => undefined); // whoever needs it will see
    return { paths, registry, dirAuthorities: network.dirAuthorities, consensus, signal };
}

/** The cells' namespaces, those of an earlier run among them. */
function cellNamespaces(paths: LabPaths): string[] {
    const own = `sp${paths.id}-`;
    const shared = [paths.names.host, paths.names.internet];
    return existsSync(NETNS_DIR)
        ? readdirSync(NETNS_DIR).filter((name) => name.startsWith(own) && !shared.includes(name))
        : [];
}

/** Whoever is in one of the cells' namespaces. */
function guestProcesses(paths: LabPaths): ReturnType<typeof ownProcesses> {
    const inodes = cellNamespaces(paths).flatMap((name) => inodeOf(join(NETNS_DIR, name)) ?? []);
    return inodes.length === 0 ? [] : ownProcesses(paths, new Set(inodes));
}

/** End a process of the stage at once, and wait until it is gone. */
export async function endProcess(pid: number): Promise<void> {
    const id = identify(pid);
    while (id !== undefined && isAlive(id)) {
        process.kill(pid, "SIGKILL");
        await pause(20);
    }
}

/** Take everything away, whatever state it is in. @returns what could not be removed */
export async function strikeStage(dir: string, progress: Progress): Promise<string[]> {
    const paths = labPaths(dir);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        for (const one of guestProcesses(paths).filter(isAlive)) {
            process.kill(one.pid, signal);
        }
        for (let i = 0; i < 40 && guestProcesses(paths).length > 0; i++) {
            await pause(50);
        }
    }
    await Promise.all(cellNamespaces(paths).map(deleteNamespace));
    const left = await teardown(paths, progress);
    rmSync(join(paths.dir, "stage"), { recursive: true, force: true });
    return [...left, ...cellNamespaces(paths).map((name) => `network namespace ${name}`)];
}
