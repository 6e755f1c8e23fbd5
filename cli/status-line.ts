/**
 * The Gateway's status lines as its serial console's log holds them: among boot messages, cut off, with CRLF.
 */
import { STATUS_PREFIX, STILL_PREFIX } from "../cloud-init/guest";

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
    /** The guest's clock when it was written, in seconds since 1970; absent in what older images write. */
    readonly time?: number;
}

function parseLine(line: string): GatewayStatus | undefined {
    const at = line.lastIndexOf(STATUS_PREFIX);
    if (at < 0) {
        return undefined;
    }
    let value: unknown;
    try {
        value = JSON.parse(line.slice(at + STATUS_PREFIX.length));
    } catch {
        return undefined; // the kernel or systemd wrote into the line; the next one comes within half a minute
    }
    if (typeof value !== "object" || value === null) {
        return undefined;
    }
    const { v, role, phase, bootstrap, ready, detail, up, time } = value as Record<string, unknown>;
    const known =
        v === 1 &&
        role === "gateway" &&
        typeof phase === "string" &&
        PHASES.includes(phase) &&
        typeof bootstrap === "number" &&
        typeof ready === "boolean" &&
        typeof detail === "string" &&
        (up === undefined || typeof up === "number") &&
        (time === undefined || typeof time === "number");
    if (!known || (ready && (phase !== "ready" || bootstrap !== 100))) {
        return undefined;
    }
    return {
        phase: phase as Phase,
        bootstrap,
        ready,
        detail,
        ...(up === undefined ? {} : { up }),
        ...(time === undefined ? {} : { time }),
    };
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
