/**
 * What an interrupted `up` leaves behind: libvirt has the object, the stack's state does not, and the
 * provider would only say that it exists. A hook looks right before each creation. A domain that was defined
 * and never started is nothing but a definition and is removed; anything else is named with the commands that
 * remove it, since it may belong to another state of the same stack.
 */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { callLimitMs, unanswered, unansweredFix } from "../libvirt/libvirt-limit";
import { NOT_LET_IN, NOT_LET_IN_PAUSE_MS } from "../values/libvirt-uri";
import { atMost } from "../util/at-most";
import { quote } from "../util/quote";
import { leftoversWayOut } from "./leftovers-way-out";
import { own } from "../util/own";

type Kind = "domain" | "network" | "pool" | "volume";

/** Runs virsh with these words; undefined when libvirt says that there is no such object. */
export type Ask = (words: readonly string[]) => Promise<string | undefined>;

/** libvirt's own words. virsh's "failed to get ..." is said of a broken connection, too. */
export const saysAbsent = (stderr: string): boolean =>
    !/Cannot (recv|write) data|End of file while reading|client socket is closed|Disconnected from/i.test(
        stderr,
    ) && /(network|storage pool|storage volume) not found/i.test(stderr);

/**
 * Questions at a time of a whole stack: over ssh each is a login of its own, and sshd turns away what comes
 * by the dozen.
 */
const QUESTIONS_AT_ONCE = 4;
const inTurn = atMost(QUESTIONS_AT_ONCE);

/** What virsh said. */
export interface Said {
    readonly stdout: string;
    readonly stderr: string;
}

async function runVirsh(words: readonly string[], timeout: number): Promise<Said> {
    const asked = promisify(execFile)("virsh", words, {
        timeout,
        killSignal: "SIGKILL",
        env: { ...process.env, LC_ALL: "C" },
    });
    asked.child.stdin?.end();
    return asked;
}

/** What virsh said on stderr before it failed. */
export const stderrOf = (error: unknown): string => String((error as { stderr?: unknown }).stderr ?? "");

/**
 * Why a virsh that execFile ran has failed, in one line.
 * @param words all of them, or those that a reader wants to see
 * @returns with the fix, when it was killed at its limit
 */
export function complaintOf(
    error: unknown,
    uri: string,
    words: readonly string[],
    limitMs: number,
): { readonly what: string; readonly fix?: string } {
    const { killed, signal, message } = error as Error & { killed?: unknown; signal?: unknown };
    if (killed === true) {
        return { what: unanswered(words, limitMs), fix: unansweredFix(uri, limitMs) };
    }
    const otherwise =
        typeof signal === "string" ? `virsh ${words.join(" ")} was ended by ${signal}` : message;
    return { what: (stderrOf(error).trim() || otherwise.trim()).replaceAll(/\s*\n\s*/g, "; ") };
}

/**
 * Run virsh, in its turn, and once more when the host's sshd let nobody in.
 * @throws execFile's error, which has what virsh said
 */
export const virshInTurn = (
    uri: string,
    words: readonly string[],
    limitMs = callLimitMs(uri),
): Promise<Said> =>
    inTurn(async () => {
        const whole = ["-c", uri, ...words];
        try {
            return await runVirsh(whole, limitMs);
        } catch (error) {
            if (!NOT_LET_IN.test(stderrOf(error))) {
                throw error;
            }
            await sleep(NOT_LET_IN_PAUSE_MS());
            return runVirsh(whole, limitMs);
        }
    });

export const askVirsh =
    (uri: string): Ask =>
    async (words) => {
        const limitMs = callLimitMs(uri);
        try {
            return (await virshInTurn(uri, words, limitMs)).stdout;
        } catch (error) {
            if (saysAbsent(stderrOf(error))) {
                return undefined;
            }
            const { what, fix } = complaintOf(error, uri, words, limitMs);
            const told =
                fix === undefined
                    ? `libvirt at ${uri} did not answer "virsh ${words.join(" ")}": ${what}`
                    : `at ${uri} ${what}`;
            throw new Error(`${told}; fix: ${fix ?? `virsh -c ${quote(uri)} version`}`, { cause: error });
        }
    };

/** The question that tells whether an object exists, and what removes it. */
function questions(kind: Kind, name: string, pool: string): { exists: string[]; remove: string[][] } {
    switch (kind) {
        case "domain":
            return {
                exists: ["domstate", name],
                remove: [
                    ["destroy", name],
                    ["undefine", name],
                ],
            };
        case "network":
            return {
                exists: ["net-info", name],
                remove: [
                    ["net-destroy", name],
                    ["net-undefine", name],
                ],
            };
        case "pool":
            return {
                exists: ["pool-info", name],
                remove: [
                    ["pool-destroy", name],
                    ["pool-undefine", name],
                ],
            };
        case "volume":
            return {
                exists: ["vol-info", "--pool", pool, name],
                remove: [["vol-delete", "--pool", pool, name]],
            };
    }
}

/**
 * Make way for an object that is about to be created.
 * @throws Error naming what is in the way and the commands that remove it
 */
export async function makeWay(
    kind: Kind,
    inputs: { readonly name?: unknown; readonly pool?: unknown },
    uri: string,
    stack: string,
    ask: Ask = askVirsh(uri),
): Promise<void> {
    if (typeof inputs.name !== "string" || (kind === "volume" && typeof inputs.pool !== "string")) {
        throw new Error(`a ${kind} without a plain name can't be checked for leftovers`);
    }
    const { exists, remove } = questions(kind, inputs.name, String(inputs.pool ?? ""));
    // Of a domain virsh does not say whether it is absent or could not be asked for.
    const listed =
        kind !== "domain" ||
        ((await ask(["list", "--all", "--name"])) ?? "").split("\n").includes(inputs.name);
    const answer = listed ? await ask(exists) : undefined;
    if (answer === undefined) {
        return;
    }
    if (kind === "domain" && answer.trim() === "shut off") {
        await ask(["undefine", inputs.name]);
        return;
    }
    const commands = remove.map((words) => ["virsh", "-c", uri, ...words].map(quote).join(" "));
    throw new Error(
        `${kind} ${inputs.name} is at ${uri} already and this stack's state does not know it: an interrupted up left it, or another state of this stack owns it; ` +
            `fix: ${leftoversWayOut(stack)}; for this one, if nobody needs it: ${commands.join(" ; ")}`,
    );
}

const KIND_OF: Readonly<Record<string, Kind>> = {
    "libvirt:index/domain:Domain": "domain",
    "libvirt:index/network:Network": "network",
    "libvirt:index/pool:Pool": "pool",
    "libvirt:index/volume:Volume": "volume",
    "libvirt:index/cloudinitDisk:CloudinitDisk": "volume",
};

/** The hook for every libvirt resource of a stack. It does not run at preview. */
export function leftoverHook(prefix: string, uri: string): pulumi.ResourceHook {
    const stack = pulumi.getStack();
    return new pulumi.ResourceHook(`${prefix}-leftovers`, async (args) => {
        const kind = own(KIND_OF, args.type);
        if (kind === undefined) {
            throw new Error(`no leftovers are known for ${args.type}`);
        }
        await makeWay(kind, (args.newInputs ?? {}) as { name?: unknown; pool?: unknown }, uri, stack);
    });
}
