/** cloud-init's user-data: a cloud-config document of files to write and settings. */
import { below, type Origin, type SeedFile } from "../..";
import { isRecord, plainYaml } from "./yaml";

export interface UserData {
    readonly files: readonly SeedFile[];
    readonly keys: readonly string[];
    readonly settings: Readonly<Record<string, unknown>>;
}

const HEADER = "#cloud-config\n";
/** Ours write some 20. */
const MOST_FILES = 1000;
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
    const strange = Object.keys(entry).find(
        (key) => !["path", "content", "encoding", "permissions", "owner"].includes(key),
    );
    if (strange !== undefined) {
        throw new Error(`${where}.${strange} is not read`);
    }
    const { permissions, owner } = entry;
    return {
        path: entry.path,
        content: content(entry, where),
        ...(permissions === undefined
            ? {}
            : {
                  permissions:
                      typeof permissions === "number" ? permissions.toString(8) : String(permissions),
              }),
        ...(owner === undefined ? {} : { owner: String(owner) }),
        at: below(at, where),
    };
}

/** @throws Error saying what cannot be read: MIME parts, jinja, a file that is written twice */
export function parseUserData(text: string, at: Origin): UserData {
    // cloud-init takes user-data with the second one near its beginning for a mail, whatever its first line
    // is.
    if (!text.startsWith(HEADER) || /mime-version:/i.test(text)) {
        throw new Error(
            "user-data does not begin with #cloud-config, or may be a mail: scripts, MIME parts " +
                "and templates are not read",
        );
    }
    const data = plainYaml(text.slice(HEADER.length)) ?? {};
    if (!isRecord(data)) {
        throw new Error("user-data is no mapping");
    }
    const { write_files: written = [], ...settings } = data;
    if (!Array.isArray(written)) {
        throw new Error("write_files is no list");
    }
    if (written.length > MOST_FILES) {
        throw new Error(`it writes ${written.length} files; at most ${MOST_FILES} are read`);
    }
    const files = written.map((entry, i) => file(entry, i, at));
    const twice = files.find((f, i) => files.findIndex((g) => g.path === f.path) !== i);
    if (twice !== undefined) {
        throw new Error(`${twice.path} is written twice`);
    }
    return { files, keys: Object.keys(data), settings };
}
