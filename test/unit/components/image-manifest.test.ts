import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readManifest } from "../../../components/image-manifest";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-"));
});
afterEach(() => {
    rmSync(folder, { recursive: true });
});

describe("image manifest", () => {
    const sha256 = "a".repeat(64);
    const manifest = (value: unknown): void =>
        writeFileSync(
            join(folder, "manifest.json"),
            typeof value === "string" ? value : JSON.stringify(value),
        );

    it("reads an image beside it", () => {
        writeFileSync(join(folder, "x.qcow2"), "12345");
        manifest({ file: "x.qcow2", sha256, sizeBytes: 5, key: "other things are there too" });
        expect(readManifest(folder, "manifest.json")).toEqual({ file: join(folder, "x.qcow2"), sha256 });
    });

    // The provider reads the path as a URL: it would open "/a" of "/a#b", "/aAb" of "/a%41b".
    it.each(["a#b", "a%41b", "a?b", "100%", "a\nb"])("refuses an image in a folder %j", (name) => {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "x.qcow2"), "12345");
        writeFileSync(
            join(folder, name, "manifest.json"),
            JSON.stringify({ file: "x.qcow2", sha256, sizeBytes: 5 }),
        );
        expect(() => readManifest(join(folder, name), "manifest.json")).toThrow(
            /image: got ".*x\.qcow2"; allowed: an image whose path is an absolute path.*; fix: move the image/,
        );
    });

    it.each(["a b", "a+b", "a:b@c", "ü", "a'b"])("takes an image in a folder %j", (name) => {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "x.qcow2"), "12345");
        writeFileSync(
            join(folder, name, "manifest.json"),
            JSON.stringify({ file: "x.qcow2", sha256, sizeBytes: 5 }),
        );
        expect(readManifest(join(folder, name), "manifest.json").file).toBe(join(folder, name, "x.qcow2"));
    });

    it.each<[string, unknown, RegExp]>([
        [
            "a missing manifest",
            undefined,
            /image: got "manifest\.json"; allowed: the manifest of a golden image; fix: run `make image`/,
        ],
        ["a manifest that is cut off", '{"file":', /a manifest in JSON/],
        [
            "a manifest without a sum",
            { file: "x.qcow2", sizeBytes: 5 },
            /a manifest with file, sha256 and sizeBytes/,
        ],
        [
            "an image that is gone",
            { file: "y.qcow2", sha256, sizeBytes: 5 },
            /y\.qcow2.*allowed: the image that manifest\.json names/,
        ],
        [
            "an image of another size",
            { file: "x.qcow2", sha256, sizeBytes: 6 },
            /x\.qcow2, 5 bytes.*allowed: 6 bytes/,
        ],
    ])("refuses %s", (_title, value, message) => {
        writeFileSync(join(folder, "x.qcow2"), "12345");
        if (value !== undefined) {
            manifest(value);
        }
        expect(() => readManifest(folder, "manifest.json")).toThrow(message);
    });
});
