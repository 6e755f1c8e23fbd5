/**
 * The stage: the lab's internet and private Tor network, and in front of them a lab host with an external and an
 * isolated bridge, a Gateway and two Workstations, each in a network namespace. NICs have the planned names, MACs and
 * addresses, so the rendered files fit as they are.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../cli/root";
import { UPLINK } from "../../lab/addresses";
import { ProcessBook } from "../../lab/book";
import { startInternet, askConsensus } from "../../lab/internet";
import { createNamespaces, deleteNamespace, namespaceExists, NETNS_DIR } from "../../lab/namespaces";
import { ownProcesses } from "../../lab/own";
import { labPaths, type LabPaths } from "../../lab/paths";
import { pause } from "../../lab/pause";
import { identify, inodeOf, isAlive } from "../../lab/proc";
import type { Progress } from "../../lab/progress";
import { run } from "../../lab/run";
import { teardown } from "../../lab/teardown";
import { authorityKeys } from "../../lab/tor-keys";
import { startTorNetwork } from "../../lab/tor-network";
import { loadPlan } from "../../config/load";
import { nth, parseSubnet } from "../../topology/addresses";
import type { EnclavePlan, NicPlan } from "../../topology/plan";

/** Names of the guests' namespaces and of the links between them. */
export interface StageNames {
    readonly gateway: string;
    readonly workstations: readonly [string, string];
    /** Bridges and ports, all inside the lab host's namespace. */
    readonly externalBridge: "br-ext";
    readonly isolatedBridge: "br-int";
    readonly gatewayOuterPort: "gw-ext";
    readonly gatewayInnerPort: "gw-int";
}

export interface Stage {
    readonly paths: LabPaths;
    readonly names: StageNames;
    readonly book: ProcessBook;
    readonly dirAuthorities: readonly string[];
    /** Folder of the probes' programs. */
    readonly probes: string;
}

/** The bridge's own MAC: the Gateway's next hop. */
export const HOST_MAC = "52:54:00:fe:00:01";
const CONSENSUS_MS = 90_000;

export function stageNames(id: string): StageNames {
    return {
        gateway: `sp${id}-gw`,
        workstations: [`sp${id}-ws1`, `sp${id}-ws2`],
        externalBridge: "br-ext",
        isolatedBridge: "br-int",
        gatewayOuterPort: "gw-ext",
        gatewayInnerPort: "gw-int",
    };
}

/** The enclave on the stage: the default one with a second Workstation, on the private Tor network. */
export function stageEnclave(dirAuthorities: readonly string[], transparentProxy = true): EnclavePlan {
    const [enclave] = loadPlan("sallyport", "netns", {
        torNetwork: { dirAuthorities: [...dirAuthorities] },
        enclaves: [{ name: "stage", transparentProxy, httpTunnelPorts: [9190, 9225], workstations: [{ name: "one" }, { name: "two" }] }],
    }).plan.enclaves;
    if (enclave === undefined || enclave.external.mode !== "nat") {
        throw new Error("the default enclave has changed; the stage needs a NAT network");
    }
    return enclave;
}

/** A second machine on the external network, another guest's or the host's neighbour. */
export function neighbourAddress(enclave: EnclavePlan): string {
    if (enclave.external.mode !== "nat") {
        throw new Error("a neighbour's address is taken from the NAT network's subnet");
    }
    return nth(parseSubnet(enclave.external.subnet), 50);
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

/** Bridges, namespaces and NICs. The Gateway's stay down: its rules come first. */
export async function buildCell(stage: Pick<Stage, "paths" | "names">, enclave: EnclavePlan): Promise<void> {
    const { names, paths } = stage;
    const host = paths.names.host;
    const { outer, inner } = enclave.gateway;
    for (const name of [names.gateway, ...names.workstations]) {
        await run("ip", ["netns", "add", name]);
        await batch(name, ["link set lo up"]);
    }
    // No IPv6 of the host's own on the bridges, as libvirt has it: it would show up in the captures.
    await run("ip", ["netns", "exec", host, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
    await batch(host, [
        `link add ${names.externalBridge} address ${HOST_MAC} type bridge stp_state 0 mcast_snooping 0`,
        `link add ${names.isolatedBridge} type bridge stp_state 0 mcast_snooping 0`,
        `addr add ${outer.route ?? ""}/${outer.prefix} dev ${names.externalBridge}`,
        `addr add ${neighbourAddress(enclave)}/${outer.prefix} dev ${names.externalBridge}`,
        `link set ${names.externalBridge} up`,
        `link set ${names.isolatedBridge} up`,
        ...plug(outer, names.gatewayOuterPort, names.gateway, names.externalBridge),
        ...plug(inner, names.gatewayInnerPort, names.gateway, names.isolatedBridge),
        ...enclave.workstations.flatMap((w, i) => plug(w.nic, `ws${i + 1}`, names.workstations[i] ?? "", names.isolatedBridge)),
    ]);
    // No NAT: what leaks arrives under its own address and is seen for what it is.
    const subnet = enclave.external.mode === "nat" ? enclave.external.subnet : "";
    await batch(paths.names.internet, [`route add ${subnet} via ${UPLINK.host}`, `route add ${enclave.isolated.subnet} via ${UPLINK.host}`]);
    await batch(host, [`route add ${enclave.isolated.subnet} via ${outer.address}`]);
    for (const [i, w] of enclave.workstations.entries()) {
        await run("ip", ["netns", "exec", names.workstations[i] ?? "", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"]);
        await batch(names.workstations[i] ?? "", up(w.nic));
    }
}

/** Namespaces, internet and Tor network. @throws when a part does not come up; the caller takes the stage down */
export async function raiseStage(dir: string, progress: Progress, signal: AbortSignal): Promise<Stage> {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o755);
    const paths = labPaths(dir);
    for (const folder of [paths.cache, paths.tor]) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    mkdirSync(paths.logs, { recursive: true });
    const book = new ProcessBook(paths.state);
    await createNamespaces(paths.names, signal);
    const services = startInternet(paths, book, signal);
    services.catch(() => undefined);
    const keys = await authorityKeys(paths.cache, paths.names.internet, progress, signal);
    const network = startTorNetwork(paths, keys, book);
    await services;
    progress("internet and relays started, waiting for the consensus");
    const lacks = await Promise.race([askConsensus(paths, CONSENSUS_MS, signal), ...network.relays.map((relay) => relay.ended)]);
    if (lacks !== "") {
        throw new Error(`the private Tor network has no complete consensus: ${lacks}`);
    }
    return { paths, names: stageNames(paths.id), book, dirAuthorities: network.dirAuthorities, probes: join(projectRoot(), "test", "netns", "probes") };
}

/** Whoever is in one of the guests' namespaces. */
function guestProcesses(paths: LabPaths): ReturnType<typeof ownProcesses> {
    const names = stageNames(paths.id);
    const inodes = [names.gateway, ...names.workstations].flatMap((name) => inodeOf(join(NETNS_DIR, name)) ?? []);
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
    const names = stageNames(paths.id);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        for (const one of guestProcesses(paths).filter(isAlive)) {
            process.kill(one.pid, signal);
        }
        for (let i = 0; i < 40 && guestProcesses(paths).length > 0; i++) {
            await pause(50);
        }
    }
    for (const name of [names.gateway, ...names.workstations].filter(namespaceExists)) {
        await deleteNamespace(name);
    }
    const left = await teardown(paths, progress);
    rmSync(join(paths.dir, "stage"), { recursive: true, force: true });
    return left;
}
