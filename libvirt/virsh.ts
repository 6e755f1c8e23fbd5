/**
 * libvirt's own client, with a time limit on every call. All that we ask of a host goes through it, so
 * whatever works for qemu:///system works for qemu+ssh as well.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { callLimitMs, unanswered, unansweredFix } from "./libvirt-limit";
import { NOT_LET_IN, NOT_LET_IN_PAUSE_MS } from "../values/libvirt-uri";
import { CliError } from "../util/error";

/** How a call ended. `lost` is a connection that was there and broke: worth another try. */
export type VirshOutcome =
    "ok" | "missing" | "time-out" | "refused" | "lost" | "no-domain" | "no-pool" | "no-volume" | "error";

export interface VirshResult {
    readonly outcome: VirshOutcome;
    readonly stdout: string;
    /** libvirt's last complaint in one line; empty when all went well. */
    readonly message: string;
}

/** One call of virsh. Its limit is the one of its URI (callLimitMs) when the caller sets none. */
export type Virsh = (args: readonly string[], timeoutMs?: number) => Promise<VirshResult>;

/**
 * libvirt's own words. virsh's "failed to get ..." is said of a broken connection, too, and tells nothing.
 */
const PATTERNS: readonly (readonly [RegExp, VirshOutcome])[] = [
    [
        /failed to connect to the hypervisor|no connection driver available|Cannot use direct socket mode/i,
        "refused",
    ],
    [
        /Cannot recv data|Cannot write data|End of file while reading|client socket is closed|Disconnected from|keepalive/i,
        "lost",
    ],
    [/Domain not found/i, "no-domain"],
    [/Storage volume not found/i, "no-volume"],
    [/Storage pool not found/i, "no-pool"],
];

/** Of a domain virsh says no more than this, whatever the reason. */
const NO_REASON = /^error: failed to get domain '(.*)'$/m;

/** Sort libvirt's messages (in the C locale) into what callers decide on. */
export function classify(stderr: string): VirshOutcome {
    return PATTERNS.find(([pattern]) => pattern.test(stderr))?.[1] ?? "error";
}

/** virsh's `error:` lines as one line. */
export function complaint(stderr: string): string {
    const lines = stderr
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
    const errors = lines
        .filter((line) => line.startsWith("error:"))
        .map((line) => line.slice("error:".length).trim());
    return [...new Set(errors.length > 0 ? errors : lines)].join(": ");
}

/**
 * A client of the libvirt at this URI. Calls never throw; the outcome tells. Domains go by their names:
 * "no-domain" means that libvirt, asked for all of them, did not list it.
 * @throws Error at once, when the limit that is set for calls is none
 */
export function virshAt(uri: string): Virsh {
    const call = async (
        args: readonly string[],
        timeoutMs: number,
    ): Promise<VirshResult & { readonly stderr?: string }> => {
        const run = await execa("virsh", ["-q", "-c", uri, ...args], {
            reject: false,
            stdin: "ignore",
            timeout: timeoutMs,
            killSignal: "SIGKILL",
            env: { LC_ALL: "C" },
        });
        if (run.exitCode === 0) {
            return { outcome: "ok", stdout: run.stdout, message: "" };
        }
        if (run.code === "ENOENT") {
            return { outcome: "missing", stdout: "", message: "virsh is not installed" };
        }
        if (run.timedOut) {
            return { outcome: "time-out", stdout: "", message: unanswered(args, timeoutMs) };
        }
        const message = complaint(run.stderr) || run.shortMessage || "virsh failed and did not say why";
        return { outcome: classify(run.stderr), stdout: run.stdout, message, stderr: run.stderr };
    };
    const called: typeof call = async (args, timeoutMs) => {
        const first = await call(args, timeoutMs);
        if (!NOT_LET_IN.test(first.stderr ?? "")) {
            return first;
        }
        await sleep(NOT_LET_IN_PAUSE_MS());
        return call(args, timeoutMs);
    };
    const limitMs = callLimitMs(uri);
    return async (args, timeoutMs = limitMs) => {
        const { stderr, ...result } = await called(args, timeoutMs);
        const name = result.outcome === "error" ? NO_REASON.exec(stderr ?? "")?.[1] : undefined;
        if (name === undefined) {
            return result;
        }
        const listed = await called(["list", "--all", "--name"], timeoutMs);
        if (listed.outcome !== "ok") {
            return { ...result, outcome: listed.outcome, message: `${result.message}: ${listed.message}` };
        }
        return listed.stdout.split("\n").includes(name) ? result : { ...result, outcome: "no-domain" };
    };
}

/**
 * What the reader can do about an outcome that no retry mends. `limitMs` is the call's, where it was another
 * than its URI's.
 */
export function virshFix(outcome: VirshOutcome, uri: string, limitMs?: number): string {
    switch (outcome) {
        case "missing":
            return "apt install libvirt-clients";
        case "refused":
        case "lost":
            return `check that libvirtd runs there and that you may use it: virsh -c '${uri}' version`;
        case "time-out":
            return unansweredFix(uri, limitMs);
        default:
            return `look at it with virsh -c '${uri}' list --all`;
    }
}

/**
 * Output of a call that has to work.
 * @throws CliError with libvirt's complaint
 */
export async function mustVirsh(uri: string, args: readonly string[], timeoutMs?: number): Promise<string> {
    const result = await virshAt(uri)(args, timeoutMs);
    if (result.outcome !== "ok") {
        const said =
            result.outcome === "time-out"
                ? `at ${uri} ${result.message}`
                : `virsh ${args.join(" ")} at ${uri}: ${result.message}`;
        throw new CliError(said, virshFix(result.outcome, uri, timeoutMs));
    }
    return result.stdout;
}
