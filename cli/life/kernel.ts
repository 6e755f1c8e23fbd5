/**
 * What the lab host's kernel has of an enclave: libvirt's API tells what libvirt believes, and a flushed ruleset
 * changes nothing of that. The host's unit writes it into a file of the status pool (cli/unit). Pure.
 */
import { z } from "zod";
import { filterFault } from "../../libvirt/kernel-filter";
import type { EnclavePlan } from "../../plan/plan";
import { type Check, failed, passed, undecided } from "../../util/output";
import { ABSENT, type Observed } from "./observe";
import type { Chosen } from "./selection";

/** The host's file, or why there is none to judge. */
export type HostFile =
    | { readonly text: string; readonly written: number }
    | { readonly absent: true }
    | { readonly unreadable: string };

/** Seconds after which the host's word is old: its timer runs each minute. */
export const FRESH_SECONDS = 180;

const schema = z.strictObject({
    v: z.literal(1),
    time: z.number(),
    /** Version of the script that wrote it. */
    script: z.string(),
    /** `ebtables -t nat -L`; null: it failed. */
    ebtables: z.string().nullable(),
    /** What masquerades; null: neither of both tools has it. */
    nat: z.string().nullable(),
    /** Lines of a device and its bridge. */
    bridges: z.string().nullable(),
    interfaces: z.array(z.strictObject({ domain: z.string(), list: z.string().nullable() })),
});

export type HostReport = z.output<typeof schema>;

/** undefined: it is no such report. */
export function hostReport(text: string): HostReport | undefined {
    try {
        return schema.safeParse(JSON.parse(text)).data;
    } catch {
        return undefined;
    }
}

/** Whether packets of the external network leave under the host's address: iptables' words, and nftables'. */
function masquerades(nat: string | null, subnet: string): boolean {
    return (nat ?? "").split("\n").some((line) => {
        const words = line.trim().split(/\s+/);
        const ours = words.includes(subnet) && /\bmasquerade\b/i.test(line);
        return ours && (words[0] === "-A" ? !words.includes("-p") : !/\bl4proto\b/.test(line));
    });
}

/**
 * @param version of the script that the host's unit should have
 * @param now seconds since 1970, by the host's clock as far as it is known
 */
export function kernelChecks(
    { enclave, all }: Pick<Chosen, "all"> & { readonly enclave: EnclavePlan },
    seen: Observed,
    file: HostFile,
    version: string,
    now: number,
): Check[] {
    const [id, title] = ["status.kernel", `${enclave.name}: kernel`];
    const lives = ({ domain }: { readonly domain: string }): boolean =>
        ["running", "paused"].includes((seen.guests.get(domain) ?? ABSENT).state);
    if (![enclave.gateway, ...all].some(lives)) {
        return [];
    }
    const unknown = (why: string, fix: string): Check[] => [undecided(id, title, why, fix)];
    const install = "bin/sallyport unit install";
    if ("absent" in file) {
        return unknown("what the host's kernel filters is not known: no unit there tells it", install);
    }
    if ("unreadable" in file) {
        return unknown(`what the host says of its kernel can't be read: ${file.unreadable}`, "run it again");
    }
    const read = hostReport(file.text);
    if (read?.script !== version) {
        return unknown("what the host says of its kernel is of another version", install);
    }
    const { time, ebtables, nat, bridges } = read;
    const age = Math.round(now - Math.min(time, file.written));
    if (Math.abs(age) > FRESH_SECONDS) {
        return unknown(
            `what the host says of its kernel is ${age} s old`,
            "on that host: systemctl list-timers '*_check.timer', and the clocks of both machines",
        );
    }
    if (ebtables === null || bridges === null) {
        return unknown(
            "the host can't list its bridges' filters",
            "on that host, as root: apt-get install ebtables",
        );
    }
    // First: what brings it back brings filters back as well.
    if (enclave.external.mode === "nat" && !masquerades(nat, enclave.external.subnet)) {
        return [
            failed(
                id,
                title,
                `packets of the Gateway would leave under its own address: nothing masquerades ${enclave.external.subnet}`,
                "on that host, as root: systemctl restart libvirtd (or virtnetworkd and virtnwfilterd); guests go on",
            ),
        ];
    }
    const bridgeOf = new Map(bridges.split("\n").map((line) => line.split(" ") as [string, string]));
    const lists = new Map(read.interfaces.map(({ domain, list }) => [domain, list ?? ""]));
    for (const guest of enclave.workstations.filter(lives)) {
        const name = all.find(({ domain }) => domain === guest.domain)?.name ?? guest.domain;
        const taps = seen.guests.get(guest.domain)?.taps ?? [];
        const [tap = ""] = taps;
        if (taps.length !== 1 || !(lists.get(guest.domain) ?? "").split(/\s+/).includes(tap)) {
            return unknown(`${name} has started since the host looked`, "run it again in a minute");
        }
        if (bridgeOf.get(tap) !== enclave.isolated.bridge) {
            return [
                failed(
                    id,
                    title,
                    `${tap} of ${name} is on ${bridgeOf.get(tap) ?? "no bridge"}, not on ${enclave.isolated.bridge}`,
                    `bin/sallyport stop ${enclave.name}, then bin/sallyport start ${enclave.name}`,
                ),
            ];
        }
        let fault: string | undefined;
        try {
            fault = filterFault(ebtables, { tap, mac: guest.nic.mac });
        } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            return unknown(`the host's listing can't be read: ${why}`, "run it again in a minute");
        }
        if (fault !== undefined) {
            return [failed(id, title, `${name}: ${fault}`, `bin/sallyport repair ${enclave.name}`)];
        }
    }
    return [passed(id, title, `it filters as it should, ${Math.max(0, age)} s ago`)];
}
