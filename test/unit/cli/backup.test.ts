/** Backup and restore with the real gpg and age, and a virsh that keeps volumes in a folder. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { planOf } from "../../../cli/live/lab-stack-config";
import { type Source, writeBackup } from "../../../cli/backup";
import { readBackup } from "../../../cli/backup/read";
import { header } from "../../../cli/backup/tar";
import { encryptWith, type Key, mustHave, mustHavePassphrase } from "../../../cli/backup/tool";
import {
    afterInterruption,
    differences,
    MARK,
    type Progress,
    requireNotElsewhere,
    restoreVolumes,
} from "../../../cli/restore";
import { virshAt } from "../../../libvirt/client";
import type { StackPlan } from "../../../plan/plan";

// A busy machine: each test starts gpg and some dozens of shells.
jest.setTimeout(120_000);

const MIB = 2 ** 20;
const STATE = '{"deployment":{"manifest":{},"resources":[]}}';
const signal = new AbortController().signal;
const settings = (allowed: readonly string[] = []): StackPlan =>
    planOf("s", { enclaves: [{ name: "red", workstations: [{ name: "a" }] }], allowDataLoss: [...allowed] });
const plan = settings();
const domains = ["sallyport-s-red-gateway", "sallyport-s-red-workstation-a"];
const volumes = ["sallyport-s-red-gateway-state", "sallyport-s-red-workstation-a-home"];
const PATH = process.env["PATH"] ?? "";
let folder = "";
let file = "";
let key: Key = {};
const volume = (i: number): string => join(folder, "volumes", volumes[i] ?? "");

/** One argument is a line of commands; observe()'s answers end with its mark. */
const VIRSH = `#!/bin/sh
cd FOLDER/volumes
shift 3
one() {
    verb=$1; shift; pool= vol= file= offset=0
    case $verb in echo) echo "$@"; return;; esac
    while [ $# -gt 0 ]; do
        case $1 in
        --pool) pool=$2; shift;; --vol) vol=$2; shift;; --file) file=$2; shift;; --offset) offset=$2; shift;;
        *) vol=$1;;
        esac
        shift
    done
    case $verb in
    vol-dumpxml) echo "<volume><physical unit='bytes'>$(stat -c %s "$vol")</physical><target><timestamps><mtime>$(stat -c %.9Y "$vol")</mtime></timestamps></target></volume>";;
    vol-info) [ -e "$vol" ] || { echo "error: Storage volume not found: no storage vol with matching name '$vol'" >&2; exit 1; }
        [ "$(stat -c %b "$vol")" = 0 ] && echo "Allocation:     0.00 B" || echo "Allocation:     1.00 MiB";;
    vol-wipe) size=$(stat -c %s "$vol"); : >"$vol"; truncate -s "$size" "$vol";;
    vol-download) tail -c +$((offset + 1)) "$vol" >"$file";;
    vol-upload) [ ! -e ../fails-at ] || [ "$offset" != "$(cat ../fails-at)" ] || { echo "error: no space left on device" >&2; exit 1; }
        dd of="$vol" bs=65536 seek="$offset" oflag=seek_bytes conv=notrunc iflag=fullblock if="$file" 2>/dev/null;;
    list) cat ../domains;;
    domstats) cat ../stats;;
    esac
}
if [ $# = 1 ]; then
    printf '%s\\n' "$1" | sed 's/; /\\n/g' | while read -r line; do one $line || exit 1; done
else
    one "$@"
fi
`;

function guests(state: number): void {
    const uuid = "4c4c4544-0042-3510-8052-b4c04f4e323";
    writeFileSync(join(folder, "domains"), domains.map((name, i) => `${uuid}${i} ${name}\n`).join(""));
    writeFileSync(
        join(folder, "stats"),
        domains.map((name) => `Domain: '${name}'\n  state.state=${state}\n`).join(""),
    );
}
const blank = (i: number, bytes: number): void => {
    rmSync(volume(i), { force: true });
    execFileSync("truncate", ["-s", String(bytes), volume(i)]);
};
const source = (): Source => ({
    plan,
    enclaves: plan.enclaves,
    project: "sallyport",
    stack: "s",
    settings: "config: {}\n",
    state: STATE,
    image: "",
});
const virsh = virshAt(plan.uri);
const write = (k: Key = key): Promise<unknown> => writeBackup(virsh, source(), file, k, signal);
const restore = async (to: StackPlan = plan, progress?: Progress): Promise<void> =>
    restoreVolumes(virsh, to, file, key, await readBackup(file, key, signal), signal, progress);
let contents: Buffer[] = [];

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "backup-"));
    for (const name of ["bin", "volumes", "gnupg"]) {
        mkdirSync(join(folder, name), { mode: 0o700 });
    }
    writeFileSync(join(folder, "bin", "virsh"), VIRSH.replace("FOLDER", folder), { mode: 0o755 });
    process.env["PATH"] = `${join(folder, "bin")}:${PATH}`;
    process.env["GNUPGHOME"] = join(folder, "gnupg");
    writeFileSync(join(folder, "passphrase"), "correct horse\n", { mode: 0o600 });
    key = { passphraseFile: join(folder, "passphrase") };
    file = join(folder, "b");
    guests(5);
    contents = [Buffer.alloc(16 * MIB), Buffer.alloc(80 * MIB + 512)];
    randomBytes(5000).copy(contents[0] ?? Buffer.alloc(0), 1024);
    randomBytes(3 * MIB).copy(contents[1] ?? Buffer.alloc(0), 0);
    randomBytes(400).copy(contents[1] ?? Buffer.alloc(0), 80 * MIB + 100);
    contents.forEach((content, i) => writeFileSync(volume(i), content));
});
afterEach(() => {
    process.env["PATH"] = PATH;
    delete process.env["GNUPGHOME"];
    rmSync(folder, { recursive: true, force: true });
});
const same = (): boolean[] => contents.map((content, i) => readFileSync(volume(i)).equals(content));

test("what was written comes back, into blank volumes, with their holes; tar lists it", async () => {
    await write();
    const plain = ["--batch", "--pinentry-mode", "loopback", "--passphrase-file", join(folder, "passphrase")];
    const listed = execFileSync("sh", ["-c", 'gpg "$@" -d b 2>/dev/null | gzip -d | tar t', "sh", ...plain], {
        cwd: folder,
    });
    expect(listed.toString().trim().split("\n")).toEqual([
        "manifest.json",
        "settings.yaml",
        "state.json",
        "volume-0.raw",
        "volume-1.raw",
        "sha256.json",
    ]);
    contents.forEach((content, i) => blank(i, content.length));
    await restore();
    expect(same()).toEqual([true, true]);
    expect(readdirSync(folder).filter((name) => name.startsWith("b."))).toEqual([]);
    expect(readFileSync(file).includes("sallyport")).toBe(false);
});

test("to an age recipient; without its secret key nothing is read", async () => {
    const identity = join(folder, "identity");
    execFileSync("age-keygen", ["-o", identity], { stdio: "ignore" });
    const recipient = /age1[a-z0-9]{58}/.exec(readFileSync(identity, "utf8"))?.[0] ?? "";
    await write({ recipient });
    await expect(readBackup(file, {}, signal)).rejects.toThrow("it is encrypted with age");
    expect((await readBackup(file, { identity }, signal)).manifest.volumes).toHaveLength(2);
});

test("a running guest, a file that is there, a foreign file beside it: nothing is written", async () => {
    guests(1);
    await expect(write()).rejects.toThrow(`${domains[0]} is running`);
    guests(5);
    writeFileSync(`${file}.part`, "");
    await expect(write()).rejects.toThrow("another backup writes it, or one was cut off");
    rmSync(`${file}.part`);
    writeFileSync(file, "mine");
    await expect(write()).rejects.toThrow("can't be made");
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(existsSync(`${file}.part`)).toBe(false);
});

test("an interruption leaves nothing", async () => {
    const controller = new AbortController();
    const begun = writeBackup(virsh, source(), file, key, controller.signal);
    setImmediate(() => controller.abort(new Error("interrupted")));
    await expect(begun).rejects.toThrow("interrupted");
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
});

test("a wrong passphrase, a truncated file, a changed one", async () => {
    await write();
    writeFileSync(join(folder, "wrong"), "other\n");
    await expect(readBackup(file, { passphraseFile: join(folder, "wrong") }, signal)).rejects.toThrow(
        "can't be decrypted",
    );
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 1000));
    await expect(readBackup(file, key, signal)).rejects.toThrow(/can't be decrypted|no whole backup/);
    whole[whole.length >> 1] = (whole[whole.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, whole);
    await expect(readBackup(file, key, signal)).rejects.toThrow(/can't be decrypted|no whole backup/);
});

test.each(["../x", "/etc/passwd", "state.json"])(
    "a member named %s where another is due is refused",
    async (name) => {
        const text = Buffer.alloc(512);
        const tar = Buffer.concat([header(name, 512), text]);
        execFileSync("gpg", [...encryptWith(key).args, "--output", file], { input: gzipSync(tar) });
        await expect(readBackup(file, key, signal)).rejects.toThrow("its next member is not manifest.json");
    },
);

test("data stays unless the settings let it go; a small volume, a missing one", async () => {
    await write();
    await restore();
    writeFileSync(volume(0), randomBytes(16 * MIB));
    await expect(restore()).rejects.toThrow(
        "red/gateway: its volume sallyport-s-red-gateway-state is not blank",
    );
    blank(1, 80 * MIB + 512);
    await restore(settings(["red/gateway"]));
    expect(same()).toEqual([true, true]);
    blank(0, 8 * MIB);
    await expect(restore()).rejects.toThrow("its volume has 8 MiB, the backup's 16 MiB");
    rmSync(volume(0));
    await expect(restore()).rejects.toThrow("there is no volume sallyport-s-red-gateway-state");
    guests(1);
    await expect(restore()).rejects.toThrow("is running");
});

test("a write that fails leaves the mark, and the same command goes on", async () => {
    await write();
    contents.forEach((content, i) => blank(i, content.length));
    writeFileSync(join(folder, "fails-at"), String(MIB));
    await expect(restore()).rejects.toThrow("no space left on device");
    expect(readFileSync(volume(1)).subarray(0, MARK.length).equals(MARK)).toBe(true);
    rmSync(join(folder, "fails-at"));
    // The first volume is whole by then: what it holds is the backup's, so nothing is lost and no line is needed.
    const progress: Progress = { whole: [] };
    await restore(plan, progress);
    expect(same()).toEqual([true, true]);
    expect(progress).toEqual({ whole: ["red/gateway", "red/a"] });
    // Once the guest has written to it, it is the guest's.
    writeFileSync(volume(0), randomBytes(16 * MIB));
    await expect(restore()).rejects.toThrow("its volume sallyport-s-red-gateway-state is not blank");
});

test("an interruption says what was written, what is half written, and what may look blank", async () => {
    expect(afterInterruption({ whole: [] }, "f")).toBe(
        "no volume was written; run it again: bin/sallyport restore f",
    );
    expect(afterInterruption({ whole: ["red/gateway"], marked: "red/a" }, "f")).toBe(
        "restored: red/gateway; half written, and its guest stays shut until then: red/a; " +
            "run it again: bin/sallyport restore f",
    );
    expect(afterInterruption({ whole: [], wiped: "red/a" }, "f")).toBe(
        "being wiped, do not start its guest before: red/a; run it again: bin/sallyport restore f",
    );
    await write();
    contents.forEach((content, i) => blank(i, content.length));
    const progress: Progress = { whole: [] };
    writeFileSync(join(folder, "fails-at"), String(MIB));
    await expect(restore(plan, progress)).rejects.toThrow("no space left on device");
    expect(progress).toEqual({ whole: ["red/gateway"], marked: "red/a" });
});

test("a hash that is not that of what was read, whatever else is right", async () => {
    await write();
    const plain = ["--batch", "--pinentry-mode", "loopback", "--passphrase-file", join(folder, "passphrase")];
    const tar = execFileSync("sh", ["-c", 'gpg "$@" -d b 2>/dev/null | gzip -d', "sh", ...plain], {
        cwd: folder,
        maxBuffer: 512 * MIB,
    });
    const at = tar.indexOf("config: {}");
    tar.write("config: []", at);
    rmSync(file);
    execFileSync("gpg", [...encryptWith(key).args, "--output", file], { input: gzipSync(tar) });
    await expect(readBackup(file, key, signal)).rejects.toThrow(
        "the SHA-256 of settings.yaml is not the one that was written",
    );
});

test("to an OpenPGP key, by its whole fingerprint", async () => {
    const quiet = { stdio: "pipe", env: process.env } as const;
    execFileSync(
        "gpg",
        ["--batch", "--passphrase", "", "--quick-gen-key", "t@example.org", "default", "default", "never"],
        quiet,
    );
    const keys = execFileSync("gpg", ["--list-keys", "--with-colons"], quiet).toString();
    const recipient = /^fpr:+([0-9A-F]{40}):/m.exec(keys)?.[1] ?? "";
    await write({ recipient });
    expect((await readBackup(file, {}, signal)).manifest.volumes).toHaveLength(2);
    rmSync(file);
    await expect(write({ recipient: "0".repeat(40) })).rejects.toThrow("gpg can't encrypt");
    execFileSync("gpgconf", ["--kill", "all"], quiet);
});

test("a passphrase that others may read", async () => {
    await mustHavePassphrase(key);
    chmodSync(join(folder, "passphrase"), 0o640);
    await expect(mustHavePassphrase(key)).rejects.toMatchObject({
        message: expect.stringMatching(/^others may read /) as unknown,
        fix: expect.stringMatching(/^chmod 600 /) as unknown,
    });
});

test("another host is asked; one that can't be asked is refused until its user says that it is off", async () => {
    const uuid = (n: number): string => `4c4c4544-0042-3510-8052-b4c04f4e323${n}`;
    const host =
        (n: number, names = "") =>
        ([verb]: readonly string[]): ReturnType<typeof virsh> =>
            Promise.resolve({
                outcome: "ok",
                stdout: verb === "list" ? names : `<capabilities>\n<host>\n<uuid>${uuid(n)}</uuid>`,
                message: "",
            });
    await write();
    const { manifest } = await readBackup(file, key, signal);
    const of = { ...manifest, host: `${uuid(1)}/system` };
    const asked = (there: typeof virsh, off = false): Promise<void> =>
        requireNotElsewhere(host(2), () => there, plan, of, off);
    await requireNotElsewhere(host(1), () => host(3), plan, of, false);
    await asked(host(1));
    await expect(asked(host(1, domains[0]))).rejects.toThrow("red/gateway runs at");
    await expect(asked(host(3))).rejects.toThrow("can't be asked from here");
    await asked(host(3), true);
});

test("keys and tools", async () => {
    expect(() => encryptWith({})).toThrow("nobody, or both");
    expect(() => encryptWith({ recipient: "alice" })).toThrow('--recipient: got "alice"');
    expect(encryptWith({ recipient: "A".repeat(40) }).name).toBe("gpg");
    process.env["PATH"] = join(folder, "bin");
    await expect(mustHave({ name: "age", args: [] })).rejects.toMatchObject({
        message: "age is not installed",
        fix: "sudo apt-get install age",
    });
    expect(differences("config:\n  a: 1\n  b: 2\n", "config:\n  a: 1\n  b: 3\n")).toEqual(["b"]);
});
