/** `sallyport start|stop|restart|status`: the life of guests that the stack has declared. */
import { Command } from "commander";
import { virshAt } from "../libvirt/client";
import type { StackPlan } from "../plan/plan";
import { type Check, emit, failed, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { type ActWorld, carryOut } from "./life/act";
import { requireHost, strange, uuidsIn } from "./life/declared";
import { hear, hearHosts } from "./life/hear";
import { judge } from "./life/judge";
import { kernelChecks } from "./life/kernel";
import { observe, type Observed } from "./life/observe";
import { type Refusal, restarted, startOrder, stopOrder, toStart } from "./life/order";
import { type Chosen, choose } from "./life/selection";
import { exported } from "./orphans/state";
import { jsonOption, stackOption } from "./options";
import { planOfStack } from "./settings";
import { scriptVersion } from "./unit/script";
import { findSettings, type Stack } from "./stack";

export interface LifeOptions {
    readonly stack?: string;
    readonly json?: boolean;
}

export interface Life {
    readonly root: string;
    readonly stack: Stack;
    readonly plan: StackPlan;
    readonly chosen: readonly Chosen[];
    readonly world: ActWorld;
    readonly look: () => Promise<Observed>;
}

export async function lifeOf(wanted: string | undefined, o: LifeOptions): Promise<Life> {
    const root = projectRoot();
    const stack = await findSettings(root, o.stack);
    const plan = planOfStack(root, stack);
    const chosen = choose(plan, wanted);
    const virsh = virshAt(plan.uri);
    const began = performance.now();
    const world: ActWorld = {
        plan,
        virsh,
        now: () => performance.now(),
        say: (line) =>
            void process.stderr.write(
                `[${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}\n`,
            ),
    };
    return { root, stack, plan, chosen, world, look: () => observe(virsh, plan) };
}

const refused = (refusals: readonly Refusal[]): Check[] =>
    refusals.map(({ title, what, fix }) => failed("not-started", title, what, fix));

/** What stands against starting: all of it is looked at before anything is done. */
async function obstacles(
    { root, stack, plan, world }: Life,
    chosen: readonly Chosen[],
    seen: Observed,
): Promise<Refusal[]> {
    const { refusals } = startOrder(plan, chosen, seen);
    if (refusals.length > 0) {
        return [...refusals];
    }
    const files = await hearHosts(world.virsh, chosen);
    const unfiltered = chosen.flatMap((one) =>
        kernelChecks(
            one,
            seen,
            files.get(one.enclave.name) ?? { absent: true },
            scriptVersion(plan),
            Date.now() / 1000,
        ).filter((check) => check.status === "fail"),
    );
    if (unfiltered.length > 0) {
        return unfiltered.map(({ title, detail, fix }) => ({ title, what: detail, fix }));
    }
    const state = await exported(root, stack.reference);
    await requireHost(plan, state);
    const uuids = uuidsIn(state);
    const found = await Promise.all(
        chosen.flatMap((one) =>
            toStart(one)
                .filter(({ domain }) => seen.guests.get(domain)?.state !== "running")
                .map(async (guest) => {
                    const { outcome, stdout, message } = await world.virsh([
                        "dumpxml",
                        "--inactive",
                        guest.domain,
                    ]);
                    return outcome === "ok"
                        ? strange(
                              plan,
                              one.enclave,
                              { guest, uuid: seen.guests.get(guest.domain)?.uuid ?? "", xml: stdout },
                              uuids,
                          )
                        : [
                              {
                                  title: guest.name,
                                  what: `its definition can't be read: ${message}`,
                                  fix: "run it again",
                              },
                          ];
                }),
        ),
    );
    return found.flat();
}

async function started(life: Life, chosen: readonly Chosen[]): Promise<Check[]> {
    const seen = await life.look();
    const against = await obstacles(life, chosen, seen);
    return against.length > 0
        ? refused(against)
        : carryOut(startOrder(life.plan, chosen, seen).courses, life.world);
}

async function stopped({ chosen, world }: Life, seen: Observed): Promise<Check[]> {
    const checks = await carryOut(stopOrder(chosen, seen).courses, world);
    return checks.length > 0
        ? checks
        : chosen.map(({ enclave }) => passed("already-off", enclave.name, "nothing of it runs"));
}

async function start(wanted: string | undefined, o: LifeOptions): Promise<void> {
    const life = await lifeOf(wanted, o);
    emit(report(await started(life, life.chosen)), o.json === true);
}

async function stop(wanted: string | undefined, o: LifeOptions): Promise<void> {
    const life = await lifeOf(wanted, o);
    emit(report(await stopped(life, await life.look())), o.json === true);
}

/** What could not be started again is not stopped. */
async function restart(wanted: string | undefined, o: LifeOptions): Promise<void> {
    const life = await lifeOf(wanted, o);
    const seen = await life.look();
    const again = restarted(life.chosen, seen);
    // As it will be once everything is off.
    const off: Observed = {
        ...seen,
        guests: new Map([...seen.guests].map(([name, guest]) => [name, { ...guest, state: "off" }])),
    };
    const against = await obstacles(life, again, off);
    if (against.length > 0) {
        emit(report(refused(against)), o.json === true);
        return;
    }
    const down = await stopped(life, seen);
    const up = down.some(({ status }) => status !== "pass") ? [] : await started(life, again);
    emit(report([...down, ...up]), o.json === true);
}

async function status(wanted: string | undefined, o: LifeOptions): Promise<void> {
    const { plan, chosen, world, look } = await lifeOf(wanted, o);
    const seen = await look();
    const [heard, files] = await Promise.all([
        hear(world.virsh, plan, chosen, seen),
        hearHosts(world.virsh, chosen),
    ]);
    const hosts = { files, version: scriptVersion(plan), now: Date.now() / 1000 };
    const { checks, guests } = judge(plan, chosen, seen, heard, hosts);
    emit({ ...report(checks), guests }, o.json === true);
}

const verb =
    (
        name: string,
        description: string,
        action: (wanted: string | undefined, o: LifeOptions) => Promise<void>,
    ) =>
    (): Command =>
        stackOption(jsonOption(new Command(name)))
            .description(description)
            .argument(
                "[what]",
                "ENCLAVE or ENCLAVE/GUEST, such as red or red/ws1 (default: all of the stack)",
            )
            .action(action);

export const startCommand = verb(
    "start",
    "start guests in order: pools, filter, networks, Gateway, its gate, Workstations",
    start,
);
export const stopCommand = verb(
    "stop",
    "stop guests: each is asked to power off, and cut if it does not; a Gateway's Workstations go first",
    stop,
);
export const restartCommand = verb("restart", "stop, then start what ran", restart);
export const statusCommand = verb(
    "status",
    "say of each guest whether it runs, is ready, and has the right clock",
    status,
);
