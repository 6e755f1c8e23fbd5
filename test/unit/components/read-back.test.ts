import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkStored, readVolume, storedChecks, type StoredImage } from "../../../components/read-back";

const STORED: StoredImage = {
    uri: "qemu:///system?socket=/run/x",
    pool: "cell-image",
    volume: "sallyport-0.qcow2",
    sha256: "a".repeat(64),
};

describe("comparison", () => {
    it("lets the right content pass", async () => {
        await expect(
            checkStored(STORED, async () => ({ bytes: 7, sha256: "a".repeat(64) })),
        ).resolves.toBeUndefined();
    });

    it("refuses any other, names it and says how to get a good one", async () => {
        await expect(checkStored(STORED, async () => ({ bytes: 7, sha256: "b".repeat(64) }))).rejects.toThrow(
            /^volume sallyport-0\.qcow2 in pool cell-image holds 7 bytes with SHA-256 b{64}, expected is a{64}; fix: virsh -c '[^']+' vol-delete --pool cell-image sallyport-0\.qcow2 && bin\/pulumi refresh && bin\/pulumi up$/,
        );
    });

    it("takes no failure to read for a match", async () => {
        await expect(checkStored(STORED, () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    });
});

describe("what is looked at when", () => {
    /**
     * Checks over a volume that is good or not, and over a libvirt that removes or not; with all that was
     * done.
     */
    const checks = (bad?: string, stuck?: string): ReturnType<typeof storedChecks> & { done: string[] } => {
        const done: string[] = [];
        const fails = (reason: string | undefined): Promise<void> =>
            reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
        return {
            done,
            ...storedChecks(
                STORED,
                () => (done.push("read"), fails(bad)),
                (words) => (done.push(words.join(" ")), fails(stuck).then(() => "")),
            ),
        };
    };

    it("reads once in a run, for the upload and every overlay after it", async () => {
        const { done, beforeUse, afterUpload } = checks();
        await afterUpload();
        await beforeUse();
        await beforeUse();
        expect(done).toEqual(["read"]);
    });

    it("removes a bad upload again, so that nothing that stands on its name boots from it", async () => {
        const { done, beforeUse, afterUpload } = checks("cut short; fix: virsh vol-delete");
        await expect(afterUpload()).rejects.toThrow(
            "cut short; it is removed again; fix: bin/pulumi refresh && bin/pulumi up",
        );
        expect(done).toEqual(["read", "vol-delete --pool cell-image sallyport-0.qcow2"]);
        await expect(beforeUse()).rejects.toThrow("cut short");
        expect(done).toHaveLength(2);
    });

    it("says so when that fails", async () => {
        await expect(checks("cut short", "no route").afterUpload()).rejects.toThrow(
            "cut short; it could not be removed again: no route; fix: bin/pulumi refresh && bin/pulumi up",
        );
    });

    it("removes nothing that this run did not upload", async () => {
        const { done, beforeUse } = checks("changed");
        await expect(beforeUse()).rejects.toThrow("changed");
        expect(done).toEqual(["read"]);
    });
});

describe("reading through virsh", () => {
    const { PATH: path, TMPDIR: temporary } = process.env;
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sallyport-virsh-"));
    });
    afterEach(() => {
        process.env["PATH"] = path;
        if (temporary === undefined) {
            delete process.env["TMPDIR"];
        } else {
            process.env["TMPDIR"] = temporary;
        }
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
        await expect(readVolume(STORED)).resolves.toEqual({
            bytes: 3_000_000,
            sha256: createHash("sha256").update(Buffer.alloc(3_000_000)).digest("hex"),
        });
    });

    it("asks for the one volume, at the stack's URI", async () => {
        virsh('printf "%s " "${@:1:$#-1}" > "${@: -1}"');
        const expected =
            "-q -c qemu:///system?socket=/run/x vol-download --pool cell-image sallyport-0.qcow2 ";
        await expect(readVolume(STORED)).resolves.toEqual({
            bytes: expected.length,
            sha256: createHash("sha256").update(expected).digest("hex"),
        });
    });

    it.each([
        ["a refusal", "echo 'error: no route' >&2; exit 1", /can't be read back: no route.*fix: /],
        [
            "a death half-way",
            'head -c 1000 /dev/zero > "${@: -1}"; kill -9 $$',
            /can't be read back: virsh .*vol-download .* was ended by SIGKILL; fix: virsh /,
        ],
    ])("fails on %s", async (_what, script, message) => {
        virsh(script);
        await expect(readVolume(STORED)).rejects.toThrow(message);
    });

    it("fails when virsh reports success and wrote nothing", async () => {
        virsh("exit 0");
        await expect(readVolume(STORED)).rejects.toThrow(/ENOENT/);
    });

    it("leaves no copy behind", async () => {
        const copies = join(folder, "copies"); // of its own: others may be reading images beside this
        mkdirSync(copies);
        process.env["TMPDIR"] = copies;
        virsh('head -c 10 /dev/zero > "${@: -1}"; exit 0');
        await readVolume(STORED);
        virsh('head -c 10 /dev/zero > "${@: -1}"; exit 1');
        await expect(readVolume(STORED)).rejects.toThrow(/can't be read back/);
        expect(readdirSync(copies)).toEqual([]);
    });

    it("fails when there is no virsh", async () => {
        process.env["PATH"] = folder;
        await expect(readVolume(STORED)).rejects.toThrow(
            /can't be read back: virsh is not installed; fix: apt install libvirt-clients/,
        );
    });
});
