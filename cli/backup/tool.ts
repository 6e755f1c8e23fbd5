/** age and gpg: which of them encrypts or decrypts, and how it is called. They are given pipes alone. */
import { constants } from "node:fs";
import { access, open, readFile, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { CliError } from "../../util/error";

/** Who can read a backup. */
export interface Key {
    readonly recipient?: string;
    readonly passphraseFile?: string;
    /** age's secret key. */
    readonly identity?: string;
}

export interface Tool {
    readonly name: "age" | "gpg";
    readonly args: readonly string[];
}

const GPG = ["--batch", "--quiet", "--no-tty", "--no-symkey-cache"];
const passphrase = (file: string): string[] => ["--pinentry-mode", "loopback", "--passphrase-file", file];

/** What encrypts. @throws CliError when it is not said for whom, or by no key that is surely meant */
export function encryptWith({ recipient, passphraseFile }: Key): Tool {
    if ((recipient === undefined) === (passphraseFile === undefined)) {
        throw new CliError(
            "a backup is encrypted, and nobody, or both a recipient and a passphrase, is named",
            "name one: --recipient age1…, --recipient OPENPGP-FINGERPRINT, or --passphrase-file FILE",
        );
    }
    if (passphraseFile !== undefined) {
        // Content is compressed before; a slow digest of the passphrase is what stands against guessing.
        const hard = ["--cipher-algo", "AES256", "--s2k-mode", "3", "--s2k-digest-algo", "SHA512"];
        const slow = ["--s2k-count", "65011712", "--compress-algo", "none"];
        return {
            name: "gpg",
            args: [...GPG, ...passphrase(passphraseFile), ...hard, ...slow, "--symmetric"],
        };
    }
    if (/^age1[a-z0-9]{58}$/.test(recipient ?? "")) {
        return { name: "age", args: ["-r", recipient ?? ""] };
    }
    const fingerprint = (recipient ?? "").replace(/^0x/, "");
    if (!/^[0-9A-Fa-f]{40}$/.test(fingerprint)) {
        throw new CliError(
            `--recipient: got "${recipient}"; allowed: an age recipient (age1…) or an OpenPGP fingerprint of 40 digits`,
            "gpg --list-keys --with-colons NAME | grep ^fpr shows it",
        );
    }
    // A whole fingerprint is the key itself; a name could be anybody's.
    const to = ["--trust-model", "always", "--recipient", fingerprint, "--compress-algo", "none"];
    return { name: "gpg", args: [...GPG, ...to, "--encrypt"] };
}

/** What decrypts a file that begins so. @throws CliError when a key is missing */
export function decryptWith(head: string, { passphraseFile, identity }: Key): Tool {
    if (head.startsWith("age-encryption.org/v1")) {
        if (identity === undefined) {
            throw new CliError("it is encrypted with age", "give the secret key: --identity FILE");
        }
        return { name: "age", args: ["-d", "-i", identity] };
    }
    const secret = passphraseFile === undefined ? [] : passphrase(passphraseFile);
    return { name: "gpg", args: [...GPG, ...secret, "--decrypt"] };
}

const PACKAGES = { age: "age", gpg: "gnupg" } as const;

/** @throws CliError naming the package to install */
export async function mustHave({ name }: Tool): Promise<void> {
    for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
        if (
            await access(join(folder, name), constants.X_OK).then(
                () => true,
                () => false,
            )
        ) {
            return;
        }
    }
    throw new CliError(`${name} is not installed`, `sudo apt-get install ${PACKAGES[name]}`);
}

/** @throws CliError when a passphrase is not there, readable by others, or empty: its first line counts */
export async function mustHavePassphrase({ passphraseFile }: Key): Promise<void> {
    if (passphraseFile === undefined) {
        return;
    }
    const text = await readFile(passphraseFile, "utf8").catch((error: NodeJS.ErrnoException) => {
        throw new CliError(
            `the passphrase ${passphraseFile} can't be read (${error.code ?? ""})`,
            "name a file that has it in its first line",
        );
    });
    if (((await stat(passphraseFile)).mode & 0o077) !== 0) {
        throw new CliError(`others may read ${passphraseFile}`, `chmod 600 '${passphraseFile}'`);
    }
    if ((text.split("\n")[0] ?? "").trim() === "") {
        throw new CliError(
            `the first line of ${passphraseFile} is empty`,
            "write the passphrase into its first line",
        );
    }
}

/** First bytes of a file. @throws CliError when it can't be read */
export async function headOf(file: string): Promise<string> {
    try {
        const handle = await open(file, "r");
        try {
            const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
            return buffer.toString("latin1", 0, bytesRead);
        } finally {
            await handle.close();
        }
    } catch (error) {
        throw new CliError(
            `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
            "name a file that bin/sallyport backup wrote",
        );
    }
}
