/**
 * libvirt's folder for dnsmasq. When a NIC is plugged into a network with an address, libvirt writes its MAC
 * into BRIDGE.macs there (virNetworkObjMacMgrAdd in src/conf/virnetworkobj.c), and makes the folder only when
 * it first starts a dnsmasq (networkStartDhcpDaemon in src/network/bridge_driver.c). No package owns it, and
 * networks without DHCP and DNS never start one: on a fresh host no Gateway of ours would start. The host may
 * be in reach by libvirt alone, and that makes a folder for a storage pool. The pool is never defined: it is
 * gone with the call that created it, or with the next one.
 */
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { virshLine, type VirshResult } from "../libvirt/client";
import { errorLines } from "../libvirt/errors";
import { type FileCall, virshWithFile } from "../libvirt/file-call";

/** No stack's names begin like it, so that it is not taken for a leftover of one. */
const POOL = "sallyport.dnsmasq-folder";
/** Where libvirt of every distribution keeps its state (localstatedir /var). */
const USUAL = "/var/lib/libvirt";
/** Tries while another `up` has the pool. */
const TRIES = 6;

/** As libvirt itself leaves the folder: g_mkdir_with_parents, and systemd's umask. */
export const poolXml = (folder: string): string =>
    `<pool type='dir'><name>${POOL}</name><uuid>5a11907e-d05e-4000-8000-00000000d05e</uuid><target><path>${folder}</path>` +
    "<permissions><mode>0755</mode><owner>0</owner><group>0</group></permissions></target></pool>\n";

/** A guest of no disks and NICs, which is never made: libvirt says with which command it would run it. */
const SAMPLE =
    "<domain type='qemu'><name>sallyport.sample</name><memory unit='MiB'>64</memory>" +
    "<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>\n";

/**
 * What became of a pool over a folder: it was there, the folder is missing, our pool is of another run,
 * another pool is over the folder, or else.
 */
export type Seen =
    | { readonly is: "there" | "missing" | "ours" }
    | { readonly is: "pool"; readonly name: string }
    | { readonly is: "else"; readonly said: string };

/**
 * What virsh said of `pool-create` and `pool-destroy` in one call; libvirt's words are those of src/storage
 * and src/conf.
 */
export function seen({ outcome, stderr, message }: VirshResult): Seen {
    const said = errorLines(stderr);
    // When nothing was created there is nothing to destroy; and another `up` may have taken the pool for a
    // left one.
    const left = said.filter((line) => !/^failed to get pool |^Storage pool not found/.test(line));
    if (left.length === 0 && (outcome === "ok" || said.length > 0)) {
        return { is: "there" };
    }
    if (left.some((line) => line.includes(POOL))) {
        return { is: "ours" };
    }
    const other = left
        .map((line) => /Storage source conflict with pool: '([^']*)'/.exec(line)?.[1])
        .find((name) => name !== undefined);
    if (other !== undefined) {
        return { is: "pool", name: other };
    }
    return left.some((line) => /cannot open (directory|path) '[^']*': No such file or directory$/.test(line))
        ? { is: "missing" }
        : { is: "else", said: left.join(": ") || message };
}

/**
 * libvirt's folder of state in the command line of a guest (`HOME=…/qemu/domain--1-NAME`,
 * virQEMUDriverConfig).
 */
export const stateFolder = (commandLine: string): string | undefined => {
    const home = /(?:^|\s)HOME=(\/[A-Za-z0-9._/-]+)\/qemu\/domain-[^/\s]+(?:\s|$)/.exec(commandLine)?.[1];
    return home?.split("/").includes("..") === true ? undefined : home;
};

/**
 * Look whether the folder is there, and make it when it is missing. One that is there stays as it is, with
 * its owner and mode.
 * @param pause a moment, for tests
 * @throws Error with libvirt's complaint and the command that makes the folder on the host
 */
export async function requireDnsmasqFolder(
    uri: string,
    call: FileCall = virshWithFile(uri),
    pause = (): Promise<void> => sleep(200 + Math.random() * 500),
): Promise<void> {
    const refuse = (folder: string, said: string): Error =>
        new Error(
            `libvirt at ${uri} needs its folder ${folder} for guests' MACs, and it can't be made there: ${said}; ` +
                `fix: on that host, as root: mkdir -m 755 ${folder}, then bin/pulumi up again`,
        );
    const pool = async (folder: string, build: string): Promise<Seen> => {
        for (let tries = 1; ; tries += 1) {
            // One login for both. The pool is gone afterwards, one that a killed run left as well.
            const found = seen(
                await call(poolXml(folder), (file) => [
                    `pool-create ${build}'${file}'; pool-destroy ${POOL}`,
                ]),
            );
            if (found.is !== "ours") {
                return found;
            }
            if (tries === TRIES) {
                throw refuse(
                    folder,
                    `pool ${POOL} is there again and again; end what makes it, and ${virshLine(uri, "pool-destroy", POOL)}`,
                );
            }
            await pause();
        }
    };
    const must = async (folder: string, found: Seen): Promise<void> => {
        if (found.is === "pool") {
            const refreshed = await call("", () => ["pool-refresh", found.name]);
            if (refreshed.outcome !== "ok") {
                throw refuse(
                    folder,
                    `pool ${found.name} is over it and can't be read: ${errorLines(refreshed.stderr).join(": ")}`,
                );
            }
        } else if (found.is !== "there") {
            throw refuse(folder, found.is === "else" ? found.said : "it is missing, and was not made");
        }
    };
    const usual = join(USUAL, "dnsmasq");
    const found = await pool(usual, "");
    if (found.is !== "missing") {
        return must(usual, found);
    }
    // Before a folder is made: it has to be this libvirt's.
    const sample = await call(SAMPLE, (file) => ["domxml-to-native", "qemu-argv", "--xml", file]);
    const state = stateFolder(sample.stdout);
    if (state === undefined) {
        throw refuse(
            usual,
            `libvirt does not say where it keeps its state: ${errorLines(sample.stderr).join(": ") || "no HOME of a guest"}`,
        );
    }
    const folder = join(state, "dnsmasq");
    const own = dirname(folder) === USUAL ? found : await pool(folder, "");
    return must(folder, own.is === "missing" ? await pool(folder, "--build ") : own);
}

/** The hook before each network and domain of a stack; it looks once in a run. It does not run at preview. */
export function dnsmasqFolderHook(prefix: string, uri: string): pulumi.ResourceHook {
    let looked: Promise<void> | undefined;
    return new pulumi.ResourceHook(`${prefix}-dnsmasq-folder`, () => (looked ??= requireDnsmasqFolder(uri)));
}
