/** What a Gateway's status file says at one look, and what that tells of its clock. Pure. */
import { STATUS_PREFIX, STILL_PREFIX } from "../../cloud-init/guest";
import { oneLine } from "../../util/one-line";
import { describeStatus, lastStatus, type GatewayStatus } from "../status-line";

/** The end of a Gateway's status file. */
export interface StatusFile {
    readonly text: string;
    /** When the host wrote to it last, in seconds since 1970 by the host's clock. */
    readonly written: number;
}

/** undefined: one look does not tell. */
export interface Readiness {
    readonly ready: boolean | undefined;
    readonly detail: string;
}

/** A ready Gateway says so every two seconds; on a busy host some come late. */
export const FRESH_SECONDS = 10;

/** Whether nothing was said after the last status but that it still holds: a reset guest goes on with other lines. */
function holds(text: string, status: GatewayStatus): boolean {
    const lines = text.split("\n").slice(0, -1);
    const at = lines.map((line) => line.includes(STATUS_PREFIX)).lastIndexOf(true);
    return lines.slice(at + 1).every((line) => {
        const still = line.indexOf(STILL_PREFIX);
        return still < 0
            ? /^@sallyport-[a-z]+ /.test(line)
            : line.slice(still + STILL_PREFIX.length).trim() === String(status.up);
    });
}

/** @param now seconds since 1970 by this machine's clock */
export function readiness({ text, written }: StatusFile, now: number): Readiness {
    const status = lastStatus(text);
    const said = oneLine(describeStatus(status));
    if (status === undefined || !status.ready) {
        return { ready: false, detail: `not ready: ${said}` };
    }
    const age = now - written;
    return Math.abs(age) <= FRESH_SECONDS && holds(text, status)
        ? { ready: true, detail: said }
        : { ready: undefined, detail: `${said}, said before` };
}

/** Seconds that a clock may be off: it is set by whole seconds, and a processor's counter drifts by some a day. */
export const CLOCK_TOLERANCE = 60;
/** Seconds that a status line may be older than the last heartbeat after it (image, REPEAT). */
export const LINE_AGE = 35;

/**
 * By how many seconds a Gateway's clock is surely off: its own time is in its status line, and libvirt tells when the
 * host wrote the file. Zero: not surely by more than is allowed. undefined: its image does not tell the time.
 */
export function clockOff({ text, written }: StatusFile): number | undefined {
    const time = lastStatus(text)?.time;
    if (time === undefined) {
        return undefined;
    }
    const behind = written - time;
    const surely = Math.max(0, behind - LINE_AGE);
    if (surely > CLOCK_TOLERANCE) {
        return surely;
    }
    return -behind > CLOCK_TOLERANCE ? behind : 0;
}

/** `10 min 3 s behind`, by the host's clock. */
export function describeClock(off: number): string {
    const seconds = Math.round(Math.abs(off));
    const minutes = Math.floor(seconds / 60);
    return `${minutes > 0 ? `${minutes} min ` : ""}${seconds % 60} s ${off > 0 ? "behind" : "ahead of"} the host's`;
}
