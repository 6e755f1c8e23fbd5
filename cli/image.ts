/** `sallyport image`: which golden images are there, which one a stack stands on, and which are out of date. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { type BuiltImage, currentImage, imageFolder, localImages } from "../components/image-manifest";
import { storedSettings } from "../plan/file";
import { CliError } from "../util/error";
import { type Check, emit, failed, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { newer, type PackageUpdate } from "./image-updates";
import { jsonOption, stackOption } from "./options";
import { editSettings } from "./settings-file";
import { findSettings, findStack } from "./stack";

/** Of apt, which reads its lists from the disk. */
const APT_LIMIT_MS = 120_000;

const short = (sha256: string): string => sha256.slice(0, 12);
const tor = ({ packages }: BuiltImage): string =>
    packages.find(({ name }) => name === "tor")?.version ?? "no tor";

/** Every stack with settings in this folder, with the image that they name. */
const stacksOf = (root: string): { readonly stack: string; readonly image: unknown }[] =>
    readdirSync(root)
        .map((name) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(name)?.[1])
        .filter((stack) => stack !== undefined)
        .map((stack) => ({ stack, image: storedSettings(root, stack)["image"] }));

function built(root: string): BuiltImage[] {
    const images = localImages(root);
    if (images.length === 0) {
        throw new CliError("there is no golden image on this machine", "make image");
    }
    return images;
}

function list(o: { json?: boolean }): void {
    const root = projectRoot();
    const [stacks, current] = [stacksOf(root), currentImage(root)?.sha256];
    const checks = built(root).map((image): Check => {
        const users = stacks.filter((s) => s.image === image.sha256).map(({ stack }) => stack);
        const used = users.length === 0 ? "no stack here names it" : `named by ${users.join(", ")}`;
        const last = image.sha256 === current ? "; built last" : "";
        return passed(
            "image.built",
            image.sha256,
            `Debian ${image.suite}, tor ${tor(image)}, kernel ${image.kernel}; ${used}${last}`,
        );
    });
    emit(report(checks), o.json === true);
}

/** The image that a digest's beginning means; without one the image that was built last. */
export function chosen(
    images: readonly BuiltImage[],
    given: string | undefined,
    current: string | undefined,
): BuiltImage {
    const wanted = given ?? current ?? "";
    const found = images.filter(({ sha256 }) => sha256.startsWith(wanted));
    const [image] = found;
    if (image === undefined || found.length > 1 || !/^[0-9a-f]{6,64}$/.test(wanted)) {
        throw new CliError(
            `DIGEST: got "${wanted}"; allowed: the first 6 or more digits of one image: ` +
                images.map(({ sha256 }) => short(sha256)).join(", "),
            "bin/sallyport image list, or make image",
        );
    }
    return image;
}

async function use(given: string | undefined, o: { stack?: string; json?: boolean }): Promise<void> {
    const root = projectRoot();
    const image = chosen(built(root), given, currentImage(root)?.sha256);
    const stack = await findStack(root, o.stack);
    const before = storedSettings(root, stack.name)["image"];
    editSettings(root, stack.name, (document) => document.setIn(["config", "sallyport:image"], image.sha256));
    const what = `${short(image.sha256)} (Debian ${image.suite}, tor ${tor(image)})`;
    const back = typeof before === "string" ? `; back: bin/sallyport image use ${before.slice(0, 12)}` : "";
    const next =
        "next: bin/pulumi up, which gives every guest that stands on another image a new root: " +
        "what is on the old one is lost";
    emit(
        report([
            passed(
                "image.used",
                `Stack ${stack.name}`,
                before === image.sha256 ? `stands on ${what}` : `will stand on ${what}; ${next}${back}`,
            ),
        ]),
        o.json === true,
    );
}

/**
 * What apt on this machine would install today for the image's recipe: "NAME VERSION" of every package.
 * @throws CliError when it can't be asked
 */
async function available(root: string, { suite }: BuiltImage): Promise<Map<string, string>> {
    const run = await execa(join(root, "image", "lib", "available"), [suite], {
        reject: false,
        timeout: APT_LIMIT_MS,
    });
    const lines = run.exitCode === 0 ? run.stdout.split("\n").filter((line) => line !== "") : [];
    if (lines.length === 0) {
        throw new CliError(
            `apt on this machine can't say what Debian ${suite} has: ${run.stderr.trim().slice(0, 300) || "no package"}`,
            "bin/sallyport image outdated, once apt-get update works on this machine",
        );
    }
    return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]));
}

const said = ({ name, from, to }: PackageUpdate): string =>
    `${name} ${from} -> ${to ?? "not installed any more"}`;

async function outdated(o: { stack?: string; json?: boolean }): Promise<void> {
    const root = projectRoot();
    const stack = await findSettings(root, o.stack);
    const named = storedSettings(root, stack.name)["image"];
    const image = built(root).find(({ sha256 }) => sha256 === named);
    if (image === undefined) {
        throw new CliError(
            typeof named === "string"
                ? `stack ${stack.name} stands on image ${named.slice(0, 12)}, ` +
                      `whose manifest is not in ${imageFolder(root)}`
                : `stack ${stack.name} names no image`,
            "bin/sallyport image use",
        );
    }
    const updates = await newer(image.packages, await available(root, image));
    const title = `Image ${short(image.sha256)} of stack ${stack.name}`;
    emit(
        report([
            updates.length === 0
                ? passed("image.outdated", title, `its ${image.packages.length} packages are as apt has them`)
                : failed(
                      "image.outdated",
                      title,
                      `${updates.length} packages have updates: ${updates.map(said).join(", ")}`,
                      `make image && bin/sallyport image use --stack ${stack.name}`,
                  ),
        ]),
        o.json === true,
    );
}

export function imageCommand(): Command {
    const image = new Command("image").description(
        "golden images: what is built, what a stack stands on, updates",
    );
    image.addCommand(
        jsonOption(new Command("list"))
            .description("every image on this machine, and the stacks here that name it")
            .action(list),
    );
    image.addCommand(
        stackOption(jsonOption(new Command("use")))
            .description("write an image's SHA-256 into the stack's settings")
            .argument("[digest]", "its first digits (default: the image that was built last)")
            .action(use),
    );
    image.addCommand(
        stackOption(jsonOption(new Command("outdated")))
            .description(
                "which packages of the stack's image have updates, by the archives of apt on this machine",
            )
            .action(outdated),
    );
    return image;
}
