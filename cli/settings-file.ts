/**
 * Edits of a stack's settings file (Pulumi.STACK.yaml): comments and order stay, and it is written whole or not at
 * all.
 */
import {
    closeSync,
    existsSync,
    fsyncSync,
    openSync,
    readFileSync,
    realpathSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseDocument, type Document, type ToStringOptions } from "yaml";
import { CliError } from "../util/error";

/** @throws CliError when the text is no YAML */
export function documentOf(path: string, text: string): Document {
    const doc = parseDocument(text);
    const [error] = doc.errors;
    if (error !== undefined) {
        throw new CliError(`${path} is no YAML: ${error.message.split("\n")[0]}`, `correct ${path}`);
    }
    return doc;
}

/** How a file may be indented. */
const STYLES: readonly ToStringOptions[] = [
    { indent: 2 },
    { indent: 4 },
    { indent: 2, indentSeq: false },
    { indent: 4, indentSeq: false },
].map((style) => ({ ...style, lineWidth: 0 }));

/** The document's text, indented so that most lines stay as they were. */
export function textLike(doc: Document, old: string): (changed: Document) => string {
    const lines = new Set(old.split("\n"));
    const kept = (style: ToStringOptions): number =>
        doc
            .toString(style)
            .split("\n")
            .filter((line) => lines.has(line)).length;
    const [best] = STYLES.map((style) => ({ style, kept: kept(style) })).sort((a, b) => b.kept - a.kept);
    return (changed) => changed.toString(best?.style);
}

/**
 * Write the file so that a reader sees the old text or the new one.
 * @param old what was read: when it is not there any more, another program has changed the file
 * @throws CliError then
 */
export function replaceText(path: string, old: string, text: string): void {
    // A link to the file stays one.
    const real = existsSync(path) ? realpathSync(path) : path;
    const half = `${real}.${process.pid}.tmp`;
    try {
        const file = openSync(half, "wx", existsSync(real) ? statSync(real).mode & 0o777 : 0o644);
        try {
            writeFileSync(file, text);
            fsyncSync(file);
        } finally {
            closeSync(file);
        }
        if (textOf(real) !== old) {
            throw new CliError(`${path} was changed meanwhile; it is as the other left it`, "run it again");
        }
        renameSync(half, real);
    } finally {
        rmSync(half, { force: true });
    }
}

/** The file's text; empty where there is none. */
export const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/**
 * Change one part of a stack's settings.
 * @param root the project's folder
 * @param edit changes the document, whose `config` is a map
 * @throws CliError when the file is no YAML
 */
export function editSettings(root: string, stack: string, edit: (document: Document) => void): void {
    const path = join(root, `Pulumi.${stack}.yaml`);
    const text = textOf(path);
    const document = documentOf(path, text);
    const toText = textLike(document, text);
    if (document.get("config") === undefined || document.get("config") === null) {
        document.set("config", document.createNode({}));
    }
    edit(document);
    replaceText(path, text, toText(document));
}
