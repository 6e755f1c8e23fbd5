/**
 * Another lab host: a second libvirtd with folders, sockets and a host's UUID of its own. It has no network
 * and runs nothing.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { askLibvirt } from "../../../lab/libvirt";
import { libvirtdConf, QEMU_CONF } from "../../../lab/libvirt-config";
import { libvirtUri, resolveLab } from "../../../lab/paths";
import { poll } from "../../../lab/pause";
import { root } from "./world";

const LIMIT_MS = 30_000;

export interface SecondHost {
    readonly uri: string;
    readonly socket: string;
    readonly uuid: string;
    end(): Promise<void>;
}

/** @throws Error with what it said when it does not come up */
export async function secondHost(): Promise<SecondHost> {
    // Short, for the sockets' addresses.
    const folder = mkdtempSync(join(tmpdir(), "sallyport-second-"));
    const [libvirt, sockets, uuid] = [join(folder, "libvirt"), join(folder, "run"), randomUUID()];
    for (const name of ["etc", "lib/dnsmasq", "log", "stage"]) {
        mkdirSync(join(libvirt, name), { recursive: true });
    }
    mkdirSync(sockets);
    writeFileSync(join(libvirt, "etc", "libvirtd.conf"), libvirtdConf(uuid));
    writeFileSync(join(libvirt, "etc", "qemu.conf"), QEMU_CONF);
    writeFileSync(join(libvirt, "resolv.conf"), "");
    const daemon = execa(
        "unshare",
        [
            "--mount",
            "--net",
            "--propagation",
            "slave",
            "bash",
            join(root, "lab", "private-mounts.sh"),
            // What the lab knows of this machine's QEMU saves seconds.
            libvirt,
            sockets,
            join(resolveLab().cache, "libvirt"),
            "hide-kvm",
            "libvirtd",
            "-f",
            "/etc/libvirt/libvirtd.conf",
            "-p",
            "/run/libvirt/libvirtd.pid",
        ],
        { cwd: "/", reject: false, stdin: "ignore", all: true },
    );
    const host: SecondHost = {
        uri: libvirtUri(sockets),
        socket: join(sockets, "libvirt-sock"),
        uuid,
        end: async () => {
            daemon.kill();
            await daemon;
            rmSync(folder, { recursive: true });
        },
    };
    try {
        await Promise.race([
            daemon.then(({ all }) => {
                throw new Error(`the second libvirtd ended by itself: ${all}`);
            }),
            poll(async () => (existsSync(host.socket) && (await askLibvirt(host.uri)).ok) || undefined, {
                every: 50,
                within: LIMIT_MS,
                late: () => new Error(`the second libvirtd does not answer within ${LIMIT_MS / 1000} s`),
            }),
        ]);
    } catch (error) {
        await host.end();
        throw error;
    }
    return host;
}
