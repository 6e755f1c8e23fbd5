/** The private libvirtd with its virtlogd. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { virshAt } from "../libvirt/client";
import { projectRoot } from "../util/root";
import { DNS_SERVER } from "./addresses";
import type { ProcessRegistry } from "./process-registry";
import { startDaemon } from "./daemon";
import { LabError } from "./error";
import { tail, writeAtomically } from "./files";
import { libvirtdConf, QEMU_CONF, VIRTLOGD_CONF } from "./libvirt-config";
import type { LabPaths } from "./paths";
import { libvirtUri } from "./paths";
import { poll } from "./pause";
import { findProgram } from "./preflight";

const READY_MS = 60_000;
const ANSWER_MS = 20_000;

/** A folder of libvirt's state that only the lab's own processes see at /var/lib/libvirt. */
export const libvirtMark = (paths: LabPaths): string => join(paths.libvirt, "lib");

/** libvirt's answer to `version`, or why there is none. */
export async function askLibvirt(
    uri: string,
    signal?: AbortSignal,
): Promise<{ ok: boolean; detail: string }> {
    const { outcome, stdout, message } = await virshAt(uri)(["version"], ANSWER_MS, signal);
    const version = /^Running hypervisor: (.*)$/m.exec(stdout)?.[1];
    return outcome === "ok" && version !== undefined
        ? { ok: true, detail: version }
        : { ok: false, detail: message || stdout.replaceAll("\n", " ") };
}

/**
 * A lab's host is the same at every start, and no other lab's, in the same folder of another machine either.
 */
export function hostUuid(file: string): string {
    if (!existsSync(file)) {
        writeAtomically(file, randomUUID());
    }
    return readFileSync(file, "utf8");
}

function writeConfiguration(paths: LabPaths): void {
    // Not dnsmasq's folder in it: a host where none has run has none either.
    for (const folder of ["etc", "lib", "log", "stage"]) {
        mkdirSync(join(paths.libvirt, folder), { recursive: true });
    }
    mkdirSync(paths.sockets, { recursive: true, mode: 0o700 });
    mkdirSync(join(paths.cache, "libvirt"), { recursive: true });
    const etc = (name: string, text: string): void => writeFileSync(join(paths.libvirt, "etc", name), text);
    etc("libvirtd.conf", libvirtdConf(hostUuid(join(paths.cache, "host-uuid"))));
    etc("qemu.conf", QEMU_CONF);
    etc("virtlogd.conf", VIRTLOGD_CONF);
    writeFileSync(join(paths.libvirt, "resolv.conf"), `nameserver ${DNS_SERVER}\n`);
}

function daemonPath(name: string): string {
    const path = findProgram(name);
    if (path === undefined) {
        throw new LabError(`${name} is missing`, "apt-get install --no-install-recommends libvirt-daemon");
    }
    return path;
}

/**
 * Start virtlogd and libvirtd in the host namespace and in one mount namespace, and wait until libvirtd
 * answers.
 * @param kvm whether domains may use /dev/kvm; otherwise it is hidden from them
 * @throws LabError with the end of the log when one of them does not come up
 */
export async function startLibvirt(
    paths: LabPaths,
    kvm: boolean,
    registry: ProcessRegistry,
    signal: AbortSignal,
): Promise<void> {
    writeConfiguration(paths);
    const conf = (name: string): string[] => [
        "-f",
        `/etc/libvirt/${name}.conf`,
        "-p",
        `/run/libvirt/${name}.pid`,
    ];
    const logd = startDaemon(
        registry,
        "virtlogd",
        paths.names.host,
        "unshare",
        [
            "--mount",
            "--propagation",
            "slave",
            "bash",
            join(projectRoot(), "lab", "private-mounts.sh"),
            paths.libvirt,
            paths.sockets,
            join(paths.cache, "libvirt"),
            kvm ? "keep-kvm" : "hide-kvm",
            daemonPath("virtlogd"),
            ...conf("virtlogd"),
        ],
        join(paths.logs, "virtlogd.log"),
    );
    const late = (what: string) => (): Error =>
        new LabError(
            `${what} does not answer: ${tail(join(paths.logs, `${what}.log`))}`,
            "see the message; `bin/sallyport lab start` tries again",
        );
    const socket = join(paths.sockets, "virtlogd-sock");
    await Promise.race([
        logd.ended,
        poll(() => existsSync(socket) || undefined, {
            every: 20,
            within: READY_MS,
            signal,
            late: late("virtlogd"),
        }),
    ]);

    const libvirtd = startDaemon(
        registry,
        "libvirtd",
        paths.names.host,
        "nsenter",
        [`--mount=/proc/${logd.pid}/ns/mnt`, daemonPath("libvirtd"), ...conf("libvirtd")],
        join(paths.logs, "libvirtd.log"),
    );
    const uri = libvirtUri(paths.sockets);
    const main = join(paths.sockets, "libvirt-sock");
    await Promise.race([
        libvirtd.ended,
        logd.ended,
        poll(async () => (existsSync(main) && (await askLibvirt(uri, signal)).ok) || undefined, {
            every: 50,
            within: READY_MS,
            signal,
            late: late("libvirtd"),
        }),
    ]);
}
