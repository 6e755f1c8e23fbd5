/** cloud-init's user-data: a cloud-config document of files to write and settings. */
import { parseDocument } from "yaml";
import { below, type Origin, type SeedFile } from "../../model";
import { once } from "./once";

export interface UserData {
    readonly files: readonly SeedFile[];
    readonly keys: readonly string[];
    readonly settings: Readonly<Record<string, unknown>>;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A YAML document as plain data, which nobody may change.
 * @throws Error for anything that two YAML readers could read differently (errors, warnings, duplicate keys)
 */
export const plainYaml = once((text: string): unknown => {
    const document = parseDocument(text, { uniqueKeys: true, version: "1.1", merge: false });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) {
        throw new Error(problem.message.split("\n")[0] ?? "not YAML");
    }
    return document.toJS({ maxAliasCount: 0 }) as unknown;
});

const ENCODINGS: ReadonlySet<unknown> = new Set(["b64", "base64"]);

function content(entry: Readonly<Record<string, unknown>>, where: string): string {
    const { content: body = "", encoding } = entry;
    if (typeof body !== "string") {
        throw new Error(`${where}.content is no text`);
    }
    if (encoding === undefined || encoding === "text/plain") {
        return body;
    }
    if (!ENCODINGS.has(encoding)) {
        throw new Error(`${where}.encoding ${JSON.stringify(encoding)} is not read`);
    }
    const bytes = Buffer.from(body, "base64");
    if (bytes.toString("base64").replace(/=+$/, "") !== body.replace(/\s/g, "").replace(/=+$/, "")) {
        throw new Error(`${where}.content is no base64`);
    }
    return bytes.toString("utf8");
}

function file(entry: unknown, index: number, at: Origin): SeedFile {
    const where = `write_files[${index}]`;
    if (!isRecord(entry) || typeof entry.path !== "string") {
        throw new Error(`${where} has no path`);
    }
    // `append`, `defer` and `source` change what stands in the guest, or when.
    const strange = Object.keys(entry).find((key) => !["path", "content", "encoding", "permissions", "owner"].includes(key));
    if (strange !== undefined) {
        throw new Error(`${where}.${strange} is not read`);
    }
    const { permissions, owner } = entry;
    return {
        path: entry.path,
        content: content(entry, where),
        ...(permissions === undefined ? {} : { permissions: typeof permissions === "number" ? permissions.toString(8) : String(permissions) }),
        ...(owner === undefined ? {} : { owner: String(owner) }),
        at: below(at, where),
    };
}

/** @throws Error saying what cannot be read: MIME parts, jinja, a file that is written twice */
export function parseUserData(text: string, at: Origin): UserData {
    if (!/^#cloud-config\s*\n/.test(text)) {
        throw new Error("user-data does not begin with #cloud-config: scripts, MIME parts and templates are not read");
    }
    const data = plainYaml(text) ?? {};
    if (!isRecord(data)) {
        throw new Error("user-data is no mapping");
    }
    const { write_files: written = [], ...settings } = data;
    if (!Array.isArray(written)) {
        throw new Error("write_files is no list");
    }
    const files = written.map((entry, i) => file(entry, i, at));
    const twice = files.find((f, i) => files.findIndex((g) => g.path === f.path) !== i);
    if (twice !== undefined) {
        throw new Error(`${twice.path} is written twice`);
    }
    return { files, keys: Object.keys(data), settings };
}
