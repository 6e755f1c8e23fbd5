/** `sallyport orphans` for a stack of the tests. */
import { join } from "node:path";
import { type RunResult, runToEnd } from "../../../cli/live/process";
import type { StackSession } from "../../../cli/live/stack-session";
import { root } from "./world";

export const orphans = (session: StackSession, ...more: string[]): Promise<RunResult> =>
    runToEnd(join(root, "bin", "sallyport"), ["orphans", "--stack", session.options.stack, ...more], {
        cwd: root,
        timeoutSeconds: 120,
        env: session.environment,
    });
