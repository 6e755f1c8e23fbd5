/** cloud-init's user-data: files to write, nothing to run. */
import { stringify } from "yaml";
import { PLAIN_TEXT } from "./text";

/** A file as it will stand in the guest. */
export interface GuestFile {
    /** Absolute path. */
    readonly path: string;
    readonly content: string;
    /** Octal, four digits. */
    readonly permissions: string;
    /** `user:group`. */
    readonly owner: string;
}

/** A file of root's that everyone may read. */
export const rootFile = (path: string, content: string, permissions = "0644"): GuestFile => ({
    path,
    content,
    permissions,
    owner: "root:root",
});

const PATH = /^(\/[A-Za-z0-9._-]+)+$/;

function check(file: GuestFile): void {
    if (!PATH.test(file.path) || file.path.split("/").includes("..")) {
        throw new Error(`guest file "${file.path}": an absolute path of plain names is allowed`);
    }
    if (!/^0[0-7]{3}$/.test(file.permissions)) {
        throw new Error(
            `guest file ${file.path}: permissions "${file.permissions}" must be four octal digits such as 0644`,
        );
    }
    if (!/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/.test(file.owner)) {
        throw new Error(`guest file ${file.path}: owner "${file.owner}" must be user:group`);
    }
}

function entry(file: GuestFile): Record<string, string> {
    const common = { path: file.path, owner: file.owner, permissions: file.permissions };
    return PLAIN_TEXT.test(file.content)
        ? { ...common, content: file.content }
        : { ...common, encoding: "b64", content: Buffer.from(file.content, "utf8").toString("base64") };
}

/**
 * The user-data that writes these files, in this order. Contents stay readable; only what is not plain text
 * is base64.
 * @throws Error when a path occurs twice or a path, owner or mode is malformed
 */
export function userData(files: readonly GuestFile[]): string {
    files.forEach(check);
    const paths = files.map((f) => f.path);
    const twice = paths.find((path, i) => paths.indexOf(path) !== i);
    if (twice !== undefined) {
        throw new Error(`guest file ${twice} is written twice`);
    }
    // Quoted permissions: YAML would read 0644 as a number. No line folding: a fold would change what is
    // written.
    return `#cloud-config\n${stringify({ write_files: files.map(entry) }, { lineWidth: 0 })}`;
}
