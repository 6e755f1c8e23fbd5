/** What all e2e tests share: the lab, folders, stacks. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StackSession, type SessionOptions } from "../../../cli/live/stack-session";
import { projectRoot } from "../../../util/root";
import type { LabInfo } from "../../../lab/info";
import { resolveLab } from "../../../lab/paths";
import { startLab } from "../../../lab/start";
import { made } from "../../support/sandbox/sandbox";

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

/** A line for who watches, at once: jest keeps what goes to the console until a file has ended. */
export const say = (line: string): void => void process.stderr.write(`      ${line.trimStart()}\n`);

/** The lab of this worker, for the suite that is declared in this file. The sandbox's end stops it. */
export function inLab(): void {
    beforeAll(async () => {
        made("lab", resolveLab().dir);
        rmSync(work, { recursive: true, force: true });
        running = (await startLab({ progress: say })).lab;
        mkdirSync(work, { recursive: true, mode: 0o700 });
        made("path", work);
    });
    afterAll(() => rmSync(work, { recursive: true, force: true }));
}

/** A stack `e2e-<name>` with state of its own. */
export function stack(name: string, more: Partial<SessionOptions> = {}): StackSession {
    const session = new StackSession({
        root,
        stack: `e2e-${name}`,
        home: join(work, `stack-${name}`),
        ...more,
    });
    made("path", session.settingsFile);
    return session;
}

/** Limits in seconds, for emulated guests on a busy machine. */
export const LIMIT = { preview: 120, up: 420, destroy: 180, shell: 300, fetch: 90, time: 240 } as const;
