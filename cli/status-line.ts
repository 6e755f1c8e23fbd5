/** The Gateway's status lines as its serial console's log holds them: among boot messages, cut off, with CRLF. */
import { STATUS_PREFIX } from "../cloud-init/guest";

export type Phase = "role" | "tor-start" | "bootstrap" | "ready" | "failed";
const PHASES: readonly string[] = ["role", "tor-start", "bootstrap", "ready", "failed"] satisfies Phase[];

/** One `@sallyport {…}` line, version 1. */
export interface GatewayStatus {
    readonly phase: Phase;
    /** tor's bootstrap progress in percent. */
    readonly bootstrap: number;
    readonly ready: boolean;
    readonly detail: string;
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
    const { v, role, phase, bootstrap, ready, detail } = value as Record<string, unknown>;
    const known = v === 1 && role === "gateway" && typeof phase === "string" && PHASES.includes(phase)
        && typeof bootstrap === "number" && typeof ready === "boolean" && typeof detail === "string";
    if (!known || (ready && (phase !== "ready" || bootstrap !== 100))) {
        return undefined;
    }
    return { phase: phase as Phase, bootstrap, ready, detail };
}

/** The last complete status line of a console log; undefined when it has none. An unterminated line does not count. */
export function lastStatus(log: string): GatewayStatus | undefined {
    const lines = log.split("\n").slice(0, -1);
    for (const line of lines.reverse()) {
        const status = parseLine(line.replace(/\r+$/, ""));
        if (status !== undefined) {
            return status;
        }
    }
    return undefined;
}

/** `bootstrap 45 % (loading descriptors)`. */
export function describeStatus(status: GatewayStatus | undefined): string {
    if (status === undefined) {
        return "none: the Gateway has not written any yet";
    }
    const progress = status.phase === "bootstrap" ? ` ${status.bootstrap} %` : "";
    return `${status.phase}${progress}${status.detail === "" ? "" : ` (${status.detail})`}`;
}
