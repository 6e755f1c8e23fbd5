/** Capturing a link from the moment it exists. */
import { rmSync, statSync } from "node:fs";
import { parseCaptureStats } from "./capture-stats";
import type { CaptureStats } from "./capture-stats";
import { LabError } from "./error";
import { inNamespace } from "./run";

/** What to capture. */
export interface CaptureOptions {
    readonly namespace: string;
    /** Interface name, or "any". It need not exist yet. */
    readonly interface: string;
    /** pcap file to write; an older one is deleted first. */
    readonly file: string;
    /** Longest wait for the interface, in milliseconds. Default 60 s. */
    readonly appearWithin?: number;
    /** Gives up waiting for the interface. */
    readonly signal?: AbortSignal;
}

/** Result of a capture. */
export interface CaptureResult extends CaptureStats {
    readonly file: string;
}

/** A running capture. */
export interface Capture {
    /** Ends the capture. @throws LabError when it ended before, or its counters are not known */
    stop(): Promise<CaptureResult>;
}

/**
 * Waits for the interface without starting a process for each look, then becomes tcpdump. `read` is the clock: its input is
 * a pipe from us that never says anything, and its end means that we are gone.
 */
const WAIT_THEN_CAPTURE = `
until [[ -e /sys/class/net/$1 || $1 == any ]]; do
    read -r -t 0.02 && continue
    (( $? > 128 )) || exit 9
done
shift
exec tcpdump "$@" </dev/null
`;

const BUFFER_KIB = 64 * 1024;
const LISTEN_MS = 10_000;
const END_MS = 10_000;
const PCAP_HEADER_BYTES = 24;

/**
 * Capture a link into a pcap file: every frame, whole, written at once.
 * @returns once tcpdump listens
 * @throws LabError when the interface does not appear or tcpdump does not start
 */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
    const { namespace, file, appearWithin = 60_000, signal } = options;
    const what = `capture of ${options.interface} in ${namespace}`;
    rmSync(file, { force: true });
    const child = inNamespace(namespace, "bash", [
        "-c", WAIT_THEN_CAPTURE, "capture", options.interface,
        "-i", options.interface, "-w", file, "-U", "--immediate-mode", "-n", "-s", "0", "-Z", "root", "-B", String(BUFFER_KIB),
    ], { reject: false, stdin: "pipe", stdout: "ignore", stderr: "pipe" });

    let said = "";
    const listening = new Promise<void>((resolve) => {
        child.stderr.on("data", (data: Buffer) => {
            said += data.toString();
            if (said.includes("listening on ")) {
                resolve();
            }
        });
    });
    let over = false;
    const ended = child.then((result) => {
        over = true;
        return result;
    });
    const failed = (why: string): LabError =>
        new LabError(`${what}: ${why}${said.trim() === "" ? "" : ` (tcpdump: ${said.trim().replaceAll("\n", " | ")})`}`,
            "look whether namespace and interface are the right ones; without a capture there is no verdict");

    const limit = appearWithin + LISTEN_MS;
    let timer: NodeJS.Timeout | undefined;
    try {
        await Promise.race([
            listening,
            ended.then(() => { throw failed("it ended before it began"); }),
            new Promise<never>((_, reject) => {
                timer = setTimeout(() => reject(failed(`the interface did not appear within ${appearWithin / 1000} s`)), limit);
                signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
                signal?.throwIfAborted();
            }),
        ]);
    } catch (error) {
        child.kill("SIGKILL");
        await ended;
        throw error;
    } finally {
        clearTimeout(timer);
    }
    return { stop: () => stop() };

    async function stop(): Promise<CaptureResult> {
        if (over) {
            throw failed("it ended before it was stopped, so what came later is not known");
        }
        child.kill("SIGINT");
        const force = setTimeout(() => child.kill("SIGKILL"), END_MS);
        const result = await ended;
        clearTimeout(force);
        if (result.exitCode !== 0) {
            throw failed(`tcpdump ended with ${result.signal ?? `code ${result.exitCode ?? "?"}`}`);
        }
        if (statSync(file).size < PCAP_HEADER_BYTES) {
            throw failed(`${file} is not a pcap file`);
        }
        return { file, ...parseCaptureStats(said) };
    }
}
