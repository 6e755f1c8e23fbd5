/** Capturing a link from the moment it exists. */
import { rmSync, statSync } from "node:fs";
import { lastAnswer, parseCaptureStats, waiting } from "./capture-stats";
import type { CaptureStats } from "./capture-stats";
import { LabError } from "./error";
import { pause } from "./pause";
import { inNamespace } from "./run";

/** What to capture. */
export interface CaptureOptions {
    readonly namespace: string;
    /** Interface name, or "any". It need not exist yet. */
    readonly interface: string;
    /** pcap file to write; an older one is deleted first. */
    readonly file: string;
    /** Only frames that match (pcap-filter(7)). Default every frame. */
    readonly filter?: string;
    /** Longest wait for the interface, in milliseconds. Default 60 s. */
    readonly appearWithin?: number;
    /** Gives up waiting for the interface. */
    readonly signal?: AbortSignal;
}

/** Result of a capture. */
export interface CaptureResult extends CaptureStats {
    readonly file: string;
    /**
     * Frames that came before the capture was stopped and were not written; above 0 it proves nothing. On a
     * loopback interface the kernel counts twice.
     */
    readonly unwritten: number;
}

/** A running capture. */
export interface Capture {
    /** Ends the capture. @throws LabError when it ended before, or its counters are not known */
    stop(): Promise<CaptureResult>;
}

const APPEARED = "the interface is there";

/**
 * Waits for the interface without starting a process for each look, then becomes tcpdump. `read` is the
 * clock: its input is a pipe from us that never says anything, and its end means that we are gone. libvirt
 * makes a bridge some time before it switches it on (IFF_UP, netdevice(7)), and tcpdump wants it on.
 */
const WAIT_THEN_CAPTURE = `
up() {
    local flags
    [[ $1 == any ]] || { read -r flags <"/sys/class/net/$1/flags" && (( flags & 1 )); } 2>/dev/null
}
until up "$1"; do
    read -r -t 0.02 && continue
    (( $? > 128 )) || exit 9
done
shift
echo "${APPEARED}" >&2
exec tcpdump "$@" </dev/null
`;

const BUFFER_KIB = 64 * 1024;
const LISTEN_MS = 10_000;
const END_MS = 10_000;
/** How long the buffer may take to become empty, and the pause between two looks, in milliseconds. */
const DRAIN = { within: 2_000, every: 50 } as const;
const PCAP_HEADER_BYTES = 24;

/** What tcpdump said, for a message. */
function quote(said: string): string {
    const lines = said.split("\n").filter((line) => line !== "" && line !== APPEARED);
    return lines.length === 0 ? "" : ` (tcpdump: ${lines.join(" | ")})`;
}

/**
 * Capture a link into a pcap file: every frame that is wanted, whole, written at once.
 * @returns once tcpdump listens
 * @throws LabError when the interface does not appear or tcpdump does not start
 */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
    const { namespace, file, appearWithin = 60_000, signal } = options;
    const what = `capture of ${options.interface} in ${namespace}`;
    rmSync(file, { force: true });
    const child = inNamespace(
        namespace,
        "bash",
        [
            "-c",
            WAIT_THEN_CAPTURE,
            "capture",
            options.interface,
            "-i",
            options.interface,
            "-w",
            file,
            "-U",
            "--immediate-mode",
            "-n",
            "-s",
            "0",
            "-Z",
            "root",
            "-B",
            String(BUFFER_KIB),
            ...(options.filter === undefined ? [] : [options.filter]),
        ],
        { reject: false, stdin: "pipe", stdout: "ignore", stderr: "pipe" },
    );

    let said = "";
    let heard: () => void = () => undefined;
    const says = (text: string): Promise<void> =>
        new Promise((resolve) => {
            heard = () => {
                if (said.includes(text)) {
                    resolve();
                }
            };
            heard();
        });
    child.stderr.on("data", (data: Buffer) => {
        said += data.toString();
        heard();
    });
    let over = false;
    const ended = child.then((result) => {
        over = true;
        return result;
    });
    const failed = (why: string): LabError =>
        new LabError(
            `${what}: ${why}${quote(said)}`,
            "look whether namespace and interface are the right ones; without a capture there is no verdict",
        );

    const within = (promise: Promise<void>, milliseconds: number, late: string): Promise<void> => {
        const limit = new AbortController();
        const any = AbortSignal.any([limit.signal, ...(signal === undefined ? [] : [signal])]);
        return Promise.race([
            promise,
            ended.then(() => {
                throw failed("it ended before it began");
            }),
            pause(milliseconds, any).then(() => {
                throw failed(late);
            }),
        ]).finally(() => limit.abort());
    };
    try {
        await within(
            says(APPEARED),
            appearWithin,
            `the interface did not appear within ${appearWithin / 1000} s`,
        );
        await within(says("listening on "), LISTEN_MS, `tcpdump did not begin within ${LISTEN_MS / 1000} s`);
    } catch (error) {
        child.kill("SIGKILL");
        await ended;
        throw error;
    }
    return { stop: () => stop() };

    async function stop(): Promise<CaptureResult> {
        if (over) {
            throw failed("it ended before it was stopped, so what came later is not known");
        }
        const unwritten = await drained();
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
        return { file, ...parseCaptureStats(said), unwritten };
    }

    /**
     * Waits for a moment at which all that came is in the file. @returns how many frames still waited at the
     * end
     */
    async function drained(): Promise<number> {
        let left: number | undefined;
        for (
            const deadline = performance.now() + DRAIN.within;
            left !== 0 && !over && performance.now() < deadline;
        ) {
            const before = said.length;
            child.kill("SIGUSR1");
            await pause(DRAIN.every);
            const answer = lastAnswer(said.slice(before));
            left = answer === undefined ? left : waiting(answer);
        }
        if (left === undefined) {
            child.kill("SIGKILL");
            await ended;
            throw failed("tcpdump did not say what it has written");
        }
        return left;
    }
}
