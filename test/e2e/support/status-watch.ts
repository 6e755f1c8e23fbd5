/** A Gateway's status lines as they come, each with the time at which it was there to be read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STATUS_PREFIX } from "../../../cloud-init/guest";
import { STATUS_SUFFIX } from "../../../libvirt/stylesheet";
import type { EnclavePlan } from "../../../plan/plan";

interface SaidLine {
    /** Seconds since the epoch, never earlier than the guest's writing it. */
    readonly time: number;
    readonly text: string;
}

export interface StatusWatch {
    readonly lines: readonly SaidLine[];
    /** The first line after a moment that holds a text. */
    after(time: number, text: string): SaidLine | undefined;
    stop(): void;
}

/** What apply-role says before any NIC is up. */
export const RULESET_LOADED = '"detail":"ruleset loaded"';
export const READY = '"ready":true';

const POLL_MS = 10;

/** Follow the file that libvirt writes, also through its being begun anew at every start of the domain. */
export function watchStatus(enclave: EnclavePlan): StatusWatch {
    const file = join(enclave.statusPool.path, `${enclave.gateway.domain}${STATUS_SUFFIX}`);
    const lines: SaidLine[] = [];
    let done = 0;
    const look = (): void => {
        let text: string;
        try {
            text = readFileSync(file, "latin1");
        } catch {
            done = 0; // not there yet, or not any more
            return;
        }
        const end = text.lastIndexOf("\n") + 1;
        if (end < done) {
            done = 0;
        }
        const time = Date.now() / 1000;
        for (const line of text
            .slice(done, end)
            .split("\n")
            .filter((l) => l.includes(STATUS_PREFIX))) {
            lines.push({ time, text: line });
        }
        done = end;
    };
    const timer = setInterval(look, POLL_MS);
    return {
        lines,
        after: (time, text) => lines.find((line) => line.time >= time && line.text.includes(text)),
        stop: () => clearInterval(timer),
    };
}
