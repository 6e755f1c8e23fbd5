/**
 * What an upload made, read back before anything stands on it. Provider 0.8.3 has reported success for an
 * image that a full disk had cut short; and a volume may have been changed since an earlier `up` wrote it.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { withTemporaryFolder } from "../util/temporary";
import { askVirsh, type Ask, virshAt, virshLine } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { callLimitMs } from "../libvirt/limits";

/** The volume that holds the golden image. */
export interface StoredImage {
    readonly uri: string;
    readonly pool: string;
    readonly volume: string;
    /** SHA-256 in hexadecimal of what it must hold. */
    readonly sha256: string;
}

/** What a volume holds. */
export interface Content {
    readonly bytes: number;
    readonly sha256: string;
}

/** Least limit for reading a volume, in milliseconds: enough for a small image over a slow line. */
const LIMIT_MS = 15 * 60_000;

/**
 * Read a volume through libvirt, so that it works for remote hosts too. The copy needs as much room in the
 * folder for temporary files as the volume has bytes: virsh writes to files only.
 * @throws Error with libvirt's complaint
 */
export async function readVolume({ uri, pool, volume }: StoredImage): Promise<Content> {
    return withTemporaryFolder("read-back", async (folder) => {
        const copy = join(folder, "image");
        const args = ["vol-download", "--pool", pool, volume, copy];
        const limitMs = callLimitMs(uri, LIMIT_MS);
        const { outcome, message } = await virshAt(uri)(args, limitMs);
        if (outcome !== "ok") {
            const fix = outcome === "error" ? virshLine(uri, ...args) : virshFix(outcome, uri, limitMs);
            throw new Error(`the image's volume can't be read back: ${message}; fix: ${fix}`);
        }
        const hash = createHash("sha256");
        await pipeline(createReadStream(copy), hash);
        return { bytes: (await stat(copy)).size, sha256: hash.digest("hex") };
    });
}

/** The image is uploaded again. */
const AGAIN = "bin/pulumi refresh && bin/pulumi up";

/**
 * Compare a stored image with its sum.
 * @throws Error that says how to get a good one when it can't be read or is another
 */
export async function checkStored(
    stored: StoredImage,
    read: (stored: StoredImage) => Promise<Content> = readVolume,
): Promise<void> {
    const found = await read(stored);
    if (found.sha256 !== stored.sha256) {
        const { uri, pool, volume, sha256 } = stored;
        throw new Error(
            `volume ${volume} in pool ${pool} holds ${found.bytes} bytes with SHA-256 ${found.sha256}, ` +
                `expected is ${sha256}; fix: ${virshLine(uri, "vol-delete", "--pool", pool, volume)} && ${AGAIN}`,
        );
    }
}

/** When the golden image's volume is looked at. */
export interface StoredChecks {
    /** Before an overlay is made on it. */
    readonly beforeUse: () => Promise<void>;
    /** After an upload: a volume that was lost and made anew has overlays on it already, and none is made. */
    readonly afterUpload: () => Promise<void>;
}

/**
 * Takes a bad upload away again. Guests that stand on its name would boot from it, and no later `up` would
 * look.
 * @throws Error always: what was wrong, and how to go on
 */
async function refuseUpload(stored: StoredImage, reason: unknown, ask: Ask): Promise<never> {
    const [what = "", fix = AGAIN] = (reason as Error).message.split("; fix: ");
    try {
        await ask(["vol-delete", "--pool", stored.pool, stored.volume]);
    } catch (error) {
        const [why] = (error as Error).message.split("; fix: ");
        throw new Error(`${what}; it could not be removed again: ${why}; fix: ${fix}`, { cause: error });
    }
    throw new Error(`${what}; it is removed again; fix: ${AGAIN}`, { cause: reason });
}

/**
 * The checks of a stack's image. They share one reading in a run; when neither volume nor overlay is made,
 * nothing is read.
 */
export function storedChecks(
    stored: StoredImage,
    check: (stored: StoredImage) => Promise<void> = checkStored,
    ask: Ask = askVirsh(stored.uri),
): StoredChecks {
    let checked: Promise<void> | undefined;
    const beforeUse = (): Promise<void> => (checked ??= check(stored));
    return {
        beforeUse,
        afterUpload: () => beforeUse().catch((error: unknown) => refuseUpload(stored, error, ask)),
    };
}
