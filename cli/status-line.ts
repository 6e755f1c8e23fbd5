/**
 * The Gateway's status lines as its serial console's log holds them: among boot messages, cut off, with CRLF.
 */
import { STATUS_PREFIX, STILL_PREFIX, WARNING_PREFIX } from "../cloud-init/guest";

type Phase = "role" | "tor-start" | "bootstrap" | "ready" | "failed";
const PHASES: readonly string[] = ["role", "tor-start", "bootstrap", "ready", "failed"] satisfies Phase[];

/** One `@sallyport {…}` line, version 1. */
export interface GatewayStatus {
    readonly phase: Phase;
    /** tor's bootstrap progress in percent. */
    readonly bootstrap: number;
    readonly ready: boolean;
    readonly detail: string;
    /**
     * Seconds since the guest's boot at which it was written; absent in what comes before the status service.
     */
    readonly up?: number;
    /** The same with the time that the guest was suspended (CLOCK_BOOTTIME); absent as `up` is. */
    readonly boot?: number;
    /** The guest's wall clock then, in seconds since 1970; absent as `up` is. */
    readonly time?: number;
}

/** JSON behind a prefix, wherever in the line that begins; undefined when there is none. */
function recordAfter(prefix: string, line: string): Readonly<Record<string, unknown>> | undefined {
    const at = line.lastIndexOf(prefix);
    if (at < 0) {
        return undefined;
    }
    try {
        const value: unknown = JSON.parse(line.slice(at + prefix.length));
        return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
    } catch {
        return undefined; // the kernel or systemd wrote into the line; status lines come again within half a minute
    }
}

const CLOCKS = ["up", "boot", "time"] as const;

function parseLine(line: string): GatewayStatus | undefined {
    const value = recordAfter(STATUS_PREFIX, line);
    if (value === undefined) {
        return undefined;
    }
    const { v, role, phase, bootstrap, ready, detail } = value;
    const clocks = CLOCKS.flatMap((name) =>
        value[name] === undefined ? [] : [[name, value[name]] as const],
    );
    const known =
        v === 1 &&
        role === "gateway" &&
        typeof phase === "string" &&
        PHASES.includes(phase) &&
        typeof bootstrap === "number" &&
        typeof ready === "boolean" &&
        typeof detail === "string" &&
        clocks.every(([, seconds]) => typeof seconds === "number");
    if (!known || (ready && (phase !== "ready" || bootstrap !== 100))) {
        return undefined;
    }
    return { phase: phase as Phase, bootstrap, ready, detail, ...Object.fromEntries(clocks) };
}

/** Complete lines, without their ends. An unterminated line does not count. */
const linesOf = (log: string): string[] =>
    log
        .split("\n")
        .slice(0, -1)
        .map((line) => line.replace(/\r+$/, ""));

/** The last complete status line of a console log; undefined when it has none. */
export function lastStatus(log: string): GatewayStatus | undefined {
    for (const line of linesOf(log).reverse()) {
        const status = parseLine(line);
        if (status !== undefined) {
            return status;
        }
    }
    return undefined;
}

/** A warning or an error of the Gateway's tor. The text is the guest's: escape it before people read it. */
export interface TorWarning {
    readonly severity: "warn" | "err";
    readonly text: string;
}

/** Longest text of a warning that is believed: the guest keeps each line below 300 bytes. */
const LONGEST = 300;

function parseWarning(line: string): TorWarning | undefined {
    const { v, severity, text } = recordAfter(WARNING_PREFIX, line) ?? {};
    const known =
        v === 1 &&
        (severity === "warn" || severity === "err") &&
        typeof text === "string" &&
        text !== "" &&
        text.length <= LONGEST;
    return known ? { severity, text } : undefined;
}

/**
 * What tor warned of since the guest last began, oldest first.
 * @param most how many of the last ones
 */
export function torWarnings(log: string, most = 8): TorWarning[] {
    const lines = linesOf(log);
    const began = lines.map((line) => parseLine(line)?.phase).lastIndexOf("role");
    return lines
        .slice(began + 1)
        .flatMap((line) => parseWarning(line) ?? [])
        .slice(-most);
}

/** Which line, by its `up`, a heartbeat says to hold still. */
function heartbeat(line: string): number | undefined {
    const at = line.lastIndexOf(STILL_PREFIX);
    const text = at < 0 ? "" : line.slice(at + STILL_PREFIX.length);
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** What a log says now. */
export interface LogReading {
    readonly status: GatewayStatus | undefined;
    /**
     * Whether that was said, or said to hold still, since an earlier look. What a guest said once holds for
     * one that hangs or was reset, too.
     */
    readonly fresh: boolean;
}

/**
 * The last status of a console log.
 * @param earlier the log as it was at the earlier look
 */
export function readLog(log: string, earlier: string): LogReading {
    // A log that does not go on where it was began anew: by a start of the domain, or rotated away by
    // virtlogd. One that holds only a beginning of what it was tells nothing new, whatever cut it short.
    const anew = earlier.startsWith(log) ? "" : log;
    const since = log.startsWith(earlier) ? log.slice(earlier.length) : anew;
    const lastLine = lastStatus(since);
    if (lastLine !== undefined) {
        return { status: lastLine, fresh: true };
    }
    const status = lastStatus(log);
    return {
        status,
        fresh: status?.up !== undefined && linesOf(since).some((line) => heartbeat(line) === status.up),
    };
}

/** `bootstrap 45 % (loading descriptors)`. */
export function describeStatus(status: GatewayStatus | undefined): string {
    if (status === undefined) {
        return "none: the Gateway has not written any yet";
    }
    const progress = status.phase === "bootstrap" ? ` ${status.bootstrap} %` : "";
    return `${status.phase}${progress}${status.detail === "" ? "" : ` (${status.detail})`}`;
}
