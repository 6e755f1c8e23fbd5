/** Golden images on the machine that runs Pulumi, as `make image` leaves them: one manifest for each. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError } from "../config/error";
import { NO_IMAGE } from "../values/image";
import { SOURCE_FORM, sourcePath } from "../values/source-path";

const SHA256 = /^[0-9a-f]{64}$/;

const manifestSchema = z.object({
    file: z.string().min(1),
    sha256: z.string().regex(SHA256),
    sizeBytes: z.int().positive(),
});

/** What `image list` and `image outdated` show of an image. */
const builtSchema = manifestSchema.extend({
    suite: z.string().regex(/^[a-z]{1,20}$/),
    kernel: z.string().min(1),
    packages: z.array(z.object({ name: z.string().min(1), version: z.string().min(1) })).min(1),
});
export type BuiltImage = Readonly<z.infer<typeof builtSchema>>;

/** The golden image on the machine that runs Pulumi. */
export interface GoldenImage {
    /** Absolute path of the qcow2 file. It may be missing where the lab host has the image already. */
    readonly file: string;
    /** SHA-256 of the file, recorded when it was built; checked in full before it is uploaded. */
    readonly sha256: string;
}

/** Folder of the images that `make image` builds, in the project's. */
export const imageFolder = (root: string): string => join(root, ".image");

const refuse = (value: unknown, allowed: string, fix: string): never => {
    throw new ConfigError([{ property: "image", value, allowed, fix }]);
};

/** The file's JSON, if it has that form. */
function parsed<T>(path: string, schema: z.ZodType<T>): T | undefined {
    try {
        return schema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
    } catch {
        return undefined;
    }
}

/** The image that `make image` built last. */
export const currentImage = (root: string): BuiltImage | undefined =>
    parsed(join(imageFolder(root), "manifest.json"), builtSchema);

/**
 * Every image that is there with its manifest, newest first. Another recipe may give the same image: it is one.
 */
export function localImages(root: string): BuiltImage[] {
    const folder = imageFolder(root);
    return (existsSync(folder) ? readdirSync(folder) : [])
        .filter((name) => /^sallyport-[0-9a-f]+\.json$/.test(name))
        .map((name) => parsed(join(folder, name), builtSchema))
        .filter((built) => built !== undefined)
        .map((built) => ({
            built,
            at: statSync(join(folder, built.file), { throwIfNoEntry: false })?.mtimeMs,
        }))
        .filter(({ at }) => at !== undefined)
        .sort((a, b) => (b.at ?? 0) - (a.at ?? 0))
        .map(({ built }) => built)
        .filter(({ sha256 }, i, all) => all.findIndex((other) => other.sha256 === sha256) === i);
}

/**
 * Read a manifest and check that its image is there and has the recorded size. The sum over the whole file is
 * `verify-image`'s, at the time of use: it would cost a second in each preview.
 * @throws ConfigError when there is no such image
 */
function readManifest(folder: string, path: string): GoldenImage {
    const manifest = resolve(folder, path);
    let text: string;
    try {
        text = readFileSync(manifest, "utf8");
    } catch {
        return refuse(
            path,
            "the SHA-256 of a golden image, or the path of its manifest",
            "run `make image`, then `bin/sallyport image use`",
        );
    }
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        return refuse(path, "a manifest in JSON", "run `make image` again");
    }
    const read = manifestSchema.safeParse(json);
    if (!read.success) {
        return refuse(path, "a manifest with file, sha256 and sizeBytes", "run `make image` again");
    }
    const file = resolve(dirname(manifest), read.data.file);
    if (sourcePath(file) !== file) {
        return refuse(
            file,
            `an image whose path is ${SOURCE_FORM}: the provider reads it as a URL and would upload another file`,
            "move the image and its manifest to a folder of a plain name, and set sallyport:image to the manifest there",
        );
    }
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) {
        return refuse(file, `the image that ${path} names`, "run `make image` again");
    }
    if (size !== read.data.sizeBytes) {
        return refuse(
            `${file}, ${size} bytes`,
            `${read.data.sizeBytes} bytes, as ${path} records`,
            "run `make image` again",
        );
    }
    return { file, sha256: read.data.sha256 };
}

/**
 * The image that a stack's settings name. One that is named by its sum need not be on this machine: the lab
 * host has it from the first `up` on, and an upload asks for the file (`verify-image`).
 * @param given the setting `image`
 * @param places where a path begins, and the project whose images a sum may name
 * @param property how this program's users set it, as a line that can be pasted
 * @throws ConfigError when none is named, or the named one can't be used
 */
export function findImage(
    given: string,
    places: { readonly program: string; readonly project: string },
    property: (sha256: string | undefined) => string = () => "bin/sallyport image use",
): GoldenImage {
    if (given === NO_IMAGE) {
        const sha256 = currentImage(places.project)?.sha256;
        const first = sha256 === undefined ? "make image, then " : "";
        return refuse(given, "the SHA-256 of a golden image", `${first}${property(sha256)}`);
    }
    if (!SHA256.test(given)) {
        return readManifest(places.program, given);
    }
    const built = localImages(places.project).find(({ sha256 }) => sha256 === given);
    const folder = imageFolder(places.project);
    return built === undefined
        ? { file: join(folder, `${given}.qcow2`), sha256: given }
        : readManifest(folder, built.file.replace(/\.qcow2$/, ".json"));
}
