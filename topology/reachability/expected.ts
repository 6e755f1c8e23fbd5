/**
 * The ruleset that we would render for a Gateway as it is attached: its own NICs, and every Workstation that is on its
 * isolated network with the MAC and address that it has there. Equal to what the seed holds: then the rules are known.
 */
import { createHash } from "node:crypto";
import { NIC } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { isGateway, nicsOf, possible, type Domain, type Nic, type SeedContent, type SeedNic, type SeedRuleset } from "../model";
import { INNER_PREFIX, INNER_SUBNET } from "../addresses";
import type { EnclavePlan, NicPlan } from "../plan";

/** Keys in one order, whoever wrote them. */
const sorted = (record: object): unknown[] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** The ruleset without what only people read; sets hold no order. */
export function digestOf(ruleset: Ruleset): string {
    const plain = ruleset.tables.map((t) => ({
        family: t.family,
        name: t.name,
        sets: t.sets.map((s) => [s.name, s.type, s.interval === true, [...s.elements].sort()]).sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
        chains: t.chains.map((c) => [c.name, c.type, c.hook, c.priority, c.policy, c.rules.map((r) => [r.id, r.matches.map(sorted), r.counter ?? "", sorted(r.verdict)])]),
    }));
    return createHash("sha256").update(JSON.stringify(plain)).digest("hex");
}

/** The only seed that a domain may have, or why there is none. */
export function seedContentOf(domain: Domain): SeedContent | string {
    const seeds = possible(domain.seeds);
    if (seeds?.length !== 1 || seeds[0]?.length !== 1) {
        return seeds === undefined || seeds.length !== 1 ? "its seed is not known" : `it has ${seeds[0]?.length ?? 0} seeds`;
    }
    return seeds[0][0]?.content ?? "its seed is not known";
}

/** Network-config's entry for a NIC, by MAC. */
export function seedNicOf(content: SeedContent, nic: Nic): SeedNic | string {
    if (content.network.kind !== "known" || content.network.value === undefined) {
        return "its network-config is not known";
    }
    const { mac } = nic;
    const found = content.network.value.nics.filter((n) => mac.kind === "known" && mac.value !== undefined && n.mac === mac.value);
    return found.length === 1 && found[0] !== undefined ? found[0] : `network-config has ${found.length} entries for the MAC of nic ${nic.index}`;
}

function nicPlan(domain: Domain, nic: Nic): NicPlan | string {
    const content = seedContentOf(domain);
    const entry = typeof content === "string" ? content : seedNicOf(content, nic);
    if (typeof entry === "string") {
        return `${domain.resource.name}: ${entry}`;
    }
    const [address = "", prefix = ""] = (entry.addresses[0] ?? "").split("/");
    if (entry.addresses.length !== 1 || entry.mac === undefined) {
        return `${domain.resource.name}: nic ${nic.index} has ${entry.addresses.length} addresses`;
    }
    return { interface: entry.name as NicPlan["interface"], mac: entry.mac, address, prefix: Number(prefix) };
}

const size = { domain: "", memoryMiB: 0, vcpus: 0 };

/** @param inside members of the isolated network that are no Gateways */
function planOf(gateway: Domain, inside: readonly { readonly domain: Domain; readonly nic: Nic }[], content: SeedContent): EnclavePlan | string {
    const nics = nicsOf(gateway).map((nic) => nicPlan(gateway, nic));
    const workstations = inside.map(({ domain, nic }) => nicPlan(domain, nic));
    const wrong = [...nics, ...workstations].find((n) => typeof n === "string");
    if (typeof wrong === "string") {
        return wrong;
    }
    const plans = nics.filter((n): n is NicPlan => typeof n !== "string");
    const [inner, outer] = [NIC.inner, NIC.outer].map((name) => plans.filter((n) => n.interface === name));
    if (plans.length !== 2 || inner?.[0] === undefined || outer?.[0] === undefined) {
        return `its NICs are not one ${NIC.inner} and one ${NIC.outer}`;
    }
    if (content.torrc.kind !== "known" || content.torrc.value === undefined) {
        return "its torrc is not known";
    }
    const network = { name: "", bridge: "", subnet: INNER_SUBNET, prefix: INNER_PREFIX };
    return {
        name: "", prefix: "", isolated: network, external: { ...network, mode: "nat" }, pool: { name: "", path: "" }, statusPool: { name: "", path: "" },
        gateway: { ...size, inner: inner[0], outer: outer[0], readyTimeoutSeconds: 0 },
        workstations: workstations.filter((n): n is NicPlan => typeof n !== "string").map((nic) => ({ ...size, name: "", nic })),
        transparentProxy: content.torrc.value.some((line) => line.option.toLowerCase() === "transport"),
    };
}

export interface Judged {
    /** Undefined: there are no rules to reason about. */
    readonly ruleset?: SeedRuleset;
    /** Equal to what we render for this attachment. */
    readonly trusted: boolean;
    readonly digest?: string;
    /** Why it is not. */
    readonly why?: string;
}

/** Rules of a Gateway and whether they are ours. */
export function judge(gateway: Domain, members: readonly { readonly domain: Domain; readonly nic: Nic }[]): Judged {
    const content = seedContentOf(gateway);
    if (typeof content === "string") {
        return { trusted: false, why: content };
    }
    const { ruleset } = content;
    if (ruleset.kind !== "known" || ruleset.value === undefined) {
        return { trusted: false, why: ruleset.kind === "known" ? "its seed holds no ruleset" : `its ruleset is ${ruleset.kind}: ${ruleset.why}` };
    }
    const digest = digestOf(ruleset.value);
    const plan = planOf(gateway, members.filter((m) => !isGateway(m.domain)), content);
    if (typeof plan === "string") {
        return { ruleset: ruleset.value, trusted: false, digest, why: plan };
    }
    const expected = digestOf(gatewayRuleset(plan));
    return expected === digest && ruleset.value.flushes
        ? { ruleset: ruleset.value, trusted: true, digest }
        : { ruleset: ruleset.value, trusted: false, digest, why: `its ruleset (sha256 ${digest.slice(0, 12)}) is not the one rendered for its NICs and Workstations (${expected.slice(0, 12)})` };
}
