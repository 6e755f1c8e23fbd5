/** Streams through age or gpg: plain in memory and pipes, encrypted on the disk. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { link, open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { CliError } from "../../util/error";
import { ByteReader } from "./tar";
import { decryptWith, headOf, type Key, mustHave, type Tool } from "./tool";

const tellsWhy = (said: string, tool: string): string =>
    said.trim().split("\n").slice(-3).join("; ").slice(0, 400) || `${tool} failed`;

/** Run a tool between descriptors. @returns its exit status and complaint */
function started(
    { name, args }: Tool,
    stdio: readonly ["pipe" | number, "pipe" | number],
): {
    readonly child: ReturnType<typeof spawn>;
    readonly ended: Promise<{ readonly ok: boolean; readonly said: string }>;
} {
    const child = spawn(name, args, { stdio: [...stdio, "pipe"], detached: true, env: process.env });
    let said = "";
    child.stderr?.on("data", (data: Buffer) => (said = `${said}${data.toString()}`.slice(-4096)));
    const ended = once(child, "close").then(
        ([status]) => ({ ok: status === 0, said }),
        (error: unknown) => ({ ok: false, said: String(error) }),
    );
    return { child, ended };
}

/**
 * Write an encrypted file: beside its place under another name, then there.
 * @throws CliError when it is there, or anything fails; then nothing of it stays
 */
export async function encrypted(
    file: string,
    tool: Tool,
    content: AsyncIterable<Buffer>,
    signal: AbortSignal,
): Promise<void> {
    const part = `${file}.part`;
    const handle = await open(part, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "EEXIST"
            ? new CliError(`${part} is there: another backup writes it, or one was cut off`, `rm '${part}'`)
            : new CliError(`${part} can't be written: ${error.message}`, "name a file in a folder of yours");
    });
    try {
        const { child, ended } = started(tool, ["pipe", handle.fd]);
        try {
            const input = child.stdin;
            const fed =
                input === null
                    ? Promise.reject(new Error(`${tool.name} did not start`))
                    : pipeline(Readable.from(content), createGzip({ level: 1 }), input, { signal });
            const thrown: unknown = await fed.then(
                () => undefined,
                (error: unknown) => error,
            );
            const broken = /EPIPE|ERR_STREAM/.test(codeOf(thrown));
            if (thrown !== undefined && !broken) {
                throw signal.aborted ? signal.reason : thrown;
            }
            const { ok, said } = await ended;
            if (!ok || thrown !== undefined) {
                throw new CliError(
                    `${tool.name} can't encrypt: ${tellsWhy(said, tool.name)}`,
                    "see that the recipient's key is known and the disk has room, then run it again",
                );
            }
        } finally {
            child.kill("SIGKILL");
            await ended;
        }
        await handle.sync();
        await link(part, file).catch((error: NodeJS.ErrnoException) => {
            throw new CliError(`${file} can't be made: ${error.message}`, "name a file that is not there");
        });
    } finally {
        await handle.close();
        await rm(part, { force: true });
    }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? "";

/**
 * Read an encrypted file. The tool's word at its end counts: what it gave before may be of a file that was changed.
 * @throws CliError when it can't be decrypted, or what reads it throws
 */
export async function decrypted<T>(
    file: string,
    key: Key,
    signal: AbortSignal,
    use: (reader: ByteReader) => Promise<T>,
): Promise<T> {
    const tool = decryptWith(await headOf(file), key);
    await mustHave(tool);
    const handle = await open(file, "r");
    try {
        const { child, ended } = started(tool, [handle.fd, "pipe"]);
        const kill = (): void => void child.kill("SIGKILL");
        signal.addEventListener("abort", kill);
        try {
            if (child.stdout === null) {
                throw new Error(`${tool.name} did not start`);
            }
            const plain = createGunzip();
            const fed = pipeline(child.stdout, plain).catch(() => undefined);
            const got = await use(new ByteReader(plain, file)).then(
                (value) => ({ value }),
                (error: unknown) => ({ error }),
            );
            if (signal.aborted) {
                throw signal.reason;
            }
            // What is left is read by nobody.
            plain.destroy();
            await fed;
            if (
                "error" in got &&
                got.error instanceof CliError &&
                !/ends too early/.test(got.error.message)
            ) {
                throw got.error;
            }
            child.stdout.resume();
            const { ok, said } = await ended;
            if (!ok) {
                throw new CliError(
                    `${file} can't be decrypted: ${tellsWhy(said, tool.name)}`,
                    "give its passphrase or secret key; if that is right, the file is damaged: take another copy",
                );
            }
            if ("error" in got) {
                throw got.error instanceof CliError
                    ? got.error
                    : new CliError(
                          `${file} is no whole backup: ${got.error instanceof Error ? got.error.message : String(got.error)}`,
                          "take another copy of it",
                      );
            }
            return got.value;
        } finally {
            signal.removeEventListener("abort", kill);
            kill();
            await ended;
        }
    } finally {
        await handle.close();
    }
}
