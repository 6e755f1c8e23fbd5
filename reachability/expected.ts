/**
 * The ruleset that we would render for a Gateway as it is attached: its own NICs, and every Workstation that
 * is on its isolated network with the MAC and address that it has there. Equal to what the seed holds: then
 * the rules are known.
 */
import { createHash } from "node:crypto";
import { hasSecrets } from "../cloud-init/egress";
import { NIC, PATHS } from "../cloud-init/guest";
import { gatewayRuleset } from "../cloud-init/nft/gateway";
import type { Ruleset } from "../cloud-init/nft/model";
import { LOCAL_RANGES, localRangesOf } from "../values/ranges";
import { renderRuleset } from "../cloud-init/nft/render";
import {
    declaredCounters,
    nicsOf,
    possible,
    type Domain,
    type Nic,
    type SeedContent,
    type SeedNic,
    type SeedRuleset,
} from "../model";
import { AUTOMAP_SUBNET, INNER_SUBNET, parsePlace, toNumber } from "../values/addresses";
import { memoize } from "../util/memoize";
import { bounds } from "./firewall";
import type { NicPlan } from "../plan/guest-plan";
import { controlledBy, portsOf } from "./egress";
import { egressOfSeed, filesOf, gatewayPlanOf, isTransparent, torrcOf, type Attachment } from "./seed-plan";

/** Keys in one order, however they were written. */
const sorted = (record: object): unknown[] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** The ruleset without what only people read; sets hold no order. */
export const digestOf = memoize((ruleset: Ruleset): string => {
    const plain = ruleset.tables.map((t) => ({
        family: t.family,
        name: t.name,
        counters: declaredCounters(t),
        sets: t.sets
            .map((s) => [s.name, s.type, s.interval === true, [...s.elements].sort()])
            .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
        chains: t.chains.map((c) => [
            c.name,
            c.type,
            c.hook,
            c.priority,
            c.policy,
            c.rules.map((r) => [r.id, r.matches.map(sorted), r.counter ?? "", sorted(r.verdict)]),
        ]),
    }));
    return createHash("sha256").update(JSON.stringify(plain)).digest("hex");
});

/** The only seed that a domain may have, or why there is none. */
export function seedContentOf(domain: Domain): SeedContent | string {
    const { seeds: fact } = domain;
    if (fact.kind === "known" && fact.value.length === 1 && fact.value[0] !== undefined) {
        return fact.value[0].content;
    }
    const seeds = possible(fact);
    if (seeds?.length !== 1 || seeds[0]?.length !== 1) {
        return seeds === undefined || seeds.length !== 1
            ? "its seed is not known"
            : `it has ${seeds[0]?.length ?? 0} seeds`;
    }
    return seeds[0][0]?.content ?? "its seed is not known";
}

/** Network-config's entry for a NIC, by MAC. */
export function seedNicOf({ network }: SeedContent, nic: Nic): SeedNic | string {
    if (network.kind !== "known" || network.value === undefined) {
        return "its network-config is not known";
    }
    const mac = nic.mac.kind === "known" ? nic.mac.value : undefined;
    let found: SeedNic | undefined;
    let count = 0;
    for (const entry of mac === undefined ? [] : network.value.nics) {
        if (entry.mac === mac) {
            found = entry;
            count += 1;
        }
    }
    return found !== undefined && count === 1
        ? found
        : `network-config has ${count} entries for the MAC of nic ${nic.index}`;
}

function nicPlan(domain: Domain, nic: Nic, content: SeedContent | string): NicPlan | string {
    const entry = typeof content === "string" ? content : seedNicOf(content, nic);
    if (typeof entry === "string") {
        return `${domain.resource.name}: ${entry}`;
    }
    const place = parsePlace(entry.addresses[0] ?? "");
    if (entry.addresses.length !== 1 || entry.mac === undefined || place === undefined) {
        return `${domain.resource.name}: nic ${nic.index} has ${entry.addresses.length} addresses${place === undefined ? ", the first of them none such as 192.0.2.10/24" : ""}`;
    }
    return {
        interface: entry.name as NicPlan["interface"],
        mac: entry.mac,
        address: place.address,
        prefix: place.prefix,
    };
}

/** What decides the rules of a Gateway, read from its seed and its Workstations'. */
interface Parts extends Attachment {
    readonly content: SeedContent;
}

/** @param inside members of the isolated network that are no Gateways */
function partsOf(
    gateway: Domain,
    inside: readonly { readonly domain: Domain; readonly nic: Nic }[],
    content: SeedContent,
): Parts | string {
    let inner: NicPlan | undefined;
    let outer: NicPlan | undefined;
    const own = nicsOf(gateway);
    for (const nic of own) {
        const plan = nicPlan(gateway, nic, content);
        if (typeof plan === "string") {
            return plan;
        }
        inner = plan.interface === NIC.inner ? plan : inner;
        outer = plan.interface === NIC.outer ? plan : outer;
    }
    const workstations: NicPlan[] = [];
    for (const { domain, nic } of inside) {
        const plan = nicPlan(domain, nic, seedContentOf(domain));
        if (typeof plan === "string") {
            return plan;
        }
        workstations.push(plan);
    }
    if (own.length !== 2 || inner === undefined || outer === undefined) {
        return `its NICs are not one ${NIC.inner} and one ${NIC.outer}`;
    }
    const { torrc } = content;
    return torrc.kind !== "known" || torrc.value === undefined
        ? "its torrc is not known"
        : { content, inner, outer, workstations };
}

export interface Judged {
    /** Undefined: there are no rules to reason about. */
    readonly ruleset?: SeedRuleset;
    /** Equal to what we render for this attachment. */
    readonly trusted: boolean;
    /** Same for Gateways whose rules differ in nothing but the outer address; trusted ones only. */
    readonly kind?: string;
    /**
     * Begin of the rules' sha256, for reports; none when they hold addresses that are secrets, which a digest
     * would let anybody guess at.
     */
    readonly digest: () => string | undefined;
    /** Why it is not. */
    readonly why?: string;
}

/** A kind of Gateway: what we render, cut where the outer address stands. */
interface Rendered {
    readonly kind: string;
    readonly pieces: readonly string[];
}

const rendered = new Map<string, Rendered>();

/** A text around an address; one that only begins or ends like it is another. */
const around = (text: string, address: string): string[] =>
    text.split(new RegExp(`(?<![\\d.])${address.replaceAll(".", "\\.")}(?![\\d.])`));

/** Whether the text is `pieces.join(between)`, compared as it lies: a join would be a copy. */
function isJoined(text: string, pieces: readonly string[], between: string): boolean {
    let at = 0;
    const goesOn = (part: string): boolean => text.slice(at, (at += part.length)) === part;
    return pieces.every((piece, i) => (i === 0 || goesOn(between)) && goesOn(piece)) && at === text.length;
}

/** Ranges that rules of ours name: addresses in the same ones are treated alike. */
const RANGES = [...LOCAL_RANGES, AUTOMAP_SUBNET, INNER_SUBNET].map(bounds);

/** A bit for each of them. */
function rangesOf(address: string): number {
    const n = toNumber(address);
    return RANGES.reduce((bits, [first, last]) => 2 * bits + (n >= first && n <= last ? 1 : 0), 0);
}

/** What of the rules comes from torrc and the seed's files, as a text to compare. */
const settingsOf = memoize((content: SeedContent): string =>
    JSON.stringify([egressOfSeed(content), portsOf(torrcOf(content)), isTransparent(torrcOf(content))]),
);

/**
 * What we render for these parts, with the outer address left open: it is the only thing in which most
 * Gateways of a large stack differ, so that their rules are rendered once.
 */
function expectedText(parts: Parts): Rendered {
    const { content, inner, outer, workstations } = parts;
    const control = controlledBy(filesOf(content));
    const near = localRangesOf(outer);
    // Flat: nested records take three times as long, and this is asked for every Gateway.
    const key = JSON.stringify([
        settingsOf(content),
        inner.mac,
        inner.address,
        inner.prefix,
        outer.prefix,
        rangesOf(outer.address),
        near === LOCAL_RANGES ? "" : near.join(),
        ...workstations.flatMap((nic) => [
            nic.interface,
            nic.mac,
            nic.address,
            nic.prefix,
            control.includes(nic.address),
        ]),
    ]);
    let made = rendered.get(key);
    if (made === undefined) {
        made = {
            kind: `kind ${rendered.size}`,
            pieces: around(renderRuleset(gatewayRuleset(gatewayPlanOf(content, parts))), outer.address),
        };
        rendered.set(key, made);
    }
    return made;
}

/**
 * Rules of a Gateway and whether they are ours.
 * @param members of its networks, without Gateways
 */
export function judge(
    gateway: Domain,
    members: readonly { readonly domain: Domain; readonly nic: Nic }[],
): Judged {
    const content = seedContentOf(gateway);
    const none = (): undefined => undefined;
    if (typeof content === "string") {
        return { trusted: false, digest: none, why: content };
    }
    const { ruleset, files } = content;
    if (ruleset.kind !== "known" || ruleset.value === undefined) {
        return {
            trusted: false,
            digest: none,
            why:
                ruleset.kind === "known"
                    ? "its seed holds no ruleset"
                    : `its ruleset is ${ruleset.kind}: ${ruleset.why}`,
        };
    }
    const rules = ruleset.value;
    const parts = partsOf(gateway, members, content);
    if (typeof parts === "string") {
        return { ruleset: rules, trusted: false, digest: none, why: parts };
    }
    const shown = (sum: string): string | undefined =>
        hasSecrets(egressOfSeed(content)) ? undefined : sum.slice(0, 12);
    const digest = (): string | undefined => shown(digestOf(rules));
    const { kind, pieces } = expectedText(parts);
    const file =
        files.kind === "known" ? files.value.find((f) => f.path === PATHS.ruleset)?.content : undefined;
    if (file !== undefined && isJoined(file, pieces, parts.outer.address)) {
        return { ruleset: rules, trusted: true, kind, digest };
    }
    // Comments and the order of sets change nothing.
    const [own, expected] = [digestOf(rules), digestOf(gatewayRuleset(gatewayPlanOf(content, parts)))];
    const named = (sum: string): string => (shown(sum) === undefined ? "" : ` (sha256 ${shown(sum)})`);
    return own === expected && rules.flushes
        ? { ruleset: rules, trusted: true, digest }
        : {
              ruleset: rules,
              trusted: false,
              digest,
              why: `its ruleset${named(own)} is not the one rendered for its NICs and Workstations${named(expected)}`,
          };
}
