/**
 * Whether a lab host's kernel filters a Workstation's NIC as the filter says: libvirt goes on believing it after a
 * person, or a firewall, has emptied the kernel's tables. Pure: from `ebtables -t nat -L` (ebtables(8)) to words.
 */
import { type FilterRule, WORKSTATION_FILTER_RULES } from "./workstation-filter";

/** The host's end of one Workstation's NIC. */
export interface FilteredNic {
    readonly tap: string;
    readonly mac: string;
}

const BROADCAST = "ff:ff:ff:ff:ff:ff";
const ETHERTYPES: Readonly<Record<string, string>> = { arp: "ARP", ipv4: "IPv4" };

const MAC = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i;
/** A word as every version of ebtables has it: MACs in full and in small letters. */
function canonical(word: string): string {
    const bare = word.replace(/\/ff(:ff){5}$/i, "").replace(/\/255\.255\.255\.255$/, "");
    if (bare === "Broadcast") {
        return BROADCAST;
    }
    return MAC.test(bare)
        ? bare
              .toLowerCase()
              .split(":")
              .map((byte) => byte.padStart(2, "0"))
              .join(":")
        : bare;
}

/** A rule's matches and its target, in no order. */
function ruleOf(line: string): string {
    const words = line.trim().split(/\s+/).map(canonical);
    const options: string[] = [];
    for (const word of words) {
        if (/^-{1,2}[a-z]/.test(word) || word === "!" || options.length === 0) {
            options.push(word);
        } else {
            options[options.length - 1] += ` ${word}`;
        }
    }
    return options.sort().join(" ");
}

/** libvirt's rule for one of the filter's (src/nwfilter/nwfilter_ebiptables_driver.c). */
function expected({ action, protocol, match }: FilterRule, mac: string): string {
    const option = (flag: string, value: string | undefined): string[] =>
        value === undefined ? [] : [flag, value === "$MAC" ? mac : value];
    const ethertype = protocol === "arp" ? "ARP" : ETHERTYPES[match["protocolid"] ?? ""];
    return ruleOf(
        [
            ...option("-p", ethertype),
            ...option("-s", match["srcmacaddr"]),
            ...option("-d", match["dstmacaddr"]),
            ...option("--arp-ip-dst", match["arpdstipaddr"]),
            ...option("--arp-mac-src", match["arpsrcmacaddr"]),
            "-j",
            action.toUpperCase(),
        ].join(" "),
    );
}

/** Rules of each chain of the table. @throws Error for a text that is no such listing */
function chainsIn(listing: string): ReadonlyMap<string, readonly string[]> {
    const [title = "", ...lines] = listing.trim().split("\n");
    if (title.trim() !== "Bridge table: nat") {
        throw new Error("it is no listing of the bridge table nat");
    }
    const chains = new Map<string, string[]>();
    let current: string[] | undefined;
    let announced = 0;
    for (const line of lines.filter((one) => one.trim() !== "")) {
        const chain = /^Bridge chain: (\S+), entries: (\d+), policy: (\S+)$/.exec(line.trim());
        if (chain === null) {
            if (current === undefined) {
                throw new Error("it has a rule before any chain");
            }
            current.push(line.trim());
            continue;
        }
        const [, name = "", entries = "", policy = ""] = chain;
        if (chains.has(name) || policy === "") {
            throw new Error(`it has chain ${name} twice`);
        }
        current = [];
        announced += Number(entries);
        chains.set(name, current);
    }
    if ([...chains.values()].reduce((sum, rules) => sum + rules.length, 0) !== announced) {
        throw new Error("it is cut short: a chain has other entries than it says");
    }
    return chains;
}

/** Whether every frame of the tap gets to the chain: no rule before the jump is for it. */
function isReached(rules: readonly string[], flag: "-i" | "-o", tap: string, chain: string): boolean {
    const at = rules.findIndex((rule) => ruleOf(rule) === ruleOf(`${flag} ${tap} -j ${chain}`));
    return (
        at >= 0 &&
        rules.slice(0, at).every((rule) => {
            const other = new RegExp(`^${flag} (\\S+) `).exec(rule)?.[1];
            return other !== undefined && other !== tap && !other.endsWith("+");
        })
    );
}

/**
 * What is wrong with the filter of one NIC; undefined: the kernel has it as it is written.
 * @param listing of `ebtables -t nat -L`
 * @throws Error for a text that is no such listing, or is cut short
 */
export function filterFault(listing: string, { tap, mac }: FilteredNic): string | undefined {
    const chains = chainsIn(listing);
    for (const [direction, from, flag, letter] of [
        ["out", "PREROUTING", "-i", "I"],
        ["in", "POSTROUTING", "-o", "O"],
    ] as const) {
        const chain = `libvirt-${letter}-${tap}`;
        if (!isReached(chains.get(from) ?? [], flag, tap, chain)) {
            return `no frame of ${tap} is filtered on its way ${direction}`;
        }
        const wanted = WORKSTATION_FILTER_RULES.filter((rule) =>
            [direction, "inout"].includes(rule.direction),
        ).map((rule) => expected(rule, canonical(mac)));
        const there = (chains.get(chain) ?? []).map(ruleOf);
        // Rules of one priority come in any order; what drops the rest is the last of both.
        if (wanted.at(-1) !== there.at(-1) || wanted.sort().join("\n") !== there.slice().sort().join("\n")) {
            return `${chain} has other rules than the filter`;
        }
    }
    return undefined;
}
