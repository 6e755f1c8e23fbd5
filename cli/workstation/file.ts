/**
 * Reads the enclaves of a stack's settings file as they are stored, and writes them back: comments, order and
 * everything else stay, secrets stay encrypted.
 */
import { isDeepStrictEqual } from "node:util";
import type { Document } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../config/parse";
import { isEncrypted } from "../../config/secrets";
import { CliError } from "../../util/error";
import { documentOf, textLike } from "../settings-file";
import type { StoredEnclave } from "./edit";

const KEY = "sallyport:enclaves";
const AT = ["config", KEY] as const;

/** What an edit needs of the enclaves; the schema says everything else. */
const storedSchema = z.array(
    z.looseObject({
        name: z.string(),
        workstations: z.array(z.looseObject({ name: z.string(), address: z.string().optional() })).optional(),
    }),
);

const byHand = (path: string): string => `edit ${path} by hand (docs/configuration.md)`;

const plainOf = (doc: Document): Record<string, unknown> =>
    (doc.toJS() as Record<string, unknown> | null) ?? {};

const configOf = (plain: Record<string, unknown>): Record<string, unknown> =>
    (plain["config"] as Record<string, unknown> | null | undefined) ?? {};

/**
 * The enclaves as they are stored; undefined where the file does not name them.
 * @throws CliError, ConfigError when they can't be read
 */
export function storedEnclaves(path: string, text: string): readonly StoredEnclave[] | undefined {
    const value = configOf(plainOf(documentOf(path, text)))[KEY];
    if (value === undefined) {
        return undefined;
    }
    if (isEncrypted(value)) {
        throw new CliError(`${KEY} is encrypted as a whole in ${path}`, byHand(path));
    }
    const stored = storedSchema.safeParse(value);
    if (!stored.success) {
        parseConfig({ enclaves: value }, new Set(["enclaves"]));
        throw new CliError(`the enclaves in ${path} can't be read: ${stored.error.message}`, byHand(path));
    }
    return stored.data;
}

function changeWorkstations(doc: Document, e: number, before: StoredEnclave, after: StoredEnclave): void {
    const at = [...AT, e, "workstations"];
    const [was, now = []] = [before.workstations, after.workstations];
    // An empty list is written as []; what is put into it would be on the same line.
    if (was === undefined || was.length === 0) {
        doc.setIn(at, doc.createNode(now));
        return;
    }
    was.forEach((w, i) => {
        const kept = now.find(({ name }) => name === w.name);
        if (kept !== undefined && kept.address !== w.address) {
            doc.setIn([...at, i, "address"], kept.address);
        }
    });
    [...was.keys()]
        .reverse()
        .filter((i) => !now.some(({ name }) => name === was[i]?.name))
        .forEach((i) => doc.deleteIn([...at, i]));
    now.filter(({ name }) => !was.some((w) => w.name === name)).forEach((w) =>
        doc.addIn(at, doc.createNode(w)),
    );
}

/**
 * The file's text with other Workstations.
 * @throws CliError when it would not say what it should, as with anchors that two enclaves share
 */
export function withEnclaves(path: string, text: string, after: readonly StoredEnclave[]): string {
    const before = storedEnclaves(path, text);
    const doc = documentOf(path, text);
    const plain = plainOf(doc);
    const toText = textLike(doc, text);
    if (doc.get("config") === null || doc.get("config") === undefined) {
        doc.set("config", doc.createNode({}));
    }
    try {
        if (before === undefined) {
            doc.setIn(AT, doc.createNode(after));
        }
        before?.forEach((enclave, e) => {
            const other = after[e];
            if (other !== undefined && !isDeepStrictEqual(enclave.workstations, other.workstations)) {
                changeWorkstations(doc, e, enclave, other);
            }
        });
        const written = toText(doc);
        const wanted = { ...plain, config: { ...configOf(plain), [KEY]: after } };
        if (isDeepStrictEqual(plainOf(documentOf(path, written)), wanted)) {
            return written;
        }
    } catch (error) {
        throw new CliError(
            `${path} can't be changed in place: ${error instanceof Error ? error.message : String(error)}`,
            byHand(path),
        );
    }
    throw new CliError(`${path} can't be changed in place: it may share parts by anchors`, byHand(path));
}
