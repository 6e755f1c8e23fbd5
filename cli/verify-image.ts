/** `sallyport verify-image`: the image's content against the sum that the stack was given. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Command, InvalidArgumentError } from "commander";
import { CliError, Finding } from "../util/error";
import { jsonOption } from "./options";
import { emit, passed, report } from "../util/output";

function sum(text: string): string {
    if (!/^[0-9a-f]{64}$/i.test(text)) {
        throw new InvalidArgumentError("a SHA-256 sum of 64 hexadecimal digits is allowed.");
    }
    return text.toLowerCase();
}

/** SHA-256 of a file in hexadecimal. @throws the file system's error */
async function sha256(file: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

/** @throws CliError when the file can't be read or has another sum */
async function verifyImage(file: string, expected: string): Promise<void> {
    let actual: string;
    try {
        actual = await sha256(file);
    } catch (error) {
        throw new CliError(
            `image ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`,
            "copy the image with its manifest from a machine that has it to .image, " +
                "or stand on another one: make image, bin/sallyport image use",
        );
    }
    if (actual !== expected) {
        throw new Finding(
            "image.checksum",
            `image ${file} has SHA-256 ${actual}, expected is ${expected}`,
            "remove the file and run make image",
        );
    }
}

export function verifyImageCommand(): Command {
    return jsonOption(new Command("verify-image"))
        .description("compare an image with its SHA-256 sum before it is used")
        .requiredOption("--image <file>", "the image")
        .requiredOption("--sha256 <hex>", "its expected sum", sum)
        .action(async (o: { image: string; sha256: string; json?: boolean }) => {
            await verifyImage(o.image, o.sha256);
            emit(
                report([passed("image.checksum", `Image ${o.image}`, `SHA-256 ${o.sha256}`)]),
                o.json === true,
            );
        });
}
