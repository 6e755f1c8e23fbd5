/** A golden image of one sector, boot.s, with the manifest that the product asks for. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../lab/run";
import { root } from "./place";

/** @returns path of its manifest */
export async function standInImage(folder: string): Promise<string> {
    mkdirSync(folder, { recursive: true });
    const [object, sector, file] = [
        join(folder, "boot.o"),
        join(folder, "boot.bin"),
        join(folder, "image.qcow2"),
    ];
    await run("as", ["--32", join(root, "test", "host", "boot.s"), "-o", object]);
    await run("ld", ["-m", "elf_i386", "--oformat", "binary", "-Ttext", "0x7c00", object, "-o", sector]);
    truncateSync(sector, 2 ** 20);
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", sector, file]);
    const content = readFileSync(file);
    const manifest = {
        file: "image.qcow2",
        sha256: createHash("sha256").update(content).digest("hex"),
        sizeBytes: content.length,
    };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    return join(folder, "manifest.json");
}
