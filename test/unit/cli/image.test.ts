/** Which image a digest means, which packages are out of date, and how settings are edited. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chosen } from "../../../cli/image";
import { newer } from "../../../cli/image-updates";
import { editSettings } from "../../../cli/settings-file";
import type { BuiltImage } from "../../../components/image-manifest";

const image = (sha256: string): BuiltImage => ({
    file: "x.qcow2",
    sha256,
    sizeBytes: 1,
    suite: "trixie",
    kernel: "6.1",
    packages: [{ name: "tor", version: "1" }],
});
const [A, B] = [image("abcdef0".padEnd(64, "0")), image("abcdef1".padEnd(64, "0"))];

describe("which image", () => {
    test("by its first digits, or the one that was built last", () => {
        expect(chosen([A, B], "abcdef1", A.sha256)).toBe(B);
        expect(chosen([A, B], undefined, A.sha256)).toBe(A);
    });
    test.each(["abcdef", "abcde", "ffffff", "", "../etc/passwd", "ABCDEF0"])("%j is refused", (given) => {
        expect(() => chosen([A, B], given, A.sha256)).toThrow(
            `DIGEST: got "${given}"; allowed: the first 6 or more digits of one image: abcdef000000, abcdef100000`,
        );
    });
});

test("a package is out of date in Debian's order of versions", async () => {
    const installed = ["same", "older", "newer", "tilde", "gone"].map((name) => ({
        name,
        version: "1:2.9-1",
    }));
    const available = new Map([
        ["same", "1:2.9-1"],
        ["older", "1:2.10-1"],
        ["newer", "2.10-1"],
        ["tilde", "1:2.9-1~rc1"],
        ["other", "9"],
    ]);
    expect(await newer(installed, available)).toEqual([
        { name: "older", from: "1:2.9-1", to: "1:2.10-1" },
        { name: "gone", from: "1:2.9-1", to: undefined },
    ]);
});

test("versions that can't be compared are no sign that a package is up to date", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
        await expect(newer([{ name: "a", version: "1" }], new Map([["a", "2"]]))).rejects.toThrow(
            /dpkg can't compare the versions 1 and 2/,
        );
    } finally {
        process.env["PATH"] = path;
    }
});

describe("settings", () => {
    let root: string;
    const path = (): string => join(root, "Pulumi.cell.yaml");
    const edit = (): void =>
        editSettings(root, "cell", (document) => document.setIn(["config", "sallyport:image"], "x"));
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "settings-"));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    test("keep what is not edited, comments too, and leave no draft", () => {
        writeFileSync(path(), "# ours\nencryptionsalt: v1:a=\nconfig:\n  sallyport:uri: test # why\n");
        edit();
        expect(readFileSync(path(), "utf8")).toBe(
            "# ours\nencryptionsalt: v1:a=\nconfig:\n  sallyport:uri: test # why\n  sallyport:image: x\n",
        );
        expect(readdirSync(root)).toEqual(["Pulumi.cell.yaml"]);
    });
    test.each([undefined, "", "config:\n", "encryptionsalt: v1:a=\n"])(
        "begin where there are none: %j",
        (text) => {
            if (text !== undefined) {
                writeFileSync(path(), text);
            }
            edit();
            expect(readFileSync(path(), "utf8")).toMatch(
                /config:\n {2}sallyport:image: x\n|config: \{ sallyport:image: x \}\n/,
            );
        },
    );
    test("that are no YAML are left as they are", () => {
        writeFileSync(path(), "config: [");
        expect(edit).toThrow(/Pulumi\.cell\.yaml is no YAML/);
        expect(readFileSync(path(), "utf8")).toBe("config: [");
    });
});
