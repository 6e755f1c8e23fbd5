/**
 * The ruleset that we would render for a Gateway as it is attached: its own NICs, and every Workstation that
 * is on its isolated network with the MAC and address that it has there. Equal to what the seed holds: then
 * the rules are known.
 */
import { createHash } from "node:crypto";
import { NIC, PATHS } from "../cloud-init/guest";
import { gatewayRuleset } from "../cloud-init/nft/gateway";
import type { Ruleset } from "../cloud-init/nft/model";
import { LOCAL_RANGES, localRangesOf } from "../values/ranges";
import { renderRuleset } from "../cloud-init/nft/render";
import {
    declaredCounters,
    isGateway,
    nicsOf,
    possible,
    type Domain,
    type Fact,
    type Nic,
    type SeedContent,
    type SeedFile,
    type SeedNic,
    type SeedRuleset,
} from "../model";
import { AUTOMAP_SUBNET, INNER_PREFIX, INNER_SUBNET, parsePlace } from "../values/addresses";
import { memoize } from "../util/memoize";
import { isInside } from "./firewall";
import type { EnclavePlan, NicPlan } from "../plan/plan";
import { controlledBy, egressPlan, portsOf, valuesOf } from "./egress";

/** The tunnel's interface (cloud-init/guest.ts, NIC.tunnel). */
export const TUNNEL_NIC = "tun0";

/** Keys in one order, whoever wrote them. */
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

const NO_FILES: readonly SeedFile[] = [];
const valueOf = <T>(fact: Fact<T>): T | undefined => (fact.kind === "known" ? fact.value : undefined);

/** How the Gateway with this seed leaves, as far as its seed can be read. */
const egressOf = memoize(
    ({ torrc, files, ruleset }: SeedContent): Pick<EnclavePlan, "egress" | "upstreamProxy" | "tunnel"> =>
        egressPlan(
            valueOf(torrc) ?? [],
            valueOf(files) ?? [],
            valueOf(ruleset) ?? { tables: [] },
            TUNNEL_NIC,
        ),
);

/** The only seed that a domain may have, or why there is none. */
export function seedContentOf(domain: Domain): SeedContent | string {
    const seeds = possible(domain.seeds);
    if (seeds?.length !== 1 || seeds[0]?.length !== 1) {
        return seeds === undefined || seeds.length !== 1
            ? "its seed is not known"
            : `it has ${seeds[0]?.length ?? 0} seeds`;
    }
    return seeds[0][0]?.content ?? "its seed is not known";
}

/** Network-config's entry for a NIC, by MAC. */
export function seedNicOf(content: SeedContent, nic: Nic): SeedNic | string {
    if (content.network.kind !== "known" || content.network.value === undefined) {
        return "its network-config is not known";
    }
    const mac = nic.mac.kind === "known" ? nic.mac.value : undefined;
    const found = mac === undefined ? [] : content.network.value.nics.filter((n) => n.mac === mac);
    return found.length === 1 && found[0] !== undefined
        ? found[0]
        : `network-config has ${found.length} entries for the MAC of nic ${nic.index}`;
}

function nicPlan(domain: Domain, nic: Nic, content = seedContentOf(domain)): NicPlan | string {
    const entry = typeof content === "string" ? content : seedNicOf(content, nic);
    if (typeof entry === "string") {
        return `${domain.resource.name}: ${entry}`;
    }
    const place = parsePlace(entry.addresses[0] ?? "");
    if (entry.addresses.length !== 1 || entry.mac === undefined || place === undefined) {
        return `${domain.resource.name}: nic ${nic.index} has ${entry.addresses.length} addresses${place === undefined ? ", the first of them none such as 192.0.2.10/24" : ""}`;
    }
    return { interface: entry.name as NicPlan["interface"], mac: entry.mac, ...place };
}

const size = { domain: "", memoryMiB: 0, vcpus: 0 };

/** @param inside members of the isolated network that are no Gateways */
function planOf(
    gateway: Domain,
    inside: readonly { readonly domain: Domain; readonly nic: Nic }[],
    content: SeedContent,
): EnclavePlan | string {
    const nics = nicsOf(gateway).map((nic) => nicPlan(gateway, nic, content));
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
    const control = controlledBy(valueOf(content.files) ?? NO_FILES);
    return {
        name: "",
        prefix: "",
        isolated: network,
        external: { ...network, mode: "nat" },
        pool: { name: "", path: "" },
        statusPool: { name: "", path: "" },
        gateway: { ...size, inner: inner[0], outer: outer[0], readyTimeoutSeconds: 0 },
        workstations: workstations
            .filter((n): n is NicPlan => typeof n !== "string")
            .map((nic) => ({ ...size, name: "", nic, control: control.includes(nic.address) })),
        ...portsOf(content.torrc.value),
        ...egressOf(content),
        transparentProxy: valuesOf(content.torrc.value, "TransPort").length > 0,
    };
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

/**
 * Whether the text is `pieces.join(between)`. Long texts are compared as they lie: slices are not copied, a
 * join is.
 */
function isJoined(text: string, pieces: readonly string[], between: string): boolean {
    let at = 0;
    const goesOn = (part: string): boolean => text.slice(at, (at += part.length)) === part;
    return pieces.every((piece, i) => (i === 0 || goesOn(between)) && goesOn(piece)) && at === text.length;
}

/** Ranges that rules of ours name: addresses in the same ones are treated alike. */
const RANGES = [...LOCAL_RANGES, AUTOMAP_SUBNET, INNER_SUBNET].map((range) => [range]);
export const rangesOf = (address: string): string =>
    RANGES.map((range) => (isInside(address, range) ? "1" : "0")).join("");

/**
 * What we render for a plan, with the outer address left open: it is the only thing in which most Gateways of
 * a large stack differ, so that their rules are rendered once.
 */
function expectedText(plan: EnclavePlan): Rendered {
    const {
        gateway,
        workstations,
        transparentProxy,
        egress,
        upstreamProxy,
        tunnel,
        customSocksPorts,
        httpTunnelPorts,
    } = plan;
    const key = JSON.stringify([
        gateway.inner,
        { ...gateway.outer, address: "", mac: "" },
        rangesOf(gateway.outer.address),
        localRangesOf(gateway.outer),
        workstations.map((w) => [w.nic, w.control === true]),
        transparentProxy,
        egress,
        upstreamProxy,
        tunnel,
        customSocksPorts,
        httpTunnelPorts,
    ]);
    let made = rendered.get(key);
    if (made === undefined) {
        made = {
            kind: `kind ${rendered.size}`,
            pieces: around(renderRuleset(gatewayRuleset(plan)), gateway.outer.address),
        };
        rendered.set(key, made);
    }
    return made;
}

/** Whether its rules name places that are secrets, or stand in a seed that is one. */
const holdsSecrets = ({ egress, upstreamProxy, tunnel }: EnclavePlan): boolean =>
    egress?.mode === "bridges" || upstreamProxy !== undefined || tunnel !== undefined;

/** Rules of a Gateway and whether they are ours. */
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
    const plan = planOf(
        gateway,
        members.filter((m) => !isGateway(m.domain)),
        content,
    );
    if (typeof plan === "string") {
        return { ruleset: rules, trusted: false, digest: none, why: plan };
    }
    const shown = (sum: string): string | undefined => (holdsSecrets(plan) ? undefined : sum.slice(0, 12));
    const digest = (): string | undefined => shown(digestOf(rules));
    const { kind, pieces } = expectedText(plan);
    const file =
        files.kind === "known" ? files.value.find((f) => f.path === PATHS.ruleset)?.content : undefined;
    if (file !== undefined && isJoined(file, pieces, plan.gateway.outer.address)) {
        return { ruleset: rules, trusted: true, kind, digest };
    }
    // Comments and the order of sets change nothing.
    const [own, expected] = [digestOf(rules), digestOf(gatewayRuleset(plan))];
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
