import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentImage, findImage, type GoldenImage, localImages } from "../../../components/image-manifest";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-"));
});
afterEach(() => {
    rmSync(folder, { recursive: true });
});

const readManifest = (program: string, path: string): GoldenImage =>
    findImage(path, { program, project: program });

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
            /image: got "manifest\.json"; allowed: the SHA-256 of a golden image, or the path of its manifest; fix: run `make image`/,
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

describe("images by their sum", () => {
    const [OLD, NEW, ELSEWHERE] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
    const built = (key: string, sha256: string, at: number): void => {
        const file = `sallyport-${key}.qcow2`;
        const packages = [{ name: "tor", version: "0.4.8" }];
        const text = JSON.stringify({ file, sha256, sizeBytes: 5, suite: "trixie", kernel: "6.1", packages });
        mkdirSync(join(folder, ".image"), { recursive: true });
        writeFileSync(join(folder, ".image", file), "12345");
        utimesSync(join(folder, ".image", file), at, at);
        writeFileSync(join(folder, ".image", `sallyport-${key}.json`), text);
        writeFileSync(join(folder, ".image", "manifest.json"), text);
    };
    const find = (given: string): GoldenImage => findImage(given, { program: "/elsewhere", project: folder });

    it("are found by it, whichever was built last", () => {
        built("0a", OLD, 1);
        built("0b", NEW, 2);
        expect(find(OLD)).toEqual({ file: join(folder, ".image", "sallyport-0a.qcow2"), sha256: OLD });
        expect(localImages(folder).map(({ sha256 }) => sha256)).toEqual([NEW, OLD]);
        expect(currentImage(folder)?.sha256).toBe(NEW);
    });

    it("are one image where two recipes gave the same", () => {
        built("0a", OLD, 1);
        built("0b", OLD, 2);
        expect(localImages(folder).map(({ file }) => file)).toEqual(["sallyport-0b.qcow2"]);
    });

    it("that are not here keep their sum, and a file that no upload finds", () => {
        built("0a", OLD, 1);
        const { file, sha256 } = find(ELSEWHERE);
        expect(sha256).toBe(ELSEWHERE);
        expect(existsSync(file)).toBe(false);
    });

    it("with a file of another size are refused", () => {
        built("0a", OLD, 1);
        writeFileSync(join(folder, ".image", "sallyport-0a.qcow2"), "1");
        expect(() => find(OLD)).toThrow(/1 bytes"; allowed: 5 bytes/);
    });

    it("have to be named: what was built last is no choice", () => {
        expect(() => find("none")).toThrow(
            /image: got "none"; allowed: the SHA-256 of a golden image; fix: make image, then bin\/sallyport image use/,
        );
        built("0a", OLD, 1);
        expect(() => find("none")).toThrow(/fix: bin\/sallyport image use/);
        expect(() =>
            findImage("none", { program: folder, project: folder }, (sha256) => `image: ${sha256}`),
        ).toThrow(`fix: image: ${OLD}`);
    });

    it("are none without their file, or with a manifest that is cut off", () => {
        built("0a", OLD, 1);
        rmSync(join(folder, ".image", "sallyport-0a.qcow2"));
        writeFileSync(join(folder, ".image", "sallyport-0c.json"), "{");
        expect(localImages(folder)).toEqual([]);
        expect(localImages(join(folder, "nothing"))).toEqual([]);
    });
});
