/**
 * Removing the demo, whatever is left of it: after success, after a crash, with a dead lab or without
 * Pulumi's state.
 */
import { existsSync, rmSync, rmdirSync } from "node:fs";
import { readLab } from "../../lab/info";
import { resolveLab } from "../../lab/paths";
import type { Progress } from "../../lab/progress";
import { stopLab } from "../../lab/stop";
import { describeError } from "../../util/error";
import type { StackSession } from "../live/stack-session";
import { type Check, failed, passed, type Report, report } from "../../util/output";
import { demoPaths, demoSession } from "./paths";

const DESTROY_SECONDS = 180;

function labRuns(): boolean {
    try {
        readLab();
        return true;
    } catch {
        return false;
    }
}

/**
 * Destroy the stack as far as it can be done, then forget it. What stays is in the lab, and goes with the
 * lab.
 */
export async function removeStack(session: StackSession, progress: Progress): Promise<void> {
    if (existsSync(session.options.home) && existsSync(session.settingsFile) && labRuns()) {
        try {
            // An `up` that was killed leaves its lock.
            await session.run(["cancel", "--yes"], { timeoutSeconds: 30 });
            await session.must(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: DESTROY_SECONDS });
        } catch (error) {
            progress(
                `the stack could not be destroyed in good order (${describeError(error)}); stopping the lab removes it`,
            );
        }
    }
    session.forget();
}

/** Remove stack, lab and the demo's files; the lab's keys as well, which a stop keeps for the next start. */
export async function demoDown(progress: Progress): Promise<Report> {
    const paths = demoPaths();
    const session = demoSession();
    await removeStack(session, progress);
    const { left } = await stopLab({ progress });
    const { dir, cache } = resolveLab();
    const own = [paths.home, paths.json, cache];
    own.forEach((path) => rmSync(path, { recursive: true, force: true }));
    try {
        rmdirSync(dir);
    } catch {
        // other labs have their folders in it
    }
    const files = [...own, session.settingsFile].filter((path) => existsSync(path));
    const all = [...left, ...files];
    const [id, title] = ["demo.removed", "Demo"];
    const check: Check =
        all.length === 0
            ? passed(id, title, "nothing is left")
            : failed(
                  id,
                  title,
                  `left over: ${all.join(", ")}`,
                  "remove what is named, then run make demo-down again",
              );
    return report([check]);
}
