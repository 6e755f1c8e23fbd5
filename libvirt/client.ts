/**
 * The one place that starts virsh, with a time limit on every call. All that we ask of a host goes through it,
 * so whatever works for qemu:///system works for qemu+ssh as well.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "../util/error";
import { limitConcurrency } from "../util/limit-concurrency";
import { quote } from "../util/quote";
import {
    classify,
    complaint,
    NO_REASON,
    TURNED_AWAY,
    unanswered,
    virshFix,
    type VirshOutcome,
} from "./errors";
import { callLimitMs } from "./limits";

export interface VirshResult {
    readonly outcome: VirshOutcome;
    /** Without the newline at its end. */
    readonly stdout: string;
    /** libvirt's last complaint in one line; empty when all went well. */
    readonly message: string;
    /** All that was written to stderr, of a call that went well too; absent: nothing. */
    readonly stderr?: string;
}

/**
 * One call of virsh. Its limit in milliseconds is the one of its URI (callLimitMs) when the caller sets none.
 * @param signal ends the call early
 */
export type Virsh = (args: readonly string[], limitMs?: number, signal?: AbortSignal) => Promise<VirshResult>;

/** Output of one call; undefined when libvirt says that there is no such object. It throws for all else. */
export type Ask = (args: readonly string[]) => Promise<string | undefined>;

/** Largest output, in bytes: a large host describes each of its processors. */
const MOST = 64 * 2 ** 20;
/**
 * Calls at a time of one process: over ssh each is a login of its own, and sshd turns away what comes by the
 * dozen.
 */
const CALLS_AT_ONCE = 4;
const inTurn = limitConcurrency(CALLS_AT_ONCE);
/** Before the one retry, in milliseconds: those that were turned away do not come back all at once. */
const pauseMs = (): number => 500 + Math.random() * 1500;

const argv = (uri: string, args: readonly string[]): string[] => ["-q", "-c", uri, ...args];
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: "C" });

/** The same call as a line for a shell, or for people. */
export const virshLine = (uri: string, ...args: readonly string[]): string =>
    ["virsh", "-c", uri, ...args].map(quote).join(" ");

/** How a process ended. */
interface Ended {
    readonly stdout: string;
    readonly stderr: string;
    /** Exit status; null when it had none. */
    readonly status: number | null;
    readonly signal: string | null;
    /** Why it did not start, or was ended by us. */
    readonly error?: NodeJS.ErrnoException | undefined;
    readonly late: boolean;
}

function resultOf(ended: Ended, args: readonly string[], limitMs: number): VirshResult {
    const { stderr, signal, error } = ended;
    const stdout = ended.stdout.replace(/\n$/, "");
    const whole = stderr === "" ? {} : { stderr };
    if (ended.late) {
        return { outcome: "time-out", stdout: "", message: unanswered(args, limitMs) };
    }
    if (ended.status === 0) {
        return { outcome: "ok", stdout, message: "", ...whole };
    }
    if (error?.code === "ENOENT") {
        return { outcome: "missing", stdout: "", message: "virsh is not installed" };
    }
    const otherwise =
        signal === null
            ? (error?.message ?? "virsh failed and did not say why")
            : `virsh ${args.join(" ")} was ended by ${signal}`;
    return { outcome: classify(stderr), stdout, message: complaint(stderr) || otherwise, ...whole };
}

const run = (
    uri: string,
    args: readonly string[],
    limitMs: number,
    signal?: AbortSignal,
): Promise<VirshResult> =>
    new Promise((done) => {
        const options = {
            timeout: Math.ceil(limitMs),
            killSignal: "SIGKILL" as const,
            maxBuffer: MOST,
            env: environment(),
            ...(signal && { signal }),
        };
        const child = execFile("virsh", argv(uri, args), options, (error, stdout, stderr) => {
            const {
                code,
                killed,
                signal: by,
            } = (error ?? {}) as { code?: number | string | null; killed?: boolean; signal?: string | null };
            const failed = typeof code === "number" ? code : null;
            const status = error === null ? 0 : failed;
            // Killed by us with another code: too much output, or the caller's signal.
            const late = killed === true && code === null;
            done(
                resultOf(
                    {
                        stdout,
                        stderr,
                        status,
                        signal: by ?? null,
                        late,
                        ...(typeof code === "string" && { error: error as NodeJS.ErrnoException }),
                    },
                    args,
                    limitMs,
                ),
            );
        });
        child.stdin?.end();
    });

/**
 * A call that waits with the whole process, for what must be known before a program goes on. No retry, and in
 * no turn.
 */
export function virshSync(uri: string, args: readonly string[], limitMs: number): VirshResult {
    const { stdout, stderr, status, signal, error } = spawnSync("virsh", argv(uri, args), {
        encoding: "utf8",
        timeout: Math.ceil(limitMs),
        killSignal: "SIGKILL",
        maxBuffer: MOST,
        stdio: ["ignore", "pipe", "pipe"],
        env: environment(),
    });
    const late = (error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT";
    // Of a program that did not start there are none.
    const [out, complaints] = [(stdout as string | null) ?? "", (stderr as string | null) ?? ""];
    return resultOf({ stdout: out, stderr: complaints, status, signal, error, late }, args, limitMs);
}

/** A guest's serial console on this terminal, until it is left. */
export const openConsole = (uri: string, domain: string): Promise<"ok" | "missing" | "error"> =>
    new Promise((done) => {
        const child = spawn("virsh", ["-c", uri, "console", domain], { stdio: "inherit", env: process.env });
        child.on("error", (error: NodeJS.ErrnoException) =>
            done(error.code === "ENOENT" ? "missing" : "error"),
        );
        child.on("close", (status) => done(status === 0 ? "ok" : "error"));
    });

/**
 * A client of the libvirt at this URI. Calls never throw; the outcome tells. Domains go by their names:
 * "no-domain" means that libvirt, asked for all of them, did not list it.
 * @throws ConfigError at once, when the limit that is set for calls is none
 */
export function virshAt(uri: string): Virsh {
    const ownLimitMs = callLimitMs(uri);
    return async (args, limitMs = ownLimitMs, signal = undefined) => {
        const call = (words: readonly string[]): Promise<VirshResult> =>
            inTurn(async () => {
                const first = await run(uri, words, limitMs, signal);
                if (!TURNED_AWAY.test(first.stderr ?? "")) {
                    return first;
                }
                await sleep(pauseMs());
                return run(uri, words, limitMs, signal);
            });
        const result = await call(args);
        const name = result.outcome === "error" ? NO_REASON.exec(result.stderr ?? "")?.[1] : undefined;
        if (name === undefined) {
            return result;
        }
        const listed = await call(["list", "--all", "--name"]);
        if (listed.outcome !== "ok") {
            return { ...result, outcome: listed.outcome, message: `${result.message}: ${listed.message}` };
        }
        return listed.stdout.split("\n").includes(name) ? result : { ...result, outcome: "no-domain" };
    };
}

/** What a call that had to work says, with its fix. */
function failure(
    uri: string,
    args: readonly string[],
    { outcome, message }: VirshResult,
    limitMs?: number,
): CliError {
    return new CliError(
        outcome === "time-out" ? `at ${uri} ${message}` : `virsh ${args.join(" ")} at ${uri}: ${message}`,
        virshFix(outcome, uri, limitMs),
    );
}

/**
 * Output of a call that has to work.
 * @throws CliError with libvirt's complaint
 */
export async function mustVirsh(uri: string, args: readonly string[], limitMs?: number): Promise<string> {
    const result = await virshAt(uri)(args, limitMs);
    if (result.outcome !== "ok") {
        throw failure(uri, args, result, limitMs);
    }
    return result.stdout;
}

/**
 * The same for hooks, whose errors Pulumi prints as they are, where an absent object is an answer.
 * @throws Error with libvirt's complaint and the fix
 */
export const askVirsh =
    (uri: string): Ask =>
    async (args) => {
        const result = await virshAt(uri)(args);
        if (result.outcome === "ok") {
            return result.stdout;
        }
        if (result.outcome.startsWith("no-")) {
            return undefined;
        }
        const { message, fix } = failure(uri, args, result);
        throw new Error(`${message}; fix: ${fix}`);
    };
