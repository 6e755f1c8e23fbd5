/** What all e2e tests share: the lab, folders, stacks. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StackSession, type SessionOptions } from "../../../cli/live/stack-session";
import { projectRoot } from "../../../util/root";
import type { LabInfo } from "../../../lab/info";
import { resolveLab } from "../../../lab/paths";
import { startLab } from "../../../lab/start";
import { stopLab, type StopResult } from "../../../lab/stop";

export const root = projectRoot();
/** Folder for what tests write; gone at the end. */
export const work = join(resolveLab().dir, "work");

let running: LabInfo | undefined;

/** The running lab. @throws Error when it did not start */
export function lab(): LabInfo {
    if (running === undefined) {
        throw new Error("there is no lab; see the first failure");
    }
    return running;
}

export async function openWorld(): Promise<void> {
    rmSync(work, { recursive: true, force: true });
    running = (await startLab({ progress: (line) => console.log(`      ${line}`) })).lab;
    mkdirSync(work, { recursive: true, mode: 0o700 });
}

export async function closeWorld(): Promise<StopResult> {
    rmSync(work, { recursive: true, force: true });
    running = undefined;
    return stopLab();
}

/** A stack `e2e-<name>` with state of its own. */
export function stack(name: string, more: Partial<SessionOptions> = {}): StackSession {
    return new StackSession({ root, stack: `e2e-${name}`, home: join(work, `stack-${name}`), ...more });
}

/** Limits in seconds, for emulated guests on a busy machine. */
export const LIMIT = { preview: 120, up: 420, destroy: 180, shell: 300, fetch: 90, time: 240 } as const;
