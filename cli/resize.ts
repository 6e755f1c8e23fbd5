/**
 * `sallyport resize`: makes the volume larger that is kept of a guest. A size in the settings is for a new
 * volume: a change of it there alone would have to delete this one. The guest's file system follows at its
 * next start.
 */
import { Command } from "commander";
import { mustVirsh } from "../libvirt/client";
import { guestsOf } from "../plan/guests";
import type { DataVolumePlan, StackPlan } from "../plan/plan";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { parseXml } from "../util/xml";
import { findGuest } from "./console";
import { jsonOption, stackOption } from "./options";
import { planOfStack } from "./settings";
import { findSettings } from "./stack";

const UNITS: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const MOST_BYTES = 16384 * 2 ** 30;

/** `16GiB` in bytes. @throws CliError for anything else */
export function sizeInBytes(given: string): number {
    const [, number = "", unit = ""] = /^([1-9]\d{0,6})(MiB|GiB|TiB)$/.exec(given) ?? [];
    const bytes = Number(number) * (UNITS[unit] ?? 0);
    if (bytes === 0 || bytes > MOST_BYTES) {
        throw new CliError(
            `size: got "${given}"; allowed: a whole number with MiB, GiB or TiB behind it, at most 16TiB`,
            "bin/sallyport resize default/ws1 16GiB",
        );
    }
    return bytes;
}

/** A guest's data volume and the setting of its size. */
export interface Target {
    readonly name: string;
    readonly domain: string;
    readonly pool: string;
    readonly file: string;
    readonly data: DataVolumePlan;
    /** `enclaves[0].workstations[0].home.sizeGiB` */
    readonly setting: string;
}

/** @throws CliError for a guest that there is not, or of which nothing is kept */
export function targetOf(plan: StackPlan, wanted: string): Target {
    const guest = findGuest(guestsOf(plan), wanted);
    for (const [i, { gateway, workstations, dataPool }] of plan.enclaves.entries()) {
        const of = (data: DataVolumePlan | undefined, setting: string): Target => {
            if (data === undefined) {
                throw new CliError(
                    `nothing of ${guest.name} is kept: its home is false`,
                    `remove home from enclaves[${i}] in the stack's settings, and run bin/pulumi up`,
                );
            }
            return {
                ...guest,
                pool: dataPool.name,
                file: `${dataPool.path}/${data.volume}`,
                data,
                setting: `enclaves[${i}].${setting}`,
            };
        };
        if (gateway.domain === guest.domain) {
            return of(gateway.state, "gateway.state.sizeMiB");
        }
        const at = workstations.findIndex(({ domain }) => domain === guest.domain);
        if (at >= 0) {
            return of(workstations[at]?.home, `workstations[${at}].home.sizeGiB`);
        }
    }
    throw new CliError(`there is no guest ${wanted}`, "bin/sallyport status");
}

/** The number that the setting of a size has to have for it: rounded up, so that a new volume is no smaller. */
export const settingFor = ({ setting }: Target, bytes: number): number =>
    Math.ceil(bytes / (setting.endsWith("MiB") ? 2 ** 20 : 2 ** 30));

type Call = (args: readonly string[]) => Promise<string>;

/** Size of a volume by libvirt's document of it. @throws CliError when that has none in bytes */
function capacityIn(xml: string, target: Target): number {
    const element = parseXml(xml).children.find(({ name }) => name === "capacity");
    const bytes = (element?.attributes["unit"] ?? "bytes") === "bytes" ? Number(element?.text ?? "") : NaN;
    if (!Number.isSafeInteger(bytes) || bytes <= 0) {
        throw new CliError(
            `libvirt does not say how large volume ${target.data.volume} is`,
            `virsh vol-info --pool ${target.pool} ${target.data.volume}`,
        );
    }
    return bytes;
}

/**
 * Make the volume as large; under a running guest, too.
 * @returns the size before
 * @throws CliError when it would shrink, or libvirt refuses
 */
export async function resize(call: Call, target: Target, bytes: number): Promise<number> {
    const { domain, pool, file, data } = target;
    const named = ["--pool", pool, "--vol", data.volume];
    // What libvirt knows of a file is as old as its last look.
    await call(["pool-refresh", pool]);
    const before = capacityIn(await call(["vol-dumpxml", ...named]), target);
    if (bytes < before) {
        throw new CliError(
            `${target.name}: its volume has ${before / 2 ** 20} MiB, and would lose what is at its end; volumes only grow`,
            `copy what is needed elsewhere; or give a size of at least ${Math.ceil(before / 2 ** 20)}MiB`,
        );
    }
    if (bytes > before) {
        const runs = (await call(["list", "--name"])).split("\n").some((name) => name.trim() === domain);
        await call(
            runs
                ? ["blockresize", domain, file, `${bytes}B`]
                : ["vol-resize", data.volume, `${bytes}B`, "--pool", pool],
        );
        await call(["pool-refresh", pool]);
    }
    const after = capacityIn(await call(["vol-dumpxml", ...named]), target);
    if (after !== bytes) {
        throw new CliError(
            `${target.name}: libvirt says that its volume has ${after} bytes after it was made ${bytes}`,
            `virsh vol-info --pool ${pool} ${data.volume}`,
        );
    }
    return before;
}

async function run(guest: string, size: string, o: { stack?: string; json?: boolean }): Promise<void> {
    const bytes = sizeInBytes(size);
    const root = projectRoot();
    const stack = await findSettings(root, o.stack);
    const plan = planOfStack(root, stack);
    const target = targetOf(plan, guest);
    const before = await resize((args) => mustVirsh(plan.uri, args), target, bytes);
    const told =
        before === bytes
            ? "it is as large already"
            : `${before / 2 ** 20} MiB before; its file system grows at the guest's next start`;
    const line = `bin/pulumi config set --stack ${stack.name} --path 'sallyport:${target.setting}' ${settingFor(target, bytes)}`;
    emit(
        report([
            passed(
                "data.size",
                `Volume of ${target.name}`,
                `${bytes / 2 ** 20} MiB, ${told}; so that a new one is as large: ${line}`,
            ),
        ]),
        o.json === true,
    );
}

export const resizeCommand = (): Command =>
    stackOption(jsonOption(new Command("resize")))
        .description(
            "make the volume larger that is kept of a guest: a Workstation's home, a Gateway's state",
        )
        .argument("<guest>", "a guest of the stack, such as red/ws1 or red/gateway")
        .argument("<size>", "its new size, such as 16GiB; volumes only grow")
        .action(run);
