/**
 * libvirt's own client, with a time limit on every call. All that we ask of a host goes through it, so whatever works
 * for qemu:///system works for qemu+ssh as well.
 */
import { execa } from "execa";
import { CliError } from "./error";

/** How a call ended. `lost` is a connection that was there and broke: worth another try. */
export type VirshOutcome = "ok" | "missing" | "time-out" | "refused" | "lost" | "no-domain" | "no-pool" | "no-volume" | "error";

export interface VirshResult {
    readonly outcome: VirshOutcome;
    readonly stdout: string;
    /** libvirt's last complaint in one line; empty when all went well. */
    readonly message: string;
}

/** One call of virsh. */
export type Virsh = (args: readonly string[], timeoutMs?: number) => Promise<VirshResult>;

/** Limit of one call when the caller sets none, in milliseconds. */
export const CALL_TIMEOUT_MS = 10_000;

const PATTERNS: readonly (readonly [RegExp, VirshOutcome])[] = [
    [/failed to connect to the hypervisor|no connection driver available|Cannot use direct socket mode/i, "refused"],
    [/Domain not found|failed to get domain/i, "no-domain"],
    [/Storage volume not found|failed to get vol|no storage vol with matching/i, "no-volume"],
    [/Storage pool not found|failed to get pool/i, "no-pool"],
    [/Cannot recv data|End of file while reading|client socket is closed|Disconnected from|keepalive/i, "lost"],
];

/** Sort libvirt's messages (in the C locale) into what callers decide on. */
export function classify(stderr: string): VirshOutcome {
    return PATTERNS.find(([pattern]) => pattern.test(stderr))?.[1] ?? "error";
}

/** virsh's `error:` lines as one line. */
export function complaint(stderr: string): string {
    const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    const errors = lines.filter((line) => line.startsWith("error:")).map((line) => line.slice("error:".length).trim());
    return [...new Set(errors.length > 0 ? errors : lines)].join(": ");
}

/** A client of the libvirt at this URI. Calls never throw; the outcome tells. */
export function virshAt(uri: string): Virsh {
    return async (args, timeoutMs = CALL_TIMEOUT_MS) => {
        const run = await execa("virsh", ["-q", "-c", uri, ...args], {
            reject: false, stdin: "ignore", timeout: timeoutMs, killSignal: "SIGKILL", env: { LC_ALL: "C" },
        });
        if (run.exitCode === 0) {
            return { outcome: "ok", stdout: run.stdout, message: "" };
        }
        if (run.code === "ENOENT") {
            return { outcome: "missing", stdout: "", message: "virsh is not installed" };
        }
        if (run.timedOut) {
            return { outcome: "time-out", stdout: "", message: `libvirt did not answer within ${Math.round(timeoutMs / 1000)} s` };
        }
        const message = complaint(run.stderr) || run.shortMessage || "virsh failed and did not say why";
        return { outcome: classify(run.stderr), stdout: run.stdout, message };
    };
}

/** What the reader can do about an outcome that no retry mends. */
export function wayOut(outcome: VirshOutcome, uri: string): string {
    switch (outcome) {
        case "missing":
            return "apt install libvirt-clients";
        case "refused":
        case "lost":
        case "time-out":
            return `check that libvirtd runs there and that you may use it: virsh -c '${uri}' version`;
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
        throw new CliError(`virsh ${args.join(" ")} at ${uri}: ${result.message}`, wayOut(result.outcome, uri));
    }
    return result.stdout;
}
