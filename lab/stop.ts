/** Stopping a lab. */
import { mkdirSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "./lock";
import { resolveLab } from "./paths";
import type { LabPaths } from "./paths";
import { requireRoot } from "./preflight";
import { identify } from "../util/proc";
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
    /**
     * What could not be removed, each with its kind: process, network namespace, network link, mount, file.
     */
    readonly left: readonly string[];
}

/**
 * Remove half-written files of starts and stops that were killed, and then the state folder when nothing is
 * in it.
 */
function sweep(paths: LabPaths): void {
    for (const name of readdirSync(paths.dir)) {
        const writer = /^(?:lock|state\.json|lab\.json)\.(\d+)\.(?:tmp|stale)$/.exec(name)?.[1];
        if (writer !== undefined && identify(Number(writer)) === undefined) {
            rmSync(join(paths.dir, name), { force: true });
        }
    }
    try {
        rmdirSync(paths.dir);
    } catch {
        // a cache or a report is kept
    }
}

/**
 * Stop the lab and everything in it, running domains too, whatever state it is in, and look whether all is
 * gone.
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
        sweep(paths);
    }
}
