/** Everything on the lab host that a stack could leave behind. */
import { readFileSync, readdirSync } from "node:fs";
import { filterNames } from "../../../cli/remove-filter";
import { mustVirsh } from "../../../libvirt/client";
import { inNamespace } from "../../../lab/run";
import { lab } from "./world";

export interface Inventory {
    readonly domains: string[];
    readonly networks: string[];
    readonly filters: string[];
    readonly pools: string[];
    readonly files: string[];
    readonly bridges: string[];
    /** Command names of QEMU processes. */
    readonly machines: string[];
}

const lines = (text: string): string[] =>
    text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "")
        .sort();

function comm(pid: string): string {
    try {
        return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    } catch {
        return "";
    }
}

/** Id of the QEMU process of a domain. @throws Error when there is not exactly one */
export async function machineOf(domain: string): Promise<number> {
    const { namespaces } = lab();
    const pids = lines(
        (await inNamespace(namespaces.host, "ip", ["netns", "pids", namespaces.host])).stdout,
    ).filter((pid) => comm(pid).startsWith("qemu"));
    const found = pids.filter((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, "latin1")
            .split("\0")
            .some((word) => word.startsWith(`guest=${domain},`)),
    );
    if (found.length !== 1) {
        throw new Error(`${found.length} processes run ${domain}`);
    }
    return Number(found[0]);
}

export async function inventory(): Promise<Inventory> {
    const { uri, poolRoot, namespaces } = lab();
    const names = async (...args: string[]): Promise<string[]> =>
        lines(await mustVirsh(uri, [...args, "--all", "--name"]));
    const links = JSON.parse(
        (await inNamespace(namespaces.host, "ip", ["-j", "link", "show", "type", "bridge"])).stdout || "[]",
    ) as { ifname?: string }[];
    const pids = lines((await inNamespace(namespaces.host, "ip", ["netns", "pids", namespaces.host])).stdout);
    return {
        domains: await names("list"),
        networks: await names("net-list"),
        filters: filterNames(await mustVirsh(uri, ["nwfilter-list"])).sort(),
        pools: await names("pool-list"),
        files: readdirSync(poolRoot, { recursive: true }).map(String).sort(),
        bridges: links.flatMap((link) => link.ifname ?? []).sort(),
        machines: pids
            .map(comm)
            .filter((name) => name.startsWith("qemu"))
            .sort(),
    };
}
