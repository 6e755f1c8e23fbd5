/** Reads what running Gateways say now, through libvirt. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Virsh } from "../../libvirt/client";
import type { StackPlan } from "../../plan/plan";
import { CliError } from "../../util/error";
import { parseXml } from "../../util/xml";
import { statusVolume } from "../../components/readiness-gate";
import { downloadFrom, TAIL_BYTES } from "../status-log";
import { hostVolume } from "../unit/script";
import type { Heard } from "./judge";
import type { HostFile } from "./kernel";
import type { Observed } from "./observe";
import { clockOff, describeClock, readiness, type StatusFile } from "./readiness";
import type { Chosen } from "./selection";

/** Pause between two looks, in milliseconds: a ready Gateway says so every two seconds. */
const PAUSE_MS = 2500;
/** Looks at a Gateway of which one look does not tell. */
const LOOKS = 3;

/** Length in bytes and time of the last write, in seconds, of a volume's document. @throws Error when it has none */
export function fileFacts(document: string): { readonly length: number; readonly written: number } {
    const volume = parseXml(document.slice(document.indexOf("<volume")));
    const child = (from: typeof volume | undefined, name: string): typeof volume | undefined =>
        from?.children.find((one) => one.name === name);
    const length = Number(child(volume, "physical")?.text ?? child(volume, "capacity")?.text);
    const written = Number(child(child(child(volume, "target"), "timestamps"), "mtime")?.text);
    if (!Number.isSafeInteger(length) || !Number.isFinite(written)) {
        throw new Error("libvirt does not tell the length of the status file and when it was written");
    }
    return { length, written };
}

/** @throws Error saying why it can't be read */
async function readStatus(virsh: Virsh, pool: string, volume: string): Promise<StatusFile> {
    const shown = await virsh([`pool-refresh ${pool}; vol-dumpxml --pool ${pool} ${volume}`]);
    if (shown.outcome !== "ok") {
        throw new Error(shown.message);
    }
    const { length, written } = fileFacts(shown.stdout);
    const read = await downloadFrom(virsh, pool, volume)(Math.max(0, length - TAIL_BYTES), 0);
    if (read.outcome !== "ok") {
        throw new Error(read.message);
    }
    return { text: read.stdout, written };
}

/**
 * Refuse a Gateway whose clock is surely not the host's: tor judges the consensus by it. An image that does not tell
 * the time passes here; `status` calls it undecided.
 * @throws CliError
 */
export async function requireClock(
    virsh: Virsh,
    { uri, domain, pool, volume }: Readonly<Record<"uri" | "domain" | "pool" | "volume", string>>,
): Promise<void> {
    let off: number | undefined;
    try {
        off = clockOff(await readStatus(virsh, pool, volume));
    } catch (error) {
        throw new CliError(
            `the clock of ${domain} can't be compared with its host's: ${error instanceof Error ? error.message : String(error)}`,
            `run it again; virsh -c '${uri}' vol-dumpxml --pool ${pool} ${volume} has to say when it was written`,
        );
    }
    if (off !== undefined && off !== 0) {
        throw new CliError(
            `the clock of ${domain} is ${describeClock(off)}: it was paused, or its clock runs at another speed`,
            `bin/sallyport restart ${domain}`,
        );
    }
}

/**
 * What one Gateway says. When the clocks of host and this machine differ, or it hangs, one look does not tell; then
 * it is ready if it says so anew.
 */
async function hearOne(virsh: Virsh, pool: string, volume: string): Promise<Heard> {
    let before: StatusFile | undefined;
    let heard: Heard | undefined;
    try {
        for (let i = 0; i < LOOKS; i += 1) {
            const file = await readStatus(virsh, pool, volume);
            const seen = readiness(file, Date.now() / 1000);
            // It has written since the look before, and what it wrote is that it is ready.
            const wrote = before !== undefined && file.written > before.written;
            const now = wrote ? readiness(file, file.written) : seen;
            heard = { readiness: now, file };
            if (now.ready !== undefined) {
                return heard;
            }
            before = file;
            if (i < LOOKS - 1) {
                await sleep(PAUSE_MS);
            }
        }
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { readiness: { ready: undefined, detail: `its status file can't be read: ${why}` } };
    }
    return heard ?? { readiness: { ready: undefined, detail: "it was not asked" } };
}

/** Most bytes of a host's file. */
const MOST_HOST = 4 * 2 ** 20;

/** What the hosts of those enclaves say of their kernel, by enclave. */
export async function hearHosts(
    virsh: Virsh,
    chosen: readonly Chosen[],
): Promise<ReadonlyMap<string, HostFile>> {
    const one = async ({ enclave }: Chosen): Promise<HostFile> => {
        const [pool, volume] = [enclave.statusPool.name, hostVolume(enclave)];
        const shown = await virsh([`pool-refresh ${pool}; vol-dumpxml --pool ${pool} ${volume}`]);
        if (shown.outcome.startsWith("no-")) {
            return { absent: true };
        }
        try {
            if (shown.outcome !== "ok") {
                throw new Error(shown.message);
            }
            const { length, written } = fileFacts(shown.stdout);
            if (length > MOST_HOST) {
                throw new Error(`it has ${length} bytes`);
            }
            const read = await downloadFrom(virsh, pool, volume)(0, 0);
            return read.outcome === "ok" ? { text: read.stdout, written } : { unreadable: read.message };
        } catch (error) {
            return { unreadable: error instanceof Error ? error.message : String(error) };
        }
    };
    return new Map(
        await Promise.all(
            chosen.map(async (each): Promise<[string, HostFile]> => [each.enclave.name, await one(each)]),
        ),
    );
}

/** What each running Gateway of those says, by its domain. */
export async function hear(
    virsh: Virsh,
    plan: StackPlan,
    chosen: readonly Chosen[],
    seen: Observed,
): Promise<ReadonlyMap<string, Heard>> {
    const running = plan.enclaves.filter(
        ({ gateway }) =>
            seen.guests.get(gateway.domain)?.state === "running" &&
            chosen.some((one) => one.gateway.domain === gateway.domain),
    );
    return new Map(
        await Promise.all(
            running.map(async ({ gateway: { domain }, statusPool }): Promise<[string, Heard]> => [
                domain,
                await hearOne(virsh, statusPool.name, statusVolume(domain)),
            ]),
        ),
    );
}
