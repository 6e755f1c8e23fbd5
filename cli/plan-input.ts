/** What `plan` and `check-certificate` read: a stack's export, from the engine or a file, or a preview. */
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { execa } from "execa";
import { modelOfExport, modelOfPreview, NoResources, readLive, type LiveHost } from "../model/adapters";
import type { Model } from "../model";
import { uriObjection } from "../values/libvirt-uri";
import { digestOfInput } from "../values/names";
import { CliError } from "../util/error";
import { quote } from "../util/quote";
import { filterProblems } from "./live/host-filters";
import { readHost } from "./live/host-xml";
import { projectRoot } from "../util/root";
import { stackOption } from "./options";
import { encryptsSeeds, withPlainSeeds } from "./seed-secrets";
import { findStack, type Stack } from "./stack";

export interface InputOptions {
    readonly stack?: string;
    readonly file?: string;
    readonly preview?: string;
    /** Domains and networks as libvirt has them; the export says the rest. */
    readonly live?: boolean;
    readonly uri?: string;
}

/** The options that say what is read. */
export const inputOptions = (command: Command): Command =>
    stackOption(command)
        .option("--file <export.json>", "read the output of `pulumi stack export`")
        .option("--preview <preview.json>", "read the output of `pulumi preview --json --show-sames`")
        .option("--live", "read domains and networks from libvirt itself, the rest from --stack or --file")
        .option(
            "--uri <uri>",
            "the libvirt that --live reads (default: the stack's own); alone, no stack is read",
        );

/** Larger inputs are no stack of anyone's. */
const LARGEST_BYTES = 256 * 1024 * 1024;
const EXPORT_TIMEOUT_MS = 60_000;

/**
 * The text of a file in UTF-8, or in UTF-16 with its byte order mark, as PowerShell's `>` writes it.
 * @throws CliError when it is neither
 */
export function decoded(bytes: Uint8Array, path: string): string {
    const mark = Buffer.from(bytes.subarray(0, 2)).toString("hex");
    const encoding =
        new Map([
            ["fffe", "utf-16le"],
            ["feff", "utf-16be"],
        ]).get(mark) ?? "utf-8";
    try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
        throw new CliError(`${path} is no text in ${encoding.toUpperCase()}`, "write it again in UTF-8");
    }
}

/**
 * @param fix what makes the file, where it is not there
 * @throws CliError
 */
export async function fileText(path: string, fix = "give the path of a file that exists"): Promise<string> {
    try {
        const { size } = await stat(path);
        if (size > LARGEST_BYTES) {
            throw new CliError(
                `${path} has ${size} bytes; at most ${LARGEST_BYTES} are read`,
                "export one stack alone",
            );
        }
        return decoded(await readFile(path), path);
    } catch (error) {
        if (error instanceof CliError) {
            throw error;
        }
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            throw new CliError(`there is no file ${path}`, fix);
        }
        throw new CliError(
            `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
            `ls -l ${quote(path)}`,
        );
    }
}

async function exportStack({ reference }: Stack, ...more: readonly string[]): Promise<string> {
    const pulumi = join(projectRoot(), "bin", "pulumi");
    const argv = ["stack", "export", "--stack", reference, ...more];
    const result = await execa(pulumi, argv, {
        cwd: projectRoot(),
        reject: false,
        timeout: EXPORT_TIMEOUT_MS,
        maxBuffer: LARGEST_BYTES,
    });
    if (result.exitCode !== 0) {
        throw new CliError(
            `pulumi ${argv.join(" ")} failed: ${(result.stderr || result.message || "").slice(0, 500)}`,
            "give its passphrase when its seeds are secrets, or give a file with --file or --preview",
        );
    }
    return result.stdout;
}

/** Secrets stay encrypted but for those in seeds: rules read them, and show none. */
const withSeeds = async (stack: Stack, encrypted: string): Promise<string> =>
    encryptsSeeds(encrypted)
        ? withPlainSeeds(encrypted, await exportStack(stack, "--show-secrets"))
        : encrypted;

export interface Input {
    readonly model: Model;
    /** For the reader: `export.json`, `stack prod`. */
    readonly source: string;
    /** Of the text, secrets encrypted where they were (names.ts). */
    readonly digest: string;
}

/** The line that writes a preview, and the one that reads it. */
const previewFirst = ({ reference }: Stack): string =>
    `bin/pulumi preview --json --show-sames --stack ${reference} > preview.json && ` +
    "bin/sallyport plan --preview preview.json";

async function stackInput(given: string | undefined): Promise<Input> {
    const stack = await findStack(projectRoot(), given);
    const text = await exportStack(stack);
    const source = `stack ${stack.name}`;
    try {
        return {
            source,
            model: modelOfExport(await withSeeds(stack, text), source),
            digest: digestOfInput(text),
        };
    } catch (error) {
        throw error instanceof NoResources
            ? new CliError(`${source} has no resources yet`, previewFirst(stack))
            : error;
    }
}

async function fileInput(file: string): Promise<Input> {
    const text = await fileText(file, `bin/pulumi stack export > ${quote(file)}`);
    const source = basename(file);
    return { source, model: modelOfExport(text, source), digest: digestOfInput(text) };
}

/** @throws CliError or InputError when there is no stack to be read */
export async function readInput(options: InputOptions): Promise<Input> {
    const { live = false } = options;
    const given = [options.stack, options.file, options.preview].filter((o) => o !== undefined);
    if (given.length > 1) {
        throw new CliError("--stack, --file and --preview exclude each other", "give one of them");
    }
    if (options.uri !== undefined && !live) {
        throw new CliError("--uri is of no use without --live", "leave it out, or add --live");
    }
    const objection = options.uri === undefined ? undefined : uriObjection(options.uri);
    if (objection !== undefined) {
        throw new CliError(
            `--uri: got ${JSON.stringify(options.uri)}; allowed: ${objection}`,
            "bin/sallyport plan --live --uri qemu:///system",
        );
    }
    if (live && options.preview !== undefined) {
        throw new CliError(
            "--live and --preview exclude each other: a preview is not there yet",
            "give --live with --stack or --file, or alone",
        );
    }
    if (live && given.length === 0 && options.uri !== undefined) {
        return readLiveInput([options.uri], undefined);
    }
    if (options.preview !== undefined) {
        const source = basename(options.preview);
        const preview = `bin/pulumi preview --json --show-sames > ${quote(options.preview)}`;
        const text = await fileText(options.preview, preview);
        return { source, model: modelOfPreview(text, source), digest: digestOfInput(text) };
    }
    const input =
        options.file === undefined ? await stackInput(options.stack) : await fileInput(options.file);
    return live ? readLiveInput(options.uri === undefined ? urisOf(input) : [options.uri], input) : input;
}

/** The libvirts that a stack's resources are at. */
function urisOf({ model, source }: Input): string[] {
    const uris = model.hosts.map((host) => (host.uri.kind === "known" ? host.uri.value : undefined));
    const [first, ...more] = uris.filter((uri) => uri !== undefined);
    if (first === undefined || uris.includes(undefined)) {
        throw new CliError(`${source} does not say which libvirt it is at`, "name it with --uri");
    }
    return [first, ...more];
}

/** @param declared what says the rest */
async function readLiveInput(uris: readonly string[], declared: Input | undefined): Promise<Input> {
    const hosts: LiveHost[] = [];
    for (const uri of uris) {
        hosts.push(await readHost(uri));
    }
    const model = readLive(hosts, declared?.model);
    return {
        source: `libvirt at ${uris.join(", ")}${declared === undefined ? "" : `, ${declared.source}`}`,
        model: { ...model, problems: [...model.problems, ...(await filterProblems(model, uris))] },
        digest: digestOfInput(JSON.stringify([hosts, declared?.digest])),
    };
}
