/**
 * `sallyport repair`: puts the filters of running Workstations back into the host's kernel, after a person or a firewall
 * has emptied its tables. A NIC is off while it has no filter, and on again only once the host's kernel has it.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { mustVirsh } from "../libvirt/client";
import { CliError } from "../util/error";
import { type Check, emit, failed, passed, report } from "../util/output";
import { withTemporaryFolder } from "../util/temporary";
import { lifeOf, type Life, type LifeOptions } from "./life";
import { hearHosts } from "./life/hear";
import { type HostFile, kernelChecks } from "./life/kernel";
import type { Chosen } from "./life/selection";
import { jsonOption, stackOption } from "./options";
import { scriptVersion } from "./unit/script";

/** How long the host's timer, which looks each minute, is waited for, in milliseconds. */
const LOOK_MS = 180_000;
const CALL_MS = 60_000;

interface Nic {
    readonly name: string;
    readonly domain: string;
    readonly tap: string;
}

async function nicsOf({ look }: Life, { all }: Chosen): Promise<Nic[]> {
    const { guests } = await look();
    return all.flatMap(({ name, domain }) => {
        const { state = "absent", taps = [] } = guests.get(domain) ?? {};
        return ["running", "paused"].includes(state) ? taps.map((tap) => ({ name, domain, tap })) : [];
    });
}

/** The binding once more: libvirt then writes the rules anew. Its text is libvirt's own. */
async function rebind({ plan }: Life, { name, tap }: Nic): Promise<void> {
    const virsh = (...args: string[]): Promise<string> => mustVirsh(plan.uri, args, CALL_MS);
    await withTemporaryFolder("repair", async (folder) => {
        const file = join(folder, "binding.xml");
        const text = await virsh("nwfilter-binding-dumpxml", tap).catch(() => {
            throw new CliError(
                `${name}: libvirt has no filter for ${tap}; its link stays down`,
                `bin/sallyport restart ${name}`,
            );
        });
        await writeFile(file, text);
        await virsh("nwfilter-binding-delete", tap);
        await virsh("nwfilter-binding-create", file);
    });
}

async function repairOne(life: Life, one: Chosen): Promise<Check> {
    const { plan, world, look } = life;
    const { enclave } = one;
    const virsh = (...args: string[]): Promise<string> => mustVirsh(plan.uri, args, CALL_MS);
    const host = async (): Promise<HostFile> =>
        (await hearHosts(world.virsh, [one])).get(enclave.name) ?? { absent: true };
    const judged = async (file: HostFile, now: number): Promise<Check | undefined> =>
        kernelChecks(one, await look(), file, scriptVersion(plan), now)[0];
    const nics = await nicsOf(life, one);
    const before = await host();
    if (nics.length === 0) {
        return passed("repair.filter", enclave.name, "no Workstation of it runs");
    }
    if (!("text" in before)) {
        throw new CliError(
            `${enclave.name}: the host does not say what its kernel filters, so a repair could not be checked`,
            `bin/sallyport unit install; or bin/sallyport restart ${enclave.name}, which filters anew`,
        );
    }
    const links = await Promise.all(nics.map(({ domain, tap }) => virsh("domif-getlink", domain, tap)));
    const found = await judged(before, Date.now() / 1000);
    if (found !== undefined && found.status !== "pass" && !found.fix.startsWith("bin/sallyport repair")) {
        return { ...found, id: "repair.filter" };
    }
    if (found?.status === "pass" && links.every((link) => /\bup\b/.test(link))) {
        return passed("repair.filter", enclave.name, "nothing to repair");
    }
    for (const nic of nics) {
        await virsh("domif-setlink", nic.domain, nic.tap, "down");
        world.say(`${nic.name}: its link is down`);
        await rebind(life, nic);
        world.say(`${nic.name}: filtered anew`);
    }
    world.say(`${enclave.name}: waiting for the host to look at its kernel`);
    const end = world.now() + LOOK_MS;
    let seen = before.written;
    let verdict: Check | undefined;
    // A look that had begun before the repair may say so once.
    for (let fails = 0; world.now() < end && fails < 2;) {
        await sleep(1000);
        const file = await host();
        if (!("text" in file) || file.written <= seen) {
            continue;
        }
        seen = file.written;
        // It is newer than the repair, so its own time will do.
        verdict = await judged(file, file.written);
        if (verdict?.status === "pass") {
            for (const { name, domain, tap } of nics) {
                await virsh("domif-setlink", domain, tap, "up");
                world.say(`${name}: its link is up`);
            }
            return passed("repair.filter", enclave.name, "the host's kernel filters as it should");
        }
        fails += verdict?.status === "fail" ? 1 : 0;
    }
    return failed(
        "repair.filter",
        enclave.name,
        `${nics.map(({ name }) => name).join(", ")}: the link stays down; ` +
            (verdict?.detail ?? "the host has not looked since"),
        verdict?.fix ??
            "on that host: systemctl list-timers '*_check.timer'; then bin/sallyport repair again",
    );
}

async function repair(life: Life): Promise<Check[]> {
    const checks: Check[] = [];
    for (const one of life.chosen) {
        checks.push(await repairOne(life, one));
    }
    return checks;
}

export const repairCommand = (): Command =>
    stackOption(jsonOption(new Command("repair")))
        .description("filter running Workstations anew, where the host's kernel has lost their rules")
        .argument("[enclave]", "an enclave of the stack (default: all of them)")
        .action(async (wanted: string | undefined, o: LifeOptions) =>
            emit(report(await repair(await lifeOf(wanted, o))), o.json === true),
        );
