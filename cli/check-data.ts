/**
 * `sallyport check-data`: what bin/pulumi asks before an update. Volumes that are kept go only where the
 * settings name their guest; the engine's own refusal, `protect`, would name neither guest nor setting.
 */
import { text } from "node:stream/consumers";
import { createReadStream } from "node:fs";
import { Command } from "commander";
import { storedSettings } from "../plan/file";
import { CliError, Finding } from "../util/error";
import { emit, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { jsonOption } from "./options";
import { allowedLoss, allowLines, declaredData, isLost, keptIn, type Kept } from "./kept-data";

interface Options {
    readonly state: string;
    /** Pulumi's command, as it was typed. */
    readonly command: string;
    /** A program of another folder: its settings are its own. */
    readonly elsewhere?: boolean;
    readonly excludeProtected?: boolean;
    readonly json?: boolean;
}

export interface Verdict {
    /** Resources whose protection goes first, since the settings allow it. */
    readonly unprotect: readonly string[];
    /** What would be lost and may not. */
    readonly refused: readonly Kept[];
}

const removesAll = (command: string): boolean => command === "destroy" || command === "down";

/**
 * @param kept what the state holds
 * @param stored settings, secrets encrypted; undefined: of a program whose settings can't be read here
 */
export function judgeLoss(
    kept: readonly Kept[],
    command: string,
    stored: Readonly<Record<string, unknown>> | undefined,
    place: { readonly project: string; readonly stack: string },
): Verdict {
    const allowed = stored === undefined ? [] : allowedLoss(stored);
    const mayGo = ({ name, domain }: Kept): boolean => allowed.includes(name) || allowed.includes(domain);
    const declared = removesAll(command)
        ? new Set<string>()
        : stored && declaredData(place.project, place.stack, stored);
    return {
        unprotect: kept.filter(mayGo).flatMap(({ protectedUrns }) => protectedUrns),
        // Where nobody can say what is declared, the engine refuses by itself.
        refused: kept.filter(
            (one) =>
                one.protectedUrns.length > 0 &&
                !mayGo(one) &&
                declared !== undefined &&
                isLost(one, declared),
        ),
    };
}

const what = ({ name, role, sizeBytes }: Kept): string =>
    `the ${role === "gateway" ? "tor state (entry guards)" : "home"} of ${name} (${sizeBytes >= 2 ** 30 ? `${sizeBytes / 2 ** 30} GiB` : `${sizeBytes / 2 ** 20} MiB`})`;

/** @throws CliError when the file can't be read or is no export */
async function read(file: string): Promise<{ readonly exported: string; readonly kept: readonly Kept[] }> {
    try {
        const exported = await text(file === "-" ? process.stdin : createReadStream(file));
        return { exported, kept: keptIn(exported) };
    } catch (error) {
        throw new CliError(
            `the state is no export of a stack: ${(error instanceof Error ? error.message : String(error)).slice(0, 200)}`,
            "see that bin/pulumi stack export works",
        );
    }
}

async function run(o: Options): Promise<void> {
    const { exported, kept } = await read(o.state);
    const [, stack = "", project = ""] = /"urn:pulumi:([^:"]+)::([^:"]+)::/.exec(exported) ?? [];
    const stored = o.elsewhere === true ? undefined : storedSettings(projectRoot(), stack);
    const { unprotect, refused } = judgeLoss(kept, o.command, stored, { project, stack });
    if (refused.length > 0) {
        const list = refused.map(what).join(", ");
        throw new Finding(
            "data.kept",
            o.excludeProtected === true
                ? `${o.command} --exclude-protected would leave ${list} and with it parts of the guests and their network, half of an enclave`
                : `${o.command} would delete ${list}`,
            stored === undefined
                ? `keep the guest; or, if that may go, name it in the program's allowDataLoss (${refused.map(({ name }) => name).join(", ")}), run bin/pulumi up, then this again`
                : `keep the guest; or, if that may go: ${allowLines(
                      refused.map(({ name }) => name),
                      allowedLoss(stored).length,
                      stack,
                  )}`,
        );
    }
    if (o.json === true) {
        const kept = [passed("data.kept", "Kept data", `${o.command} takes none away that may not go`)];
        emit({ ...report(kept), unprotect }, true);
    } else {
        process.stdout.write(unprotect.map((urn) => `${urn}\n`).join(""));
    }
}

export function checkDataCommand(): Command {
    return jsonOption(new Command("check-data"))
        .description("look whether an update would take away what is kept of a guest, and may not")
        .requiredOption("--state <file>", "an export of the stack's state; - is standard input")
        .requiredOption("--command <verb>", "Pulumi's command: up, preview, destroy")
        .option("--elsewhere", "the program is of another folder")
        .option("--exclude-protected", "the command has that option")
        .action(run);
}
