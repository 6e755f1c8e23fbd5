/**
 * `sallyport unit`: systemd's units on the lab host, which bring a stack back after a reboot and say what the host's
 * kernel has. They need no Node and no checkout there.
 */
import { Command } from "commander";
import { mustVirsh } from "../libvirt/client";
import { guestsOf } from "../plan/guests";
import type { StackPlan } from "../plan/plan";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { quote } from "../util/quote";
import { projectRoot } from "../util/root";
import { requireHost } from "./life/declared";
import { jsonOption, stackOption } from "./options";
import { inState } from "./orphans/find";
import { exported } from "./orphans/state";
import { planOfStack } from "./settings";
import { findSettings, type Stack } from "./stack";
import { installProgram, removeProgram } from "./unit/programs";
import { rootShell, runAsRoot } from "./unit/root-shell";
import { unitNames } from "./unit/names";
import { unitFiles } from "./unit/units";

interface UnitOptions {
    readonly stack?: string;
    readonly json?: boolean;
    readonly install?: boolean;
    readonly remove?: boolean;
}

interface Unit {
    readonly root: string;
    readonly stack: Stack;
    readonly plan: StackPlan;
    /** The line that prints a program for root of the host. */
    readonly byHand: (verb: "install" | "remove") => string;
}

async function unitOf({ stack: wanted }: UnitOptions): Promise<Unit> {
    const root = projectRoot();
    const stack = await findSettings(root, wanted);
    return {
        root,
        stack,
        plan: planOfStack(root, stack),
        byHand: (verb) => `bin/sallyport unit show --${verb} --stack ${quote(stack.reference)}`,
    };
}

/** Whether a guest of the stack runs. @throws CliError when libvirt does not tell */
async function guestsRun(plan: StackPlan): Promise<boolean> {
    const running = new Set((await mustVirsh(plan.uri, ["list", "--name"])).split("\n").map((l) => l.trim()));
    return guestsOf(plan).some(({ domain }) => running.has(domain));
}

/** @throws CliError for a stack that is gone: its unit would look for guests at every start of the host */
export function requireResources(stack: string, state: string): void {
    if (!inState(state).some(({ kind }) => kind === "domain")) {
        throw new CliError(
            `stack ${stack} has no guest in its state, so there is nothing to start`,
            "bin/pulumi up; units that are left on the host go with bin/sallyport unit remove",
        );
    }
}

async function show(o: UnitOptions): Promise<void> {
    const { plan } = await unitOf(o);
    if (o.install === true && o.remove === true) {
        throw new CliError("--install and --remove are two programs", "give one of them");
    }
    const { files } = unitFiles(plan);
    const program = o.install === true ? installProgram(plan, false) : undefined;
    const text =
        program ??
        (o.remove === true
            ? removeProgram(plan)
            : files.map(({ path, mode, text: body }) => `# ${path} (mode ${mode})\n${body}`).join("\n"));
    const said = `${files.length} files: ${files.map(({ path }) => path).join(", ")}`;
    emit(
        { ...report([passed("unit.rendered", `Units of ${plan.prefix}`, said)]), files },
        o.json === true,
        text.replace(/\n$/, ""),
    );
}

async function install(o: UnitOptions): Promise<void> {
    const { root, stack, plan, byHand } = await unitOf(o);
    const state = await exported(root, stack.reference);
    requireResources(stack.name, state);
    const shell = rootShell(plan.uri, process.getuid?.(), byHand("install"));
    await requireHost(plan, state);
    const runs = await guestsRun(plan);
    await runAsRoot(shell, installProgram(plan, runs), byHand("install"));
    const { service, checkTimer } = unitNames(plan);
    emit(
        report([
            passed(
                "unit.installed",
                service,
                `starts the stack with its host${runs ? "" : " from the next boot on"}; ${checkTimer} looks at the kernel each minute`,
            ),
        ]),
        o.json === true,
    );
}

/** Also for a stack that is gone: its names are in its settings. */
async function remove(o: UnitOptions): Promise<void> {
    const { plan, byHand } = await unitOf(o);
    await runAsRoot(
        rootShell(plan.uri, process.getuid?.(), byHand("remove")),
        removeProgram(plan),
        byHand("remove"),
    );
    emit(
        report([
            passed("unit.removed", unitNames(plan).service, "is not on the host; guests are as they were"),
        ]),
        o.json === true,
    );
}

export function unitCommand(): Command {
    const unit = new Command("unit").description(
        "units of systemd on the lab host: the stack comes back after a reboot, without Node or a checkout there",
    );
    const verb = (name: string, description: string, action: (o: UnitOptions) => Promise<void>): Command => {
        const command = stackOption(jsonOption(new Command(name)))
            .description(description)
            .action(action);
        unit.addCommand(command);
        return command;
    };
    verb("show", "print the units and their script", show)
        .option("--install", "print the program that installs them, for root's sh on the host")
        .option("--remove", "print the program that removes them");
    verb("install", "put them on the lab host, as its root, and enable them", install);
    verb("remove", "take them off the lab host; guests stay as they are", remove);
    return unit;
}
