/**
 * `sallyport wipe`: overwrites a guest's volume before it is removed, which no provider does. All through
 * libvirt's storage API, so it works for remote hosts too.
 *
 * `virsh vol-wipe` alone writes nothing over a sparse file: libvirt cuts it to nothing and makes it as long
 * again (storage_util.c), and the old blocks stay on the disk, free. So holes are filled first, by uploading
 * zeros. That upload is not enough either: nothing writes it to the disk before the file is removed. vol-wipe
 * does (fdatasync).
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { callLimitMs } from "../libvirt/limits";
import { parseXml } from "../util/xml";
import { CliError } from "../util/error";
import { jsonOption, seconds } from "./options";
import { emit, passed, report } from "../util/output";
import { withTemporaryFolder } from "../util/temporary";
import { virshAt, type Virsh, type VirshResult } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";

/** A volume and the guest whose disk it is. */
export interface WipeTarget {
    readonly uri: string;
    readonly pool: string;
    readonly volume: string;
    /** The guest; while it runs, nothing is wiped. */
    readonly domain: string;
}

/**
 * Least limit of each call in milliseconds: the pool's other wipes come first, and zeros may have to pass a
 * slow line.
 */
const LIMIT_MS = 15 * 60_000;
const limitMs = ({ uri }: WipeTarget): number => callLimitMs(uri, LIMIT_MS);

/**
 * How long the guest may take to stop. Where a seed and an overlay are replaced at a time, the engine removes
 * what depends on the one beside what depends on the other, and the guest, with all that goes before it, in
 * only one of the two.
 */
const WAIT_SECONDS = 300;

/** Said with every wipe. */
export const NOT_REACHED =
    "not reached by that: spare cells of an SSD, older blocks of a copy-on-write file system, the host's swap, snapshots and backups, and what the guest discarded";

/** Sizes in bytes. */
interface Size {
    readonly length: number;
    /** What the file takes on the disk; less than its length when it has holes. */
    readonly allocated: number;
}

/** Sizes in libvirt's document of a volume. @throws Error when it is no XML or lacks one in bytes */
export function sizeIn(xml: string): Size {
    const bytes = (name: string): number => {
        const element = parseXml(xml).children.find((child) => child.name === name);
        const text = element?.text.trim() ?? "";
        if (!/^\d+$/.test(text) || (element?.attributes["unit"] ?? "bytes") !== "bytes") {
            throw new Error(`libvirt's description of the volume has no ${name} in bytes`);
        }
        return Number(text);
    };
    return { length: bytes("physical"), allocated: bytes("allocation") };
}

/** Whether libvirt would cut it and not overwrite it. */
const sparse = (size: Size): boolean => size.allocated < size.length;

const given = ({ pool, volume }: WipeTarget): string[] => ["--pool", pool, "--vol", volume];
const byHand = ({ uri, pool, volume }: WipeTarget): string =>
    `remove it yourself, unwiped: virsh -c '${uri}' vol-delete --pool ${pool} ${volume}, and go on`;

/** Zeros through libvirt, over the whole length. The file that they come from is nothing but a hole. */
async function fill(virsh: Virsh, target: WipeTarget, length: number): Promise<VirshResult> {
    return withTemporaryFolder("wipe", async (folder) => {
        const zeros = join(folder, "zeros");
        const file = await open(zeros, "w");
        await file.truncate(length);
        await file.close();
        return await virsh(["vol-upload", ...given(target), "--file", zeros], limitMs(target));
    });
}

/**
 * Overwrite a volume with zeros, in place.
 * @param waitSeconds how long its guest may take to stop
 * @param pause one second, for tests
 * @returns bytes that were overwritten; undefined when there is no such volume any more
 * @throws CliError when the guest runs, libvirt can't or won't, or the file system does not keep what is written
 */
export async function wipe(
    virsh: Virsh,
    target: WipeTarget,
    waitSeconds = 0,
    pause = (): Promise<void> => sleep(1000),
): Promise<number | undefined> {
    const must = (what: string, result: VirshResult): VirshResult => {
        if (result.outcome !== "ok") {
            throw new CliError(
                `can't ${what}: ${result.message}`,
                result.outcome === "error"
                    ? byHand(target)
                    : virshFix(result.outcome, target.uri, limitMs(target)),
            );
        }
        return result;
    };
    const runs = async (): Promise<boolean> =>
        must("list domains", await virsh(["list", "--name"], limitMs(target)))
            .stdout.split("\n")
            .some((name) => name.trim() === target.domain);
    for (let left = waitSeconds; await runs(); left -= 1) {
        if (left <= 0) {
            throw new CliError(
                `volume ${target.volume} is a disk of ${target.domain}, which runs`,
                `stop it, for good: virsh -c '${target.uri}' destroy ${target.domain}`,
            );
        }
        await pause();
    }
    const ask = async (): Promise<Size | undefined> => {
        const shown = await virsh(["vol-dumpxml", ...given(target)], limitMs(target));
        return shown.outcome === "no-volume" || shown.outcome === "no-pool"
            ? undefined
            : sizeIn(must(`look at volume ${target.volume}`, shown).stdout);
    };
    const size = await ask();
    if (size === undefined) {
        return undefined;
    }
    // To ask also makes libvirt look: it overwrites as many bytes as it last saw.
    const mustBeFull = async (): Promise<void> => {
        const now = await ask();
        if (now === undefined || sparse(now)) {
            throw new CliError(
                `volume ${target.volume} can't be overwritten: its file system keeps no zeros (compression, copy-on-write)`,
                byHand(target),
            );
        }
    };
    if (sparse(size)) {
        must(`fill the holes of volume ${target.volume}`, await fill(virsh, target, size.length));
        await mustBeFull();
    }
    must(`overwrite volume ${target.volume}`, await virsh(["vol-wipe", ...given(target)], limitMs(target)));
    await mustBeFull();
    return size.length;
}

async function run(o: WipeTarget & { wait?: number; json?: boolean }): Promise<void> {
    const bytes = await wipe(virshAt(o.uri), o, o.wait ?? WAIT_SECONDS);
    const detail =
        bytes === undefined
            ? "there is none any more"
            : `overwritten, ${(bytes / 1024 ** 2).toFixed(1)} MiB; ${NOT_REACHED}`;
    // Pulumi shows what a step says on stderr.
    process.stderr.write(`volume ${o.volume}: ${detail}\n`);
    emit(report([passed("volume.wiped", `Volume ${o.volume}`, detail)]), o.json === true);
}

export function wipeCommand(): Command {
    return jsonOption(new Command("wipe"))
        .description(
            "overwrite a guest's volume with zeros before it is removed; none there any more is fine",
        )
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--pool <pool>", "the volume's storage pool")
        .requiredOption("--volume <name>", "the volume")
        .requiredOption("--domain <name>", "the guest whose disk it is; wiping waits until it has stopped")
        .option("--wait <seconds>", `limit of that, ${WAIT_SECONDS} by default`, seconds)
        .action(run);
}
