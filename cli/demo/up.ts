/** The demo: lab, stack, a page through Tor, and the leak check over all of it. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { startLab } from "../../lab/start";
import type { LabInfo } from "../../lab/info";
import type { Progress } from "../../lab/progress";
import { stopLab } from "../../lab/stop";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { openShell } from "../guest-shell";
import { CliError } from "../../util/error";
import { type Fetched, fetchPage, type Way } from "../live/fetch";
import { labStackConfig, planOf } from "../live/lab-stack-config";
import { type LeakWatch, watchLeaks } from "../live/leak-watch";
import { memoryOf } from "../live/memory";
import type { StackSession } from "../live/stack-session";
import { liveObjects } from "../orphans/live";
import { removeStack } from "./down";
import { demoPaths, demoSession } from "./paths";
import { demoResult, type DemoResult, type Phase } from "./result";

/** Limits in seconds; all of them are for emulated guests on a busy machine. */
const UP_SECONDS = 900;
const SHELL_SECONDS = 300;
const FETCH_SECONDS = 90;

/** Runs steps one after the other and keeps their times. */
class Stopwatch {
    readonly phases: Phase[] = [];

    constructor(private readonly progress: Progress) {}

    async time<T>(name: string, step: () => Promise<T>): Promise<T> {
        this.progress(name);
        const begin = performance.now();
        const result = await step();
        this.add(name, begin);
        return result;
    }

    add(name: string, begin: number): void {
        this.phases.push({ name, seconds: (performance.now() - begin) / 1000 });
    }
}

/** The first enclave of a plan and its first Workstation's domain. */
function firstEnclave(plan: StackPlan): { enclave: EnclavePlan; workstation: string } {
    const enclave = plan.enclaves[0];
    const workstation = enclave?.workstations[0]?.domain;
    if (enclave === undefined || workstation === undefined) {
        throw new Error("the demo's plan has no Workstation");
    }
    return { enclave, workstation };
}

/**
 * What a lab holds of a stack, of every kind: an `up` that was killed may have come no further than a network
 * or a pool. @throws CliError when libvirt can't be asked
 */
export const leftInLab = async (plan: StackPlan): Promise<string[]> =>
    (await liveObjects(plan)).map(({ kind, name }) => `${kind} ${name}`);

/** A running lab in which nothing of an earlier demo is left. */
async function cleanLab(session: StackSession, progress: Progress, signal: AbortSignal): Promise<LabInfo> {
    const { lab, alreadyRunning } = await startLab({ progress, signal });
    if (!alreadyRunning) {
        session.forget();
        return lab;
    }
    await removeStack(session, progress);
    const left = await leftInLab(planOf(session.options.stack, labStackConfig(lab)));
    if (left.length === 0) {
        return lab;
    }
    progress(`${left.join(", ")} of an earlier demo are still there; starting the lab anew`);
    await stopLab({ progress });
    return (await startLab({ progress, signal })).lab;
}

/** Whether a line of `up` tells something new: not its dots, and of each resource only the end. */
export const isNews = (line: string): boolean =>
    line.trim() !== "" && !line.startsWith("@ ") && !/ creating \(0s\)\s*$/.test(line);

/** `up`, with the capture begun as soon as the external bridge is there. Either failing ends the other. */
async function upUnderWatch(
    session: StackSession,
    lab: LabInfo,
    enclave: EnclavePlan,
    file: string,
    progress: Progress,
    signal: AbortSignal,
): Promise<LeakWatch> {
    const upEnded = new AbortController();
    const watching = watchLeaks({
        lab,
        enclave,
        file,
        appearWithin: UP_SECONDS * 1000,
        signal: AbortSignal.any([signal, upEnded.signal]),
    });
    watching.then(
        () => progress(`capturing ${enclave.external.bridge}, the Gateway's external link`),
        () => undefined,
    );
    try {
        await session.must(["up", "--yes", "--skip-preview", "--suppress-outputs"], {
            timeoutSeconds: UP_SECONDS,
            signal,
            onLine: (line) => isNews(line) && progress(`  ${line.trim()}`),
        });
    } catch (error) {
        upEnded.abort(new CliError("pulumi up failed before the capture began", "see its message"));
        await watching.then((watch) => watch.stop()).catch(() => undefined);
        throw error;
    }
    return watching;
}

async function fetchBoth(
    lab: LabInfo,
    domain: string,
    times: Stopwatch,
    upBegin: number,
): Promise<Fetched[]> {
    const shell = await times.time("Workstation's console answers", () =>
        openShell({ uri: lab.uri, domain, timeoutSeconds: SHELL_SECONDS }),
    );
    try {
        const fetched: Fetched[] = [];
        for (const way of ["TransPort", "SocksPort"] satisfies Way[]) {
            fetched.push(
                await times.time(`Page through ${way}`, () => fetchPage(shell, lab, way, FETCH_SECONDS)),
            );
            if (fetched.length === 1) {
                times.add("From pulumi up to the first page", upBegin);
            }
        }
        return fetched;
    } finally {
        await shell.close();
    }
}

/**
 * Run the demo.
 * @throws CliError when a step can't be made; what was checked and is not as it should be is in the result
 */
export async function demoUp(progress: Progress, signal: AbortSignal): Promise<DemoResult> {
    const paths = demoPaths();
    rmSync(paths.json, { force: true }); // what an earlier demo said is not what this one says
    const times = new Stopwatch(progress);
    const session = demoSession();
    const lab = await times.time("Lab: libvirt and a private Tor network", () =>
        cleanLab(session, progress, signal),
    );
    mkdirSync(paths.home, { recursive: true, mode: 0o700 });
    chmodSync(paths.home, 0o700);
    const settings = labStackConfig(lab);
    const { enclave, workstation } = firstEnclave(planOf(session.options.stack, settings));
    await times.time("Stack: settings and passphrase", () => session.init(settings));
    const upBegin = performance.now();
    const watch = await times.time("pulumi up", () =>
        upUnderWatch(session, lab, enclave, paths.capture, progress, signal),
    );
    let verdict;
    let fetched: Fetched[];
    try {
        fetched = await fetchBoth(lab, workstation, times, upBegin);
    } finally {
        verdict = await watch.stop();
    }
    const domains = {
        gateway: enclave.gateway.domain,
        workstations: enclave.workstations.map((w) => w.domain),
    };
    const memory = await Promise.all(
        [domains.gateway, ...domains.workstations].map((domain) => memoryOf(lab.uri, domain)),
    );
    const result = demoResult({
        phases: times.phases,
        fetched,
        memory,
        leaks: verdict,
        domains,
        uri: lab.uri,
    });
    writeFileSync(paths.json, `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
}
