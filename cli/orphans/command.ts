/** `sallyport orphans`: finds and removes what an interrupted `pulumi up` left on the lab host outside the state. */
import { join } from "node:path";
import { execa } from "execa";
import { Command } from "commander";
import type { StackPlan } from "../../topology/plan";
import { CliError } from "../error";
import { type Check, emit, failed, passed, report } from "../output";
import { projectRoot } from "../root";
import { planOfStack } from "../settings";
import { mustVirsh, virshAt } from "../virsh";
import { wipe } from "../wipe-command";
import { guestVolume, inState, type LibvirtObject, orphansOf, removal } from "./find";
import { liveObjects } from "./live";

const EXPORT_MS = 60_000;

async function exported(root: string, stack: string): Promise<string> {
    const run = await execa(join(root, "bin", "pulumi"), ["stack", "export", "--stack", stack, "--non-interactive"],
        { cwd: root, reject: false, stdin: "ignore", timeout: EXPORT_MS });
    if (run.exitCode !== 0) {
        throw new CliError(`the state of stack ${stack} can't be read: ${run.stderr.trim() || run.shortMessage || "pulumi failed"}`,
            "select the right state (PULUMI_BACKEND_URL, bin/pulumi login) and stack; without its state nothing is an orphan");
    }
    return run.stdout;
}

async function remove(plan: StackPlan, orphan: LibvirtObject): Promise<void> {
    const { uri } = plan;
    const guests = plan.wipe ? guestVolume(plan, orphan) : undefined;
    if (guests !== undefined) {
        await wipe(virshAt(uri), { uri, ...guests });
    }
    for (const { args, mayFail } of removal(orphan)) {
        await (mayFail ? virshAt(uri)(args) : mustVirsh(uri, args));
    }
}

async function run(o: { stack: string; remove?: boolean; json?: boolean }): Promise<void> {
    const root = projectRoot();
    const plan = planOfStack(root, o.stack);
    const orphans = orphansOf(plan, inState(await exported(root, o.stack)), await liveObjects(plan));
    const checks: Check[] = [];
    for (const orphan of orphans) {
        const [id, title] = [`orphan.${orphan.kind}`, `${orphan.kind} ${orphan.name}`];
        if (o.remove === true) {
            await remove(plan, orphan);
            const next = orphan.known ? "; now run bin/pulumi refresh --clear-pending-creates, then bin/pulumi up" : "";
            checks.push(passed(id, title, `removed (${orphan.reason})${next}`));
        } else {
            const commands = removal(orphan).map(({ args }) => `virsh -c '${plan.uri}' ${args.join(" ")}`).join("; ");
            checks.push(failed(id, title, `is at ${plan.uri}: ${orphan.reason} of stack ${o.stack}`,
                `bin/sallyport orphans --stack ${o.stack} --remove, which runs: ${commands}`));
        }
    }
    const none = passed("orphans.none", "Orphans", `everything of stack ${o.stack} at ${plan.uri} is in its state`);
    emit(report(checks.length === 0 ? [none] : checks), o.json === true);
}

export function orphansCommand(): Command {
    return new Command("orphans")
        .description("find what an interrupted pulumi up left on the lab host outside the state, and remove it")
        .requiredOption("--stack <name>", "the stack; its state decides what is an orphan")
        .option("--remove", "remove what was found")
        .option("--json", "report as JSON")
        .action(run);
}
