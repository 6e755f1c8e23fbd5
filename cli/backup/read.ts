/** Reads a backup to its end: every member in its order, every hash. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { CliError } from "../../util/error";
import { decrypted } from "./crypt";
import {
    HASHES,
    type Manifest,
    MANIFEST,
    member,
    MOST_TEXT,
    readManifest,
    SETTINGS,
    STATE,
} from "./manifest";
import type { ByteReader } from "./tar";
import type { Key } from "./tool";

export interface Contents {
    readonly manifest: Manifest;
    readonly settings: string;
    readonly state: string;
    /** SHA-256 of each member but the last, which holds them. */
    readonly hashes: Readonly<Record<string, string>>;
}

/** Takes a volume's content; what it leaves is skipped. */
export type Take = (i: number, manifest: Manifest, pieces: AsyncIterable<Buffer>) => Promise<void>;

const sums = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
export const sha256 = (text: Buffer | string): string => createHash("sha256").update(text).digest("hex");

async function readAll(reader: ByteReader, file: string, take?: Take): Promise<Contents> {
    const hashes: Record<string, string> = {};
    const text = async (name: string): Promise<string> => {
        const content = await reader.whole(name, MOST_TEXT);
        hashes[name] = sha256(content);
        return content.toString();
    };
    const manifest = readManifest(await text(MANIFEST), file);
    const [settings, state] = [await text(SETTINGS), await text(STATE)];
    for (const [i, { bytes, guest }] of manifest.volumes.entries()) {
        const length = await reader.member(member(i), bytes);
        if (length !== bytes) {
            throw new CliError(
                `${file}: ${guest} has ${length} bytes, ${bytes} by its manifest`,
                "take another copy",
            );
        }
        const hash = createHash("sha256");
        const hashed = async function* (): AsyncGenerator<Buffer> {
            for await (const piece of reader.content(bytes)) {
                hash.update(piece);
                yield piece;
            }
        };
        const pieces = hashed();
        await take?.(i, manifest, { [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) });
        while ((await pieces.next()).done !== true);
        hashes[member(i)] = hash.digest("hex");
    }
    const written = sums.safeParse(JSON.parse((await reader.whole(HASHES, MOST_TEXT)).toString()));
    await reader.end();
    const names = new Set([...Object.keys(hashes), ...Object.keys(written.data ?? {})]);
    const wrong = [...names].filter((name) => hashes[name] !== written.data?.[name]);
    if (!written.success || wrong.length > 0) {
        throw new CliError(
            `${file}: the SHA-256 of ${wrong.join(", ") || HASHES} is not the one that was written`,
            "take another copy of it",
        );
    }
    return { manifest, settings, state, hashes };
}

/** @throws CliError when it can't be decrypted, or is not whole */
export const readBackup = (file: string, key: Key, signal: AbortSignal, take?: Take): Promise<Contents> =>
    decrypted(file, key, signal, (reader) => readAll(reader, file, take));
