/** Reads what `make image` wrote about the golden image. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ConfigError } from "../config/error";
import { SOURCE_FORM, sourcePath } from "../values/source-path";

const manifestSchema = z.object({
    file: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    sizeBytes: z.int().positive(),
});

/** The golden image on the machine that runs Pulumi. */
export interface GoldenImage {
    /** Absolute path of the qcow2 file. */
    readonly file: string;
    /** SHA-256 of the file, recorded when it was built; checked in full before it is uploaded. */
    readonly sha256: string;
}

const refuse = (value: unknown, allowed: string, fix: string): never => {
    throw new ConfigError([{ property: "image", value, allowed, fix }]);
};

/**
 * Read a manifest and check that its image is there and has the recorded size. The sum over the whole file is
 * `verify-image`'s, at the time of use: it would cost a second in each preview.
 * @param path absolute, or relative to the project's folder
 * @throws ConfigError when there is no such image
 */
export function readManifest(root: string, path: string): GoldenImage {
    const manifest = resolve(root, path);
    let text: string;
    try {
        text = readFileSync(manifest, "utf8");
    } catch {
        return refuse(
            path,
            "the manifest of a golden image",
            "run `make image`, or set sallyport:image to the manifest of another one",
        );
    }
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        return refuse(path, "a manifest in JSON", "run `make image` again");
    }
    const parsed = manifestSchema.safeParse(json);
    if (!parsed.success) {
        return refuse(path, "a manifest with file, sha256 and sizeBytes", "run `make image` again");
    }
    const file = resolve(dirname(manifest), parsed.data.file);
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
    if (size !== parsed.data.sizeBytes) {
        return refuse(
            `${file}, ${size} bytes`,
            `${parsed.data.sizeBytes} bytes, as ${path} records`,
            "run `make image` again",
        );
    }
    return { file, sha256: parsed.data.sha256 };
}
