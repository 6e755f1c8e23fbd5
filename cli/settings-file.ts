/** Edits a stack's settings file (Pulumi.STACK.yaml): comments and order stay, and it is written whole or not at all. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { CliError } from "../util/error";

/**
 * @param root the project's folder
 * @param edit changes the document, whose `config` is a map
 * @throws CliError when the file is not YAML
 */
export function editSettings(root: string, stack: string, edit: (document: Document) => void): void {
    const path = join(root, `Pulumi.${stack}.yaml`);
    const there = existsSync(path);
    const document = parseDocument(there ? readFileSync(path, "utf8") : "config: {}\n");
    const [error] = document.errors;
    if (error !== undefined) {
        throw new CliError(`Pulumi.${stack}.yaml is not YAML: ${error.message}`, "correct that line");
    }
    if (document.get("config") === undefined || document.get("config") === null) {
        document.set("config", document.createNode({}));
    }
    edit(document);
    const draft = `${path}.new`;
    writeFileSync(draft, document.toString({ lineWidth: 0 }), {
        mode: there ? statSync(path).mode & 0o777 : 0o644,
    });
    renameSync(draft, path);
}
