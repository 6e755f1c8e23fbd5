/**
 * `sallyport backup`: what is kept of stopped guests, the stack's settings and its state, in one encrypted file.
 * Nothing of it is on the disk unencrypted: volumes come through pipes, and go through the tool's.
 */
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import { virshAt, type Virsh } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { readVolume } from "../libvirt/volume-stream";
import type { EnclavePlan, StackPlan } from "../plan/plan";
import { storedSettings } from "../plan/file";
import { CliError } from "../util/error";
import { type Check, emit, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { encrypted } from "./backup/crypt";
import { interruptible } from "./backup/interrupt";
import {
    FORMAT,
    HASHES,
    type Manifest,
    MANIFEST,
    member,
    plannedVolumes,
    type SavedVolume,
    SETTINGS,
    STATE,
} from "./backup/manifest";
import { readBackup, sha256 } from "./backup/read";
import { requireOff } from "./backup/stopped";
import { END, header, padding } from "./backup/tar";
import { encryptWith, type Key, mustHave, mustHavePassphrase } from "./backup/tool";
import { boundIn } from "./check-host";
import { requireHost } from "./life/declared";
import { fileFacts } from "./life/hear";
import { observe } from "./life/observe";
import { choose } from "./life/selection";
import { jsonOption, stackOption } from "./options";
import { exported } from "./orphans/state";
import { planOfStack } from "./settings";
import { findStack } from "./stack";

/** A volume's length in bytes and when it was last written. @throws CliError when libvirt does not say so */
export async function volumeFacts(
    virsh: Virsh,
    uri: string,
    { pool, volume }: { readonly pool: string; readonly volume: string },
): Promise<{ readonly length: number; readonly written: number }> {
    // What libvirt knows of a file is as old as its last look.
    const shown = await virsh([`pool-refresh ${pool}; vol-dumpxml --pool ${pool} ${volume}`]);
    try {
        if (shown.outcome !== "ok") {
            throw new Error(shown.message);
        }
        return fileFacts(shown.stdout);
    } catch (error) {
        throw new CliError(
            `volume ${pool}/${volume} can't be read: ${error instanceof Error ? error.message : String(error)}`,
            shown.outcome === "ok"
                ? `virsh -c '${uri}' vol-dumpxml --pool ${pool} ${volume}`
                : virshFix(shown.outcome, uri),
        );
    }
}

/** What goes into a backup beside volumes. */
export interface Source {
    readonly plan: StackPlan;
    readonly enclaves: readonly EnclavePlan[];
    readonly project: string;
    readonly stack: string;
    readonly settings: string;
    readonly state: string;
    readonly image: string;
}

/** @throws CliError when a guest runs, a volume can't be read, or it is written meanwhile */
export async function writeBackup(
    virsh: Virsh,
    source: Source,
    file: string,
    key: Key,
    signal: AbortSignal,
): Promise<Manifest> {
    const { plan, enclaves, project, stack, settings, state, image } = source;
    requireOff(enclaves, await observe(virsh, plan));
    const planned = plannedVolumes(plan, enclaves);
    const before = new Map<string, number>();
    const volumes: SavedVolume[] = [];
    for (const { guest, domain, pool, volume } of planned) {
        const { length, written } = await volumeFacts(virsh, plan.uri, { pool, volume });
        before.set(volume, written);
        volumes.push({ guest, domain, pool, volume, bytes: length });
    }
    const host = boundIn(state)[0]?.host ?? "";
    const created = new Date().toISOString();
    const manifest: Manifest = {
        format: FORMAT,
        project,
        stack,
        created,
        uri: plan.uri,
        host,
        image,
        volumes,
    };
    const hashes: Record<string, string> = {};
    const members = async function* (): AsyncGenerator<Buffer> {
        const texts = {
            [MANIFEST]: JSON.stringify(manifest, undefined, 2),
            [SETTINGS]: settings,
            [STATE]: state,
        };
        const whole = function* (name: string, text: string): Generator<Buffer> {
            const content = Buffer.from(text);
            hashes[name] = sha256(content);
            yield Buffer.concat([header(name, content.length), content, padding(content.length)]);
        };
        for (const [name, text] of Object.entries(texts)) {
            yield* whole(name, text);
        }
        for (const [i, { pool, volume, bytes }] of volumes.entries()) {
            const hash = createHash("sha256");
            let got = 0;
            yield header(member(i), bytes);
            for await (const piece of readVolume({ uri: plan.uri, pool, volume })) {
                got += piece.length;
                hash.update(piece);
                yield piece;
            }
            if (got !== bytes) {
                throw new CliError(`volume ${volume} gave ${got} bytes of ${bytes}`, "run it again");
            }
            yield padding(bytes);
            hashes[member(i)] = hash.digest("hex");
        }
        yield* whole(HASHES, JSON.stringify(hashes));
        // Whoever started a guest meanwhile has a backup of neither before nor after.
        requireOff(enclaves, await observe(virsh, plan));
        for (const { pool, volume } of volumes) {
            if ((await volumeFacts(virsh, plan.uri, { pool, volume })).written !== before.get(volume)) {
                throw new CliError(
                    `volume ${volume} was written meanwhile`,
                    "stop its guest, and run it again",
                );
            }
        }
        yield END;
    };
    await encrypted(file, encryptWith(key), members(), signal);
    return manifest;
}

/** What is in a backup, a line each. */
export const contentChecks = ({ project, stack, created, image, volumes }: Manifest): Check[] => [
    passed(
        "backup.stack",
        `Stack ${stack}`,
        `of project ${project}, settings and state, ${created}; image ${image || "not named"}`,
    ),
    ...volumes.map(({ guest, volume, bytes }) =>
        passed("backup.volume", guest, `${volume}, ${bytes / 2 ** 20} MiB`),
    ),
];

/** Name of the project in this folder. */
export const projectOf = (root: string): string =>
    (parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { name: string }).name;

interface Options extends Key {
    readonly out: string;
    readonly stack?: string;
    readonly json?: boolean;
}

async function run(wanted: string | undefined, o: Options): Promise<void> {
    await mustHave(encryptWith(o));
    await mustHavePassphrase(o);
    if (
        await access(o.out).then(
            () => true,
            () => false,
        )
    ) {
        throw new CliError(`${o.out} is there already`, "name a file that is not there");
    }
    const root = projectRoot();
    const stack = await findStack(root, o.stack);
    const plan = planOfStack(root, stack);
    const chosen = choose(plan, wanted);
    const enclaves = chosen.map(({ enclave }) => enclave);
    if (wanted !== undefined && !enclaves.some(({ name }) => name === wanted)) {
        throw new CliError(
            `${wanted} is a guest; a backup is of an enclave`,
            `name ${enclaves[0]?.name ?? ""}`,
        );
    }
    const state = await exported(root, stack.reference);
    await requireHost(plan, state);
    const file = join(root, `Pulumi.${stack.name}.yaml`);
    const source: Source = {
        plan,
        enclaves,
        project: projectOf(root),
        stack: stack.name,
        settings: existsSync(file) ? readFileSync(file, "utf8") : "",
        state,
        image: String(storedSettings(root, stack.name)["image"] ?? ""),
    };
    const readable = o.passphraseFile !== undefined;
    const manifest = await interruptible(
        () => "nothing of it is left; run it again",
        async (signal) => {
            const written = await writeBackup(virshAt(plan.uri), source, o.out, o, signal);
            if (readable) {
                await readBackup(o.out, o, signal);
            }
            return written;
        },
    );
    emit(
        report([
            ...contentChecks(manifest),
            passed(
                "backup.written",
                o.out,
                readable
                    ? "written and read back: every hash holds"
                    : `written, not read back: only the recipient can; where the secret key is: bin/sallyport restore ${o.out} --verify`,
            ),
        ]),
        o.json === true,
    );
}

export const backupCommand = (): Command =>
    stackOption(jsonOption(new Command("backup")))
        .description("write what is kept of stopped guests, with settings and state, into one encrypted file")
        .argument("[enclave]", "an enclave of the stack (default: all of them)")
        .requiredOption("--out <file>", "the file to make")
        .option("--recipient <key>", "age recipient (age1…), or OpenPGP fingerprint of 40 digits")
        .option("--passphrase-file <file>", "file with a passphrase in its first line")
        .action(run);
