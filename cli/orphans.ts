/**
 * `sallyport orphans`: finds and removes what an interrupted `pulumi up` left on the lab host outside the
 * state.
 */
import { Command } from "commander";
import type { StackPlan } from "../plan/plan";
import { type Check, emit, failed, passed, report, undecided } from "../util/output";
import { projectRoot } from "../util/root";
import { jsonOption, stackOption } from "./options";
import { planOfStack } from "./settings";
import { findStack, type Stack } from "./stack";
import { mustVirsh, virshAt } from "../libvirt/client";
import { type LibvirtObject, removal } from "../libvirt/objects";
import { wipe } from "./wipe";
import {
    type Ambiguous,
    type Findings,
    guestVolume,
    inState,
    classify,
    namedIn,
    type Orphan,
} from "./orphans/find";
import { liveObjects } from "./orphans/live";
import { exported, knownElsewhere } from "./orphans/state";

async function remove(plan: StackPlan, orphan: LibvirtObject): Promise<void> {
    const { uri } = plan;
    const guests = plan.wipe ? guestVolume(orphan) : undefined;
    if (guests !== undefined) {
        await wipe(virshAt(uri), { uri, ...guests });
    }
    for (const { args, mayFail } of removal(orphan)) {
        await (mayFail ? virshAt(uri)(args) : mustVirsh(uri, args));
    }
}

const commandsFor = (uri: string, o: LibvirtObject): string =>
    removal(o)
        .map(({ args }) => `virsh -c '${uri}' ${args.join(" ")}`)
        .join("; ");
const named = ({ kind, name }: LibvirtObject): [id: string, title: string] => [
    `orphan.${kind}`,
    `${kind} ${name}`,
];

/** What is said of an orphan that stays. */
export const orphanCheck = (plan: StackPlan, stack: string, orphan: Orphan): Check =>
    failed(
        ...named(orphan),
        `is at ${plan.uri}: ${orphan.reason} of stack ${stack}`,
        `bin/sallyport orphans --stack ${stack} --remove, which runs: ${commandsFor(plan.uri, orphan)}`,
    );

/** What is said of an object that may be another stack's: it is never removed. */
export function doubtfulCheck(plan: StackPlan, ambiguous: Ambiguous): Check {
    const volumes =
        ambiguous.kind === "pool"
            ? ` (first its volumes: virsh -c '${plan.uri}' vol-list ${ambiguous.name})`
            : "";
    return undecided(
        ...named(ambiguous),
        `is at ${plan.uri}: ${ambiguous.reason}`,
        `${ambiguous.name.includes("/") && ambiguous.kind === "volume" ? "copy what is needed (virsh vol-download), or go back to the state that knows it; " : ""}see whose it is; --remove leaves it alone; if it is not needed${volumes}: ${commandsFor(plan.uri, ambiguous)}`,
    );
}

/** @throws CliError when state or libvirt can't be asked */
async function find(root: string, stack: Stack, plan: StackPlan): Promise<Findings> {
    const state = await exported(root, stack.reference);
    const [known, ours] = [inState(state), namedIn(state)];
    const live = await liveObjects(plan, ours);
    const found = classify(plan, { known, named: ours, elsewhere: new Map() }, live);
    return found.orphans.length + found.ambiguous.length === 0
        ? found
        : classify(plan, { known, named: ours, elsewhere: await knownElsewhere(root, stack.name) }, live);
}

async function run(o: { stack?: string; remove?: boolean; json?: boolean }): Promise<void> {
    const root = projectRoot();
    const stack = await findStack(root, o.stack);
    const plan = planOfStack(root, stack);
    const { orphans, ambiguous } = await find(root, stack, plan);
    const checks: Check[] = [];
    for (const orphan of orphans) {
        if (o.remove === true) {
            await remove(plan, orphan);
            const next = orphan.known
                ? "; now run bin/pulumi refresh --clear-pending-creates, then bin/pulumi up"
                : "";
            checks.push(passed(...named(orphan), `removed (${orphan.reason})${next}`));
        } else {
            checks.push(orphanCheck(plan, stack.name, orphan));
        }
    }
    checks.push(...ambiguous.map((found) => doubtfulCheck(plan, found)));
    const none = passed(
        "orphans.none",
        "Orphans",
        `everything of stack ${stack.name} at ${plan.uri} is in its state`,
    );
    emit(report(checks.length === 0 ? [none] : checks), o.json === true);
}

export function orphansCommand(): Command {
    return stackOption(jsonOption(new Command("orphans")))
        .description(
            "find what an interrupted pulumi up left on the lab host outside the state, and remove it",
        )
        .option("--remove", "remove what was found and is surely the stack's")
        .action(run);
}
