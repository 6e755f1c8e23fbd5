/** `pulumi refresh`, asked again once where the provider is known to stumble. */
import type { RunResult } from "../../../cli/live/process";
import type { StackSession } from "../../../cli/live/stack-session";

/** Provider 0.8.3 now and then gets nothing when it downloads a seed to look at it. It then fails and changes nothing. */
const EMPTY_SEED = /error initializing ISO reader: corrupted-image: EOF/;

/** Run a refresh; run it once more when it stumbled there. */
export async function patiently(once: () => Promise<RunResult>): Promise<RunResult> {
    const first = await once();
    if (first.exitCode === 0 || !EMPTY_SEED.test(first.output)) {
        return first;
    }
    console.log("      refresh: the provider read a seed as empty; asked again");
    return once();
}

export const refresh = (session: StackSession, timeoutSeconds: number, ...more: string[]): Promise<RunResult> =>
    patiently(() => session.run(["refresh", "--yes", "--skip-preview", ...more], { timeoutSeconds }));
