/** Everything of a lab host's libvirt that `plan --live` reads, as libvirt's own XML. */
import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { LiveHost, Taps } from "../../model/adapters";
import { hostKeyOf, LOCAL_HOST } from "../../values/libvirt-uri";
import { mustVirsh } from "../../libvirt/client";

const words = (text: string): string[] =>
    text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");

/** How many objects one call reads: each call is a login where libvirt is reached over ssh. */
const BATCH = 64;
const BATCH_TIMEOUT_MS = 120_000;

/** Kernel's network devices (sysfs-class-net, "master"). */
const DEVICES = "/sys/class/net";
/** A device that is on no bridge has no such link; a device that went, or is none, has no folder. */
const ABSENT = ["ENOENT", "ENOTDIR"];

/** The kernel's word beside libvirt's, when the libvirt at this URI is this machine's own. */
export function tapsOf(uri: string, folder: string = DEVICES): Taps {
    if (hostKeyOf(uri) !== LOCAL_HOST) {
        return { from: "libvirt" };
    }
    const master = (device: string): string => {
        try {
            return basename(readlinkSync(join(folder, device, "master")));
        } catch (error) {
            if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? "")) {
                return "";
            }
            throw error;
        }
    };
    try {
        return {
            from: "kernel",
            bridges: Object.fromEntries(readdirSync(folder).map((device) => [device, master(device)])),
        };
    } catch (error) {
        return { from: "unknown", why: error instanceof Error ? error.message : String(error) };
    }
}

/**
 * @param mark separates answers; a text that no XML holds
 * @throws CliError when libvirt does not answer, or something goes while it is read
 */
export async function readHost(
    uri: string,
    virsh: typeof mustVirsh = mustVirsh,
    mark: string = randomUUID(),
): Promise<LiveHost> {
    const list = async (...args: string[]): Promise<string[]> => words(await virsh(uri, args));
    /**
     * One call for many objects. virsh goes on after an error and hides it, so whatever has no answer is
     * asked alone.
     */
    const each = async (verb: string, ids: readonly string[]): Promise<string[]> => {
        const found: string[] = [];
        for (let i = 0; i < ids.length; i += BATCH) {
            const batch = ids.slice(i, i + BATCH);
            const answers = (
                await virsh(
                    uri,
                    [batch.map((id) => `${verb} ${id}; echo ${mark}`).join("; ")],
                    BATCH_TIMEOUT_MS,
                )
            ).split(mark);
            for (const [n, id] of batch.entries()) {
                const answer = answers.length === batch.length + 1 ? (answers[n] ?? "").trim() : "";
                found.push(
                    answer !== ""
                        ? answer
                        : await virsh(uri, [verb.split(" ")[0] ?? "", ...verb.split(" ").slice(1), id]),
                );
            }
        }
        return found;
    };
    return {
        uri,
        networks: await each("net-dumpxml", await list("net-list", "--all", "--uuid")),
        domains: await each("dumpxml", await list("list", "--all", "--uuid")),
        pools: await each("pool-dumpxml", await list("pool-list", "--all", "--uuid")),
        // Without --all these list what runs.
        next: {
            networks: await each("net-dumpxml --inactive", await list("net-list", "--persistent", "--uuid")),
            domains: await each("dumpxml --inactive", await list("list", "--persistent", "--uuid")),
        },
        active: await list("net-list", "--name"),
        autostart: {
            domains: await list("list", "--all", "--autostart", "--name"),
            networks: await list("net-list", "--all", "--autostart", "--name"),
        },
        kept: [
            ...new Set([
                ...(await list("list", "--all", "--with-snapshot", "--name")),
                ...(await list("list", "--all", "--with-managed-save", "--name")),
                ...(await list("list", "--all", "--with-checkpoint", "--name")),
            ]),
        ],
        taps: tapsOf(uri),
    };
}
