/**
 * Looking for what a lab left on the machine, with means of its own: what the lab says about itself is what
 * is tested.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { resolveLab } from "../../lab/paths";

/** A process, by number and start time. */
export interface Process {
    readonly pid: string;
    readonly start: string;
    readonly command: string;
}

/** What is known about a lab while it runs, to be looked for later. */
export interface Footprint {
    readonly dir: string;
    readonly id: string;
    readonly sockets: string;
    readonly namespaces: readonly string[];
    readonly processes: readonly Process[];
}

function text(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
const pids = (): string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
const start = (pid: string): string =>
    /\) (?!Z)\S (?:\S+ ){18}(\d+)/.exec(text(`/proc/${pid}/stat`))?.[1] ?? "";
const command = (pid: string): string => text(`/proc/${pid}/cmdline`).replaceAll("\0", " ");

function link(file: string): string {
    try {
        return readlinkSync(file);
    } catch {
        return "";
    }
}

/**
 * Whether a process of the list is still there. One that has left its namespaces is at the very end of its
 * exit and holds nothing.
 */
export const lives = (one: Process): boolean =>
    start(one.pid) === one.start && link(`/proc/${one.pid}/ns/net`) !== "";

/** Namespaces, as "net:[inode]", and processes of the lab in a folder right now. */
export function footprint(dir: string): Footprint {
    const { id, sockets } = resolveLab(dir);
    const names = existsSync("/run/netns")
        ? readdirSync("/run/netns").filter((name) => name.startsWith(`sp${id}-`))
        : [];
    const namespaces = names.map((name) => `net:[${statSync(join("/run/netns", name)).ino}]`);
    const processes = pids()
        .filter((pid) => namespaces.includes(link(`/proc/${pid}/ns/net`)) && start(pid) !== "")
        .map((pid) => ({ pid, start: start(pid), command: command(pid) }));
    return { dir, id, sockets, namespaces, processes };
}

/** Everything that is left of a lab: processes, names, links, mounts (in anybody's view), files. */
export function leftOf(seen: Footprint): string[] {
    const { dir, id } = seen;
    const own = (what: string): boolean =>
        what.includes(`sp${id}-`) || what.includes(`${dir}/`) || what.includes(`/run/sallyport-${id}`);
    const ip = (...args: string[]): string[] =>
        spawnSync("ip", args, { encoding: "utf8" }).stdout.split("\n");
    const mounts = new Set(pids().flatMap((pid) => text(`/proc/${pid}/mountinfo`).split("\n")));
    return [
        ...seen.processes.filter(lives).map((one) => `process ${one.pid} ${one.command}`),
        ...pids()
            .filter((pid) => pid !== String(process.pid) && own(command(pid)))
            .map((pid) => `process ${pid} ${command(pid)}`),
        ...ip("netns", "list")
            .filter(own)
            .map((line) => `namespace ${line}`),
        ...ip("-o", "link")
            .filter(own)
            .map((line) => `link ${line}`),
        // A namespace lives on as long as somebody, in whatever mount namespace, has it mounted.
        ...[...mounts]
            .filter(
                (line) =>
                    own(line.replaceAll("\\040", " ")) || seen.namespaces.some((name) => line.includes(name)),
            )
            .map((line) => `mount ${line}`),
        ...(existsSync(dir) ? readdirSync(dir).filter((name) => name !== "cache") : []).map(
            (name) => `file ${name}`,
        ),
        ...(existsSync(`/run/sallyport-${id}`) ? [`folder /run/sallyport-${id}`] : []),
    ];
}
