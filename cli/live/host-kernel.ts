/**
 * Whether a lab host's kernel filters its Workstations' NICs, where the host's unit tells it (cli/unit): libvirt tells of
 * a filter after `nft flush ruleset` as before. One report is of the whole host, whichever stack's unit wrote it.
 */
import { nicsOf, valueAt, type Domain, type Fact, type Problem } from "../../model";
import { filterFault } from "../../libvirt/kernel-filter";
import type { Virsh } from "../../libvirt/client";
import { downloadFrom } from "../status-log";
import { FRESH_SECONDS, hostReport, type HostReport } from "../life/kernel";
import { HOST_SUFFIX } from "../unit/names";

const sure = <T>(fact: Fact<T>): T | undefined => (fact.kind === "known" ? fact.value : undefined);
const names = (text: string): string[] =>
    text
        .split("\n")
        .map((line) => line.trim().split(/\s+/)[0] ?? "")
        .filter((name) => name !== "");

/** The newest report of a host; undefined: no unit there writes one. @throws Error when one can't be read */
async function newestReport(virsh: Virsh): Promise<HostReport | undefined> {
    const ask = async (args: readonly string[]): Promise<string> => {
        const { outcome, stdout, message } = await virsh(args);
        if (outcome !== "ok") {
            throw new Error(message);
        }
        return stdout;
    };
    let newest: HostReport | undefined;
    for (const pool of names(await ask(["pool-list", "--name"])).filter((name) => name.endsWith("-status"))) {
        // A pool that goes meanwhile has no report, nor has one of another kind.
        const volumes = await virsh([`pool-refresh ${pool}; vol-list ${pool}`]);
        for (const volume of names(volumes.stdout).filter((name) => name.endsWith(HOST_SUFFIX))) {
            const { outcome, stdout, message } = await downloadFrom(virsh, pool, volume)(0, 0);
            if (outcome === "no-volume") {
                continue;
            }
            const read = outcome === "ok" ? hostReport(stdout) : undefined;
            if (read === undefined) {
                throw new Error(
                    message || `${volume} is of another version; fix: bin/sallyport unit install`,
                );
            }
            newest = newest === undefined || read.time > newest.time ? read : newest;
        }
    }
    return newest;
}

/**
 * @param guests at this libvirt
 * @param now seconds since 1970
 */
export async function kernelProblems(
    guests: readonly Domain[],
    uri: string,
    virsh: Virsh,
    now: number = Date.now() / 1000,
): Promise<Problem[]> {
    const nics = guests
        .filter(({ running }) => running === true)
        .flatMap((guest) => nicsOf(guest).map((nic) => ({ guest, nic })))
        .filter(({ nic }) => sure(nic.filter) !== undefined);
    if (nics.length === 0) {
        return [];
    }
    const problem = ({ guest }: (typeof nics)[number], what: string, fix: string): Problem => ({
        at: { resource: guest.resource.id, path: "" },
        what,
        fix,
    });
    const timer = "on that host: systemctl list-timers '*_check.timer', and the clocks of both machines";
    const [first] = nics;
    let report: HostReport | undefined;
    try {
        report = await newestReport(virsh);
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return first === undefined
            ? []
            : [problem(first, `what the host at ${uri} says of its kernel cannot be read: ${why}`, timer)];
    }
    if (report === undefined) {
        return [];
    }
    const { time, ebtables } = report;
    const age = Math.round(now - time);
    return nics.flatMap((one) => {
        const tap = sure(valueAt(one.nic.xml, "target.dev")) ?? "";
        const mac = sure(valueAt(one.nic.xml, "mac.address")) ?? "";
        if (Math.abs(age) > FRESH_SECONDS) {
            return [problem(one, `what the host at ${uri} says of its kernel is ${age} s old`, timer)];
        }
        let fault: string | undefined;
        try {
            fault = filterFault(ebtables ?? "", { tap: String(tap), mac: String(mac) });
        } catch (error) {
            fault = `what it filters cannot be read: ${error instanceof Error ? error.message : String(error)}`;
        }
        return fault === undefined
            ? []
            : [problem(one, `the kernel of the host at ${uri}: ${fault}`, "bin/sallyport repair")];
    });
}
