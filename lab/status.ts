/** How a lab is doing. */
import { existsSync } from "node:fs";
import { failed, passed, report } from "../util/output";
import type { Check, Report } from "../util/output";
import { RELAYS } from "./addresses";
import { livingInRegistry } from "./process-registry";
import { explain } from "./error";
import { readLab } from "./info";
import type { LabInfo } from "./info";
import { askConsensus, askPage } from "./internet";
import { askLibvirt } from "./libvirt";
import { namespaceExists } from "./namespaces";
import { holdNamespaces, ownProcesses } from "./own";
import { ownFiles, resolveLab } from "./paths";
import type { LabPaths } from "./paths";
import { requireRoot } from "./preflight";
import { memoryKiB, networkNamespaceOf } from "../util/proc";

/** Memory in MiB (proportional set size) by part. */
export interface LabMemory {
    readonly tor: number;
    readonly libvirt: number;
    readonly services: number;
    readonly machines: number;
    /** What others run in the lab's namespaces. */
    readonly other: number;
    readonly total: number;
}

/** Result of {@link labStatus}. Only a lab that is up and healthy in every part is ok. */
export interface LabStatus extends Report {
    readonly state: "running" | "broken" | "stopped";
    readonly memory?: LabMemory;
    readonly lab?: LabInfo;
}

const FIX = "bin/sallyport lab start";
/**
 * How long a part may take to answer when all processes are there: a busy machine must not make a good lab
 * look broken.
 */
export const PATIENCE_MS = { status: 5000, start: 30_000 } as const;
const IMPATIENCE_MS = 3000;

const check = (id: string, title: string, wrong: string, fine: string): Check =>
    wrong === "" ? passed(`lab.${id}`, title, fine) : failed(`lab.${id}`, title, wrong, FIX);

/** Part of the lab that a process belongs to. */
export function partOf(command: string): keyof Omit<LabMemory, "total"> {
    switch (true) {
        case command === "tor":
            return "tor";
        case command.startsWith("qemu-system"):
            return "machines";
        case ["libvirtd", "virtlogd", "dnsmasq"].includes(command):
            return "libvirt";
        case command === "node" || command === "MainThread":
            return "services"; // Node names its main thread
        default:
            return "other";
    }
}

function measure(paths: LabPaths): LabMemory {
    const parts = { tor: 0, libvirt: 0, services: 0, machines: 0, other: 0 };
    const { inodes, release } = holdNamespaces(paths);
    for (const one of ownProcesses(paths, inodes)) {
        parts[partOf(one.command)] += memoryKiB(one.pid) / 1024;
    }
    release();
    const round = (n: number): number => Math.round(n * 10) / 10;
    const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
    return {
        tor: round(parts.tor),
        libvirt: round(parts.libvirt),
        services: round(parts.services),
        machines: round(parts.machines),
        other: round(parts.other),
        total: round(total),
    };
}

function checkProcesses(paths: LabPaths): Check {
    // One that has left its namespaces is at the end of its exit: it lives for the kernel and does nothing
    // any more.
    const working = livingInRegistry(paths.state).filter((one) => networkNamespaceOf(one.pid) !== undefined);
    const living = new Set(working.map((one) => one.name));
    const expected = ["virtlogd", "libvirtd", "services", ...RELAYS.map((relay) => `tor ${relay.nickname}`)];
    const ended = expected.filter((name) => !living.has(name));
    return check(
        "processes",
        "Processes",
        ended.length === 0 ? "" : `not running: ${ended.join(", ")}`,
        `${expected.length} running`,
    );
}

function readInfo(paths: LabPaths): LabInfo | string {
    try {
        return readLab(paths.dir);
    } catch (error) {
        return explain(error);
    }
}

/** Whether anything of a lab is there. */
export function hasTraces(paths: LabPaths): boolean {
    return (
        [paths.names.host, paths.names.internet].some(namespaceExists) ||
        ownFiles(paths).some((file) => existsSync(file)) ||
        livingInRegistry(paths.state).length > 0 ||
        ownProcesses(paths, new Set()).length > 0
    );
}

/**
 * Look at every part.
 * @param patience milliseconds that a part has for its answer; less when the lab is broken anyway
 */
export async function inspect(paths: LabPaths, patience: number, signal?: AbortSignal): Promise<LabStatus> {
    if (!hasTraces(paths)) {
        return { ...report([check("running", "Lab", `no lab runs in ${paths.dir}`, "")]), state: "stopped" };
    }
    const info = readInfo(paths);
    if (typeof info === "string") {
        return { ...report([check("running", "Lab", info, "")]), state: "broken", memory: measure(paths) };
    }
    const processes = checkProcesses(paths);
    const within = processes.status === "pass" ? patience : IMPATIENCE_MS;
    const [libvirt, page, consensus] = await Promise.all([
        askLibvirt(info.uri, signal),
        askPage(paths, within, signal),
        askConsensus(paths, within, signal),
    ]);
    const result = report([
        processes,
        check(
            "libvirt",
            "Private libvirtd",
            libvirt.ok ? "" : libvirt.detail,
            `${libvirt.detail} at ${info.uri}`,
        ),
        check("web", "Web server over the uplink", page, info.web.url),
        check("consensus", "Tor consensus", consensus, `${RELAYS.length} relays on every authority`),
    ]);
    return { ...result, state: result.ok ? "running" : "broken", memory: measure(paths), lab: info };
}

/**
 * The state of a lab.
 * @param options.dir state folder; default as in {@link resolveLab}
 * @throws LabError when this is not root
 */
export async function labStatus(options: { dir?: string } = {}): Promise<LabStatus> {
    requireRoot("status");
    return inspect(resolveLab(options.dir), PATIENCE_MS.status);
}
