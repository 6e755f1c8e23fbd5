/** Stopping a lab. */
import { mkdirSync, rmdirSync } from "node:fs";
import { acquireLock } from "./lock";
import { resolveLab } from "./paths";
import { requireRoot } from "./preflight";
import { quiet } from "./progress";
import type { LabOptions } from "./start";
import { hasTraces } from "./status";
import { teardown } from "./teardown";

/** What stop did. */
export interface StopResult {
    /** Nothing of the lab is left. */
    readonly ok: boolean;
    /** There was something to remove. */
    readonly wasThere: boolean;
    /** What could not be removed, each with its kind: process, network namespace, network link, mount, file. */
    readonly left: readonly string[];
}

/**
 * Stop the lab and everything in it, running domains too, whatever state it is in, and look whether all is gone.
 * @throws LabError when another start or stop is at work, or when this is not root
 */
export async function stopLab(options: LabOptions = {}): Promise<StopResult> {
    requireRoot("stop");
    const paths = resolveLab(options.dir);
    mkdirSync(paths.dir, { recursive: true });
    const unlock = acquireLock(paths.lock, "stop");
    try {
        const wasThere = hasTraces(paths);
        const left = wasThere ? await teardown(paths, options.progress ?? quiet) : [];
        return { ok: left.length === 0, wasThere, left };
    } finally {
        unlock();
        try {
            rmdirSync(paths.dir); // only when nothing is in it
        } catch {
            // a cache or a report is kept
        }
    }
}
