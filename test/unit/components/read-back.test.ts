import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkStored, readVolume, type StoredImage } from "../../../components/read-back";

const STORED: StoredImage = { uri: "qemu:///system?socket=/run/x", pool: "cell-image", volume: "sallyport-0.qcow2", sha256: "a".repeat(64) };

describe("comparison", () => {
    it("lets the right content pass", async () => {
        await expect(checkStored(STORED, async () => ({ bytes: 7, sha256: "a".repeat(64) }))).resolves.toBeUndefined();
    });

    it("refuses any other, names it and says how to get a good one", async () => {
        await expect(checkStored(STORED, async () => ({ bytes: 7, sha256: "b".repeat(64) }))).rejects.toThrow(
            /sallyport-0\.qcow2 in pool cell-image holds 7 bytes with SHA-256 b{64}, expected is a{64}.*no space left.*way out: .*virsh .*vol-delete --pool cell-image sallyport-0\.qcow2/,
        );
    });

    it("takes no failure to read for a match", async () => {
        await expect(checkStored(STORED, () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    });
});

describe("reading through virsh", () => {
    const path = process.env["PATH"];
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sallyport-virsh-"));
    });
    afterEach(() => {
        process.env["PATH"] = path;
        rmSync(folder, { recursive: true, force: true });
    });
    /** A virsh that runs this script. */
    const virsh = (script: string): void => {
        writeFileSync(join(folder, "virsh"), `#!/bin/bash\n${script}\n`);
        chmodSync(join(folder, "virsh"), 0o755);
        process.env["PATH"] = `${folder}${delimiter}${path ?? ""}`;
    };

    it("counts and sums all bytes", async () => {
        virsh('head -c 3000000 /dev/zero > "${@: -1}"');
        await expect(readVolume(STORED)).resolves.toEqual({ bytes: 3_000_000, sha256: createHash("sha256").update(Buffer.alloc(3_000_000)).digest("hex") });
    });

    it("asks for the one volume, at the stack's URI", async () => {
        virsh('printf "%s " "${@:1:$#-1}" > "${@: -1}"');
        const expected = "-q -c qemu:///system?socket=/run/x vol-download --pool cell-image sallyport-0.qcow2 ";
        await expect(readVolume(STORED)).resolves.toEqual({ bytes: expected.length, sha256: createHash("sha256").update(expected).digest("hex") });
    });

    it.each([
        ["a refusal", "echo 'error: no route' >&2; exit 1", /can't be read back: error: no route.*way out/],
        ["a death half-way", "head -c 1000 /dev/zero > \"${@: -1}\"; kill -9 $$", /can't be read back: Command failed: virsh/],
    ])("fails on %s", async (_what, script, message) => {
        virsh(script);
        await expect(readVolume(STORED)).rejects.toThrow(message);
    });

    it("fails when virsh reports success and wrote nothing", async () => {
        virsh("exit 0");
        await expect(readVolume(STORED)).rejects.toThrow(/ENOENT/);
    });

    it("leaves no copy behind", async () => {
        const copies = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`sallyport-read-back.${process.pid}.`));
        const before = copies();
        virsh('head -c 10 /dev/zero > "${@: -1}"; exit 0');
        await readVolume(STORED);
        virsh('head -c 10 /dev/zero > "${@: -1}"; exit 1');
        await expect(readVolume(STORED)).rejects.toThrow(/can't be read back/);
        expect(copies()).toEqual(before);
    });

    it("fails when there is no virsh", async () => {
        process.env["PATH"] = folder;
        await expect(readVolume(STORED)).rejects.toThrow(/can't be read back: .*ENOENT/);
    });
});
