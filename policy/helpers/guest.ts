/**
 * What this project would write into a guest, worked out from the model alone, to compare with what its seed
 * writes.
 */
import { gatewayFiles } from "../../cloud-init/gateway";
import { NIC } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { bootRuleset } from "../../cloud-init/nft/until-time";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import type { TorLine } from "../../cloud-init/torrc/options";
import type { GuestFile } from "../../cloud-init/user-data";
import { workstationFiles } from "../../cloud-init/workstation";
import { INNER_SUBNET, INNER_PREFIX } from "../../values/addresses";
import {
    declaredCounters,
    enclavesOf,
    isGateway,
    possible,
    type Domain,
    type Model,
    type Seed,
    type SeedContent,
    type SeedNic,
    type TorOptionLine,
} from "../../model";
import type { EnclavePlan, NicPlan, WorkstationPlan } from "../../plan/plan";
import { controlledBy, egressPlan, portsOf, valuesOf } from "../../reachability/egress";
import { addressOf, prefixOf } from "./seed";
import { timeOf } from "./time";

/** Content of the one seed that a domain surely has. */
export function contentOf(domain: Domain): SeedContent | undefined {
    const seeds = new Set((possible<readonly Seed[]>(domain.seeds) ?? []).flat());
    return seeds.size === 1 ? [...seeds][0]?.content : undefined;
}

export function nicPlan(nic: SeedNic, name: NicPlan["interface"]): NicPlan {
    const cidr = nic.addresses[0] ?? "";
    const route = nic.routes[0]?.via;
    return {
        interface: name,
        mac: nic.mac ?? "",
        address: addressOf(cidr),
        prefix: prefixOf(cidr),
        ...(route === undefined ? {} : { route }),
    };
}

const nicsOf = (content: SeedContent): readonly SeedNic[] =>
    content.network.kind === "known" ? (content.network.value?.nics ?? []) : [];
const transparent = (content: SeedContent): boolean =>
    content.torrc.kind === "known" &&
    (content.torrc.value ?? []).some(
        (line) => line.option.toLowerCase() === "transport" && line.value !== "0",
    );

/** The Gateway of a domain's enclave: itself, or the one Gateway on its network. */
function gatewayOf(model: Model, domain: Domain): Domain | undefined {
    if (isGateway(domain)) {
        return domain;
    }
    const gateways = enclavesOf(model)
        .filter((e) => e.workstations.includes(domain))
        .flatMap((e) => e.gateways);
    return gateways.length === 1 ? gateways[0] : undefined;
}

function workstations(model: Model, gateway: Domain, control: readonly string[]): WorkstationPlan[] {
    const members = enclavesOf(model)
        .filter((e) => e.gateways.includes(gateway))
        .flatMap((e) => e.workstations);
    return members.flatMap((domain) => {
        const content = contentOf(domain);
        return content === undefined
            ? []
            : nicsOf(content).map((entry) => {
                  const nic = nicPlan(entry, NIC.workstation as "eth0");
                  return {
                      name: domain.resource.name,
                      domain: domain.resource.name,
                      memoryMiB: 0,
                      vcpus: 0,
                      nic,
                      control: control.includes(nic.address),
                  };
              });
    });
}

/** The enclave's plan as far as guests depend on it; undefined when the model does not hold enough. */
export function enclavePlanOf(model: Model, domain: Domain): EnclavePlan | undefined {
    const gateway = gatewayOf(model, domain);
    const content = gateway === undefined ? undefined : contentOf(gateway);
    if (gateway === undefined || content === undefined) {
        return undefined;
    }
    const files = content.files.kind === "known" ? content.files.value : [];
    return gatewayPlanOf(content, workstations(model, gateway, controlledBy(files)));
}

/** The plan that a Gateway's seed was rendered from; undefined without its two NICs. */
export function gatewayPlanOf(
    content: SeedContent,
    members: readonly WorkstationPlan[],
): EnclavePlan | undefined {
    const outer = nicsOf(content).find((nic) => nic.name === NIC.outer);
    const inner = nicsOf(content).find((nic) => nic.name === NIC.inner);
    if (outer === undefined || inner === undefined) {
        return undefined;
    }
    const pool = { name: "", path: "" };
    const files = content.files.kind === "known" ? content.files.value : [];
    const torrc = content.torrc.kind === "known" ? (content.torrc.value ?? []) : [];
    const ruleset = content.ruleset.kind === "known" ? content.ruleset.value : undefined;
    return {
        name: "",
        prefix: "",
        isolated: { name: "", bridge: "", subnet: INNER_SUBNET, prefix: INNER_PREFIX },
        external: { mode: "bridge", name: "", bridge: "", prefix: prefixOf(outer.addresses[0] ?? "") },
        pool,
        statusPool: pool,
        gateway: {
            domain: "",
            memoryMiB: 0,
            vcpus: 0,
            readyTimeoutSeconds: 0,
            inner: nicPlan(inner, NIC.inner as "int0"),
            outer: nicPlan(outer, NIC.outer as "ext0"),
        },
        workstations: members,
        ...portsOf(torrc),
        ...egressPlan(torrc, files, ruleset ?? { tables: [] }, NIC.tunnel),
        transparentProxy: transparent(content),
    };
}

/**
 * What torrc says of a proxy's user, and of a Tor network of somebody's own: nothing else in a seed knows it.
 */
function toldByTorrc(plan: EnclavePlan, torrc: readonly TorOptionLine[]): EnclavePlan {
    const only = (option: string): string | undefined => valuesOf(torrc, option)[0];
    const [, user, password] =
        plan.upstreamProxy?.kind === "socks5"
            ? ["", only("Socks5ProxyUsername"), only("Socks5ProxyPassword")]
            : (/^([^:]*):(.*)$/.exec(only("HTTPSProxyAuthenticator") ?? "") ?? []);
    const dirAuthorities = valuesOf(torrc, "DirAuthority");
    return {
        ...plan,
        ...(plan.upstreamProxy === undefined || user === undefined || password === undefined
            ? {}
            : { upstreamProxy: { ...plan.upstreamProxy, user, password } }),
        ...(dirAuthorities.length === 0 ? {} : { torNetwork: { dirAuthorities } }),
    };
}

/**
 * The torrc that this project renders for a Gateway's NICs, ports and egress; undefined when the model does
 * not hold enough.
 */
export function expectedTorrc(model: Model, gateway: Domain): readonly TorLine[] | undefined {
    const plan = enclavePlanOf(model, gateway);
    const torrc = contentOf(gateway)?.torrc;
    return plan === undefined || torrc?.kind !== "known"
        ? undefined
        : gatewayTorrc(toldByTorrc(plan, torrc.value ?? []));
}

export interface ExpectedGuest {
    readonly files: readonly GuestFile[];
    readonly ruleset: Ruleset;
}

/** What the guest of this domain gets from this project; undefined when the model does not hold enough. */
export function expectedGuest(model: Model, domain: Domain): ExpectedGuest | undefined {
    const enclave = enclavePlanOf(model, domain);
    if (enclave === undefined) {
        return undefined;
    }
    if (isGateway(domain)) {
        return { files: gatewayFiles(enclave), ruleset: gatewayRuleset(enclave) };
    }
    const own = enclave.workstations.find((w) => w.domain === domain.resource.name);
    const gateway = gatewayOf(model, domain);
    const [content, files] = [
        gateway === undefined ? undefined : contentOf(gateway),
        contentOf(domain)?.files,
    ];
    const time = content === undefined || files?.kind !== "known" ? undefined : timeOf(content, files.value);
    const timed: EnclavePlan = { ...enclave, ...(time === undefined ? {} : { time }) };
    return own === undefined
        ? undefined
        : { files: workstationFiles(timed, own), ruleset: bootRuleset(timed, own) };
}

/**
 * A ruleset as text for comparison: what it does, whatever the order of a set's elements and the words of its
 * comments.
 */
export const canonical = (ruleset: Ruleset): string =>
    JSON.stringify(
        ruleset.tables.map((table) => ({
            family: table.family,
            name: table.name,
            counters: declaredCounters(table),
            sets: table.sets.map((set) => ({
                name: set.name,
                type: set.type,
                interval: set.interval ?? false,
                elements: [...set.elements].sort(),
            })),
            chains: table.chains.map((chain) => ({
                name: chain.name,
                type: chain.type,
                hook: chain.hook,
                priority: chain.priority,
                policy: chain.policy,
                rules: chain.rules.map((rule) => ({
                    matches: rule.matches.map((match) => JSON.stringify(Object.entries(match).sort())),
                    verdict: rule.verdict,
                    counter: rule.counter ?? "",
                })),
            })),
        })),
    );
