/** Carries out what order.ts decided, through libvirt, and says each step. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Virsh, VirshResult } from "../../libvirt/client";
import { virshFix } from "../../libvirt/errors";
import { stopGuest } from "../../libvirt/graceful-stop";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { CliError } from "../../util/error";
import { type Check, failed, passed } from "../../util/output";
import { statusVolume } from "../../components/readiness-gate";
import { defineFilter } from "../define-filter";
import { describeStatus } from "../status-line";
import { downloadFrom, followLog, lengthOf } from "../status-log";
import { waitReady } from "../wait-ready";
import { requireClock } from "./hear";
import type { Course, Step } from "./order";

export interface ActWorld {
    readonly plan: StackPlan;
    readonly virsh: Virsh;
    readonly now: () => number;
    /** One line of progress for people. */
    readonly say: (line: string) => void;
}

/** What a step is about, for people. */
export const titleOf = (step: Step): string => ("guest" in step ? step.guest.name : step.name);

/** libvirt's words where another start of the same object is at work. */
const ALREADY = /already (active|running|started)/i;
/** How long that other one may take, in milliseconds: QEMU is paused while it is made. */
const OTHER_MS = 20_000;

/**
 * Start an object. Whoever else starts it at the same time does what was asked for, so what counts is that it is
 * active in the end.
 */
async function startOf(
    { plan, virsh, now }: ActWorld,
    start: readonly string[],
    look: readonly string[],
    isActive: (said: string) => boolean,
): Promise<string> {
    const started = await virsh(start);
    let seen: VirshResult = await virsh(look);
    const end = now() + (ALREADY.test(started.message) ? OTHER_MS : 0);
    while (seen.outcome === "ok" && !isActive(seen.stdout) && now() < end) {
        await sleep(500);
        seen = await virsh(look);
    }
    if (seen.outcome === "ok" && isActive(seen.stdout)) {
        return started.outcome === "ok" ? "started" : "was started by another";
    }
    const { outcome, message } = started.outcome === "ok" ? seen : started;
    throw new CliError(
        `virsh ${start.join(" ")} at ${plan.uri}: ${message || "it is not active"}`,
        virshFix(outcome, plan.uri),
    );
}

const lists = (name: string) => (said: string) => said.split("\n").some((line) => line.trim() === name);

/** The gate of an enclave, with the limit of its settings. */
async function awaitGateway(enclave: EnclavePlan, world: ActWorld): Promise<string> {
    const { plan, virsh } = world;
    const [{ domain, readyTimeoutSeconds }, pool] = [enclave.gateway, enclave.statusPool.name];
    const volume = statusVolume(domain);
    const status = await waitReady(
        { uri: plan.uri, domain, pool, volume, timeoutSeconds: readyTimeoutSeconds },
        {
            virsh,
            log: followLog(lengthOf(virsh, pool, volume), downloadFrom(virsh, pool, volume)),
            now: world.now,
            sleep: (ms) => sleep(ms),
            say: world.say,
        },
    );
    await requireClock(virsh, { uri: plan.uri, domain, pool, volume });
    return describeStatus(status);
}

/** One step. @returns what became of it @throws CliError with the fix */
async function act(step: Step, enclave: EnclavePlan, world: ActWorld): Promise<string> {
    const { plan, virsh } = world;
    switch (step.do) {
        case "start-pool":
            return startOf(world, ["pool-start", step.name], ["pool-list", "--name"], lists(step.name));
        case "define-filter":
            await defineFilter(virsh, plan.uri, step.name);
            return "defined";
        case "start-network":
            return startOf(world, ["net-start", step.name], ["net-list", "--name"], lists(step.name));
        case "start-guest":
            return startOf(
                world,
                ["start", step.guest.domain],
                ["domstate", step.guest.domain],
                (said) => said.trim() === "running",
            );
        case "await-gateway":
            return awaitGateway(enclave, world);
        case "stop-workstation":
        case "stop-gateway": {
            const { domain } = step.guest;
            const how = await stopGuest({ uri: plan.uri, domain }, { virsh, now: world.now, say: world.say });
            return how === "cut" ? "did not power off when it was asked to; its power was cut" : "is off";
        }
        case "stop-network": {
            const stopped = await virsh(["net-destroy", step.name]);
            const seen = await virsh(["net-list", "--name"]);
            if (seen.outcome !== "ok" || lists(step.name)(seen.stdout)) {
                const { outcome, message } = stopped.outcome === "ok" ? seen : stopped;
                throw new CliError(
                    `virsh net-destroy ${step.name} at ${plan.uri}: ${message || "it is still active"}`,
                    virshFix(outcome, plan.uri),
                );
            }
            return "is off";
        }
    }
}

/** Steps that need not wait for each other: Workstations that stop. */
function* together(steps: readonly Step[]): Generator<readonly Step[]> {
    let group: Step[] = [];
    for (const step of steps) {
        const [first] = group;
        if (first !== undefined && (first.do !== step.do || first.do !== "stop-workstation")) {
            yield group;
            group = [];
        }
        group.push(step);
    }
    if (group.length > 0) {
        yield group;
    }
}

/** One enclave's steps. What fails ends them, and the rest is named as not done. */
async function follow({ enclave, steps }: Course, world: ActWorld): Promise<Check[]> {
    const checks: Check[] = [];
    let left = steps.length;
    for (const group of together(steps)) {
        const done = await Promise.all(
            group.map(async (step): Promise<Check> => {
                try {
                    const detail = await act(step, enclave, world);
                    world.say(`${titleOf(step)}: ${detail}`);
                    return passed(step.do, titleOf(step), detail);
                } catch (error) {
                    const fix =
                        error instanceof CliError ? error.fix : "run the command again; it goes on from here";
                    return failed(
                        step.do,
                        titleOf(step),
                        error instanceof Error ? error.message : String(error),
                        fix,
                    );
                }
            }),
        );
        checks.push(...done);
        left -= group.length;
        if (done.some(({ status }) => status !== "pass")) {
            const rest = steps.slice(steps.length - left).map(titleOf);
            return rest.length === 0
                ? checks
                : [
                      ...checks,
                      failed(
                          "not-done",
                          enclave.name,
                          `not done: ${rest.join(", ")}`,
                          "run the command again; it goes on from here",
                      ),
                  ];
        }
    }
    return checks;
}

/** Carry out courses beside each other. @returns a check for each step */
export const carryOut = async (courses: readonly Course[], world: ActWorld): Promise<Check[]> =>
    (await Promise.all(courses.map((course) => follow(course, world)))).flat();
