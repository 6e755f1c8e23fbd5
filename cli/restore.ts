/**
 * `sallyport restore`: reads a backup back into volumes that `up` made, with their guests off. While a volume is
 * written, its beginning says so: a guest takes such a volume for none of its own and stays shut.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Command } from "commander";
import { parse } from "yaml";
import { mustVirsh, virshAt, type Virsh } from "../libvirt/client";
import { isEmpty } from "../libvirt/data-volumes";
import { readVolume, type VolumeAt, writeVolume } from "../libvirt/volume-stream";
import type { StackPlan } from "../plan/plan";
import { hostIdentity } from "../values/host-identity";
import { CliError } from "../util/error";
import { type Check, emit, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { contentChecks, projectOf, volumeFacts } from "./backup";
import { interruptible } from "./backup/interrupt";
import { type Manifest, member, plannedVolumes, type PlannedVolume } from "./backup/manifest";
import { type Contents, readBackup } from "./backup/read";
import { requireOff } from "./backup/stopped";
import { type Key, mustHavePassphrase } from "./backup/tool";
import { requireHost } from "./life/declared";
import { observe } from "./life/observe";
import { jsonOption } from "./options";
import { exported } from "./orphans/state";
import { planOfStack } from "./settings";
import { findStack } from "./stack";
import { wipe } from "./wipe";

const MIB = 2 ** 20;
/** Zeros that are not worth a call of their own are written. */
const GAP = 64 * MIB;
/** What a volume begins with until it is whole: neither blank nor a file system (image/rootfs, prepare-disks). */
export const MARK = Buffer.alloc(4096, "sallyport restore has not ended: run it again\n");

const ZEROS = Buffer.alloc(MIB);
/** @param piece a MiB at most */
const isZero = (piece: Buffer): boolean => piece.equals(ZEROS.subarray(0, piece.length));

/** Pieces of a MiB each, but the last. */
async function* chunks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let held: Buffer[] = [];
    let length = 0;
    for await (const piece of pieces) {
        held.push(piece);
        length += piece.length;
        if (length >= MIB) {
            const whole = Buffer.concat(held);
            const full = length - (length % MIB);
            for (let i = 0; i < full; i += MIB) {
                yield whole.subarray(i, i + MIB);
            }
            held = [whole.subarray(full)];
            length -= full;
        }
    }
    if (length > 0) {
        yield Buffer.concat(held);
    }
}

/** Write all but the first MiB, and leave long rows of zeros out: the volume has them. @returns the first MiB */
async function writeBehind(at: VolumeAt, content: AsyncIterable<Buffer>): Promise<Buffer> {
    const source = chunks(content);
    const first = ((await source.next()).value as Buffer | undefined) ?? Buffer.alloc(0);
    let place = first.length;
    let next = await source.next();
    while (next.done !== true) {
        if (isZero(next.value)) {
            place += next.value.length;
            next = await source.next();
            continue;
        }
        const from = place;
        const row = async function* (): AsyncGenerator<Buffer> {
            let zeros: Buffer[] = [];
            while (next.done !== true && zeros.length * MIB < GAP) {
                place += next.value.length;
                if (isZero(next.value)) {
                    zeros.push(next.value);
                } else {
                    yield* zeros;
                    zeros = [];
                    yield next.value;
                }
                next = await source.next();
            }
        };
        await writeVolume(at, from, row());
    }
    return first;
}

/** Whether what is in a volume is one that an earlier restore did not finish. */
async function isMarked(at: VolumeAt): Promise<boolean> {
    let head = Buffer.alloc(0);
    for await (const piece of readVolume(at)) {
        head = Buffer.concat([head, piece]);
        if (head.length >= MARK.length) {
            break;
        }
    }
    return head.subarray(0, MARK.length).equals(MARK);
}

/** Whether a volume holds this content already: an earlier restore ended with it. */
async function holds(at: VolumeAt, bytes: number, hash: string): Promise<boolean> {
    const sum = createHash("sha256");
    let left = bytes;
    for await (const piece of readVolume(at)) {
        sum.update(piece.subarray(0, left));
        left -= Math.min(left, piece.length);
        if (left === 0) {
            break;
        }
    }
    return left === 0 && sum.digest("hex") === hash;
}

interface Target extends PlannedVolume {
    readonly i: number;
    readonly used: boolean;
    /** It has its content from an earlier restore. */
    readonly done: boolean;
}

/** What a restore has done to volumes, for what is said when it ends early. */
export interface Progress {
    readonly whole: string[];
    /** The one that is written: it has the mark, and its guest stays shut. */
    marked?: string;
    /** The one that is wiped: it may look blank, and a guest would format it. */
    wiped?: string;
}

/** What is to be done after an interruption, by what was done until then. Pure. */
export function afterInterruption({ whole, marked, wiped }: Progress, file: string): string {
    const again = `run it again: bin/sallyport restore ${file}`;
    const said = [
        ...(whole.length > 0 ? [`restored: ${whole.join(", ")}`] : []),
        ...(marked === undefined ? [] : [`half written, and its guest stays shut until then: ${marked}`]),
        ...(wiped === undefined ? [] : [`being wiped, do not start its guest before: ${wiped}`]),
    ];
    return said.length === 0 ? `no volume was written; ${again}` : `${said.join("; ")}; ${again}`;
}

/** Where each volume goes. @throws CliError before anything is written */
async function targets(
    virsh: Virsh,
    plan: StackPlan,
    { manifest, hashes }: Pick<Contents, "manifest" | "hashes">,
): Promise<Target[]> {
    const planned = new Map(plannedVolumes(plan).map((one) => [`${one.pool}/${one.volume}`, one]));
    const found: Target[] = [];
    for (const [i, { guest, pool, volume, bytes }] of manifest.volumes.entries()) {
        const one = planned.get(`${pool}/${volume}`);
        if (one === undefined) {
            throw new CliError(
                `the settings keep no volume ${pool}/${volume} of ${guest}, which is in the backup`,
                "give the stack the settings of the backup, run bin/pulumi up and bin/sallyport stop, then this again",
            );
        }
        const info = await virsh([`pool-refresh ${pool}; vol-info --pool ${pool} ${volume}`]);
        if (info.outcome.startsWith("no-")) {
            throw new CliError(
                `there is no volume ${volume} at ${plan.uri}`,
                `bin/pulumi up, bin/sallyport stop ${one.enclave}, then this again`,
            );
        }
        const { length } = await volumeFacts(virsh, plan.uri, { pool, volume });
        if (length < bytes) {
            throw new CliError(
                `${guest}: its volume has ${length / MIB} MiB, the backup's ${bytes / MIB} MiB`,
                `bin/sallyport resize ${guest} ${Math.ceil(bytes / MIB)}MiB`,
            );
        }
        const at = { uri: plan.uri, pool, volume };
        const used = info.outcome !== "ok" || !isEmpty(info.stdout);
        const done = used && (await holds(at, bytes, hashes[member(i)] ?? ""));
        if (used && !done && !one.mayBeLost && !(await isMarked(at))) {
            throw new CliError(
                `${guest}: its volume ${volume} is not blank; what is in it would be lost`,
                `if that may go: bin/pulumi config set --stack ${manifest.stack} --path 'sallyport:allowDataLoss[0]' ${guest} (the next free number), then this again`,
            );
        }
        found.push({ ...one, i, used, done });
    }
    return found;
}

/**
 * Write one volume. Its beginning comes last, after the rest was read back: until then it has the mark.
 * @throws CliError, and the mark stays
 */
async function fill(
    virsh: Virsh,
    plan: StackPlan,
    { domain, guest, pool, volume, used }: Target,
    content: AsyncIterable<Buffer>,
    bytes: number,
    hash: string,
    progress: Progress,
): Promise<void> {
    const at: VolumeAt = { uri: plan.uri, pool, volume };
    if (used) {
        progress.wiped = guest;
        // Over a file with holes vol-wipe makes one hole of it; that the old blocks go is what wipe() is for.
        await (plan.wipe
            ? wipe(virsh, { uri: plan.uri, pool, volume, domain })
            : mustVirsh(plan.uri, ["vol-wipe", "--pool", pool, "--vol", volume], 900_000));
    }
    await writeVolume(at, 0, [MARK]);
    delete progress.wiped;
    progress.marked = guest;
    const first = await writeBehind(at, content);
    const sum = createHash("sha256").update(first);
    let left = bytes - first.length;
    if (left > 0) {
        for await (const piece of readVolume(at, first.length)) {
            sum.update(piece.subarray(0, left));
            left -= Math.min(left, piece.length);
        }
    }
    if (left > 0 || sum.digest("hex") !== hash) {
        throw new CliError(
            `volume ${volume} does not hold what was written into it; its guest stays shut`,
            "see that the host's disk has room and is sound, then run it again",
        );
    }
    await writeVolume(at, 0, [first]);
    delete progress.marked;
    progress.whole.push(guest);
}

/**
 * Write a backup's volumes.
 * @param whole what a first reading of the file gave
 * @throws CliError; what was begun is marked, and the same command goes on
 */
export async function restoreVolumes(
    virsh: Virsh,
    plan: StackPlan,
    file: string,
    key: Key,
    whole: Contents,
    signal: AbortSignal,
    progress: Progress = { whole: [] },
): Promise<void> {
    const { manifest, hashes } = whole;
    const domains = new Set(manifest.volumes.map(({ domain }) => domain));
    const enclaves = plan.enclaves.filter(({ gateway, workstations }) =>
        [gateway, ...workstations].some(({ domain }) => domains.has(domain)),
    );
    requireOff(enclaves, await observe(virsh, plan));
    const to = await targets(virsh, plan, whole);
    await readBackup(file, key, signal, async (i, again, pieces) => {
        const target = to.find((one) => one.i === i);
        if (target === undefined || !isDeepStrictEqual(again, manifest)) {
            throw new CliError(`${file} was changed while it was read`, "run it again");
        }
        if (target.done) {
            progress.whole.push(target.guest);
            return;
        }
        requireOff(enclaves, await observe(virsh, plan));
        await fill(
            virsh,
            plan,
            target,
            pieces,
            manifest.volumes[i]?.bytes ?? 0,
            hashes[member(i)] ?? "",
            progress,
        );
    });
}

/**
 * Refuse what runs at the place that the backup is from. A host that does not answer is undecided: its user says it.
 * @throws CliError
 */
export async function requireNotElsewhere(
    here: Virsh,
    there: (uri: string) => Virsh,
    plan: StackPlan,
    { uri, host, volumes }: Manifest,
    isOff: boolean,
): Promise<void> {
    const hostAt = async (virsh: Virsh, at: string): Promise<string | undefined> => {
        const { outcome, stdout } = await virsh(["capabilities"]);
        const found = outcome === "ok" ? hostIdentity(at, stdout) : undefined;
        return found !== undefined && "host" in found ? found.host : undefined;
    };
    if (host !== "" && (await hostAt(here, plan.uri)) === host) {
        return;
    }
    const old = there(uri);
    const isThere = host !== "" && (await hostAt(old, uri)) === host;
    const running = isThere ? await old(["list", "--name"]) : undefined;
    if (running?.outcome === "ok") {
        const names = running.stdout.split("\n").map((line) => line.trim());
        const runs = volumes.find(({ domain }) => names.includes(domain));
        if (runs !== undefined) {
            throw new CliError(
                `${runs.guest} runs at ${uri}; the same guards in two places link them`,
                `at that host: virsh -c '${uri}' shutdown ${runs.domain}`,
            );
        }
        return;
    }
    if (!isOff) {
        throw new CliError(
            `the backup is of another host (${uri}), which can't be asked from here whether its guests run`,
            "see that they are off there for good, then add --source-is-off",
        );
    }
}

/** Keys of a settings file that are not as in the backup. */
export function differences(saved: string, present: string): string[] {
    const config = (text: string): Record<string, unknown> =>
        (parse(text) as { config?: Record<string, unknown> } | null)?.config ?? {};
    const [a, b] = [config(saved), config(present)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
        (key) => !isDeepStrictEqual(a[key], b[key]),
    );
}

/** Settings are written where there are none. @returns what is said of them */
async function settingsOf(root: string, { manifest, settings }: Contents): Promise<Check> {
    const name = `Pulumi.${manifest.stack}.yaml`;
    const file = join(root, name);
    if (!existsSync(file)) {
        await writeFile(file, settings, { flag: "wx" });
        process.stderr.write(`${name} is written: there was none\n`);
        return passed("restore.settings", name, "written");
    }
    const other = differences(settings, readFileSync(file, "utf8"));
    return passed(
        "restore.settings",
        name,
        other.length === 0 ? "as in the backup" : `kept as it is; not as in the backup: ${other.join(", ")}`,
    );
}

interface Options extends Key {
    readonly verify?: boolean;
    readonly sourceIsOff?: boolean;
    readonly json?: boolean;
}

async function run(file: string, o: Options): Promise<void> {
    await mustHavePassphrase(o);
    const progress: Progress = { whole: [] };
    const fix = (): string => afterInterruption(progress, file);
    const checks = await interruptible(fix, async (signal): Promise<Check[]> => {
        const whole = await readBackup(file, o, signal);
        const { manifest } = whole;
        const held = passed("backup.whole", file, "decrypted; every hash holds");
        if (o.verify === true) {
            return [...contentChecks(manifest), held];
        }
        const root = projectRoot();
        if (manifest.project !== projectOf(root)) {
            throw new CliError(
                `the backup is of project ${manifest.project}; this one is ${projectOf(root)}`,
                `restore it in a folder of ${manifest.project}`,
            );
        }
        const settings = await settingsOf(root, whole);
        const stack = await findStack(root, manifest.stack);
        const plan = planOfStack(root, stack);
        const virsh = virshAt(plan.uri);
        await requireHost(plan, await exported(root, stack.reference));
        await requireNotElsewhere(virsh, virshAt, plan, manifest, o.sourceIsOff === true);
        await restoreVolumes(virsh, plan, file, o, whole, signal, progress);
        return [
            held,
            settings,
            ...manifest.volumes.map(({ guest, volume }) =>
                passed("restore.volume", guest, `${volume} written and read back`),
            ),
            passed(
                "restore.guards",
                "Guards",
                "a restored Gateway has the same guards: who sees two places use them can link the places; take its guest out of allowDataLoss again",
            ),
        ];
    });
    emit(report(checks), o.json === true);
}

export const restoreCommand = (): Command =>
    jsonOption(new Command("restore"))
        .description("write a backup's volumes back, with their guests off")
        .argument("<file>", "a file of bin/sallyport backup")
        .option("--verify", "read it, check every hash, and say what is in it; write nothing")
        .option("--passphrase-file <file>", "file with its passphrase in the first line")
        .option("--identity <file>", "age's secret key; gpg finds its own")
        .option("--source-is-off", "the guests at the host that it is from are off for good")
        .action(run);
