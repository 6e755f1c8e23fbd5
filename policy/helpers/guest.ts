/**
 * What this project would write into a guest, worked out from the model alone, to compare with what its seed
 * writes.
 */
import { dataOf } from "../../cloud-init/data";
import { gatewayFiles } from "../../cloud-init/gateway";
import { NIC } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { bootRuleset } from "../../cloud-init/nft/until-time";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import type { TorLine } from "../../cloud-init/torrc/options";
import type { GuestFile } from "../../cloud-init/user-data";
import { workstationFiles } from "../../cloud-init/workstation";
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
} from "../../model";
import type { GatewayFilesPlan, NicPlan, WorkstationFilesPlan } from "../../plan/guest-plan";
import { gatewayPlanOf } from "../../reachability/seed-plan";
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

/** A Workstation, and one NIC of its seed. */
interface Member {
    readonly domain: Domain;
    readonly nic: NicPlan;
}

function membersOf(model: Model, gateway: Domain): Member[] {
    const domains = enclavesOf(model)
        .filter((e) => e.gateways.includes(gateway))
        .flatMap((e) => e.workstations);
    return domains.flatMap((domain) => {
        const content = contentOf(domain);
        return content === undefined
            ? []
            : nicsOf(content).map((nic) => ({ domain, nic: nicPlan(nic, NIC.workstation) }));
    });
}

/** The plan that a Gateway's seed was rendered from; undefined without its two NICs. */
export function planOfSeed(
    content: SeedContent,
    workstations: readonly NicPlan[],
): GatewayFilesPlan | undefined {
    const [outer, inner] = [NIC.outer, NIC.inner].map((name) =>
        nicsOf(content).find((nic) => nic.name === name),
    );
    return outer === undefined || inner === undefined
        ? undefined
        : gatewayPlanOf(content, {
              outer: nicPlan(outer, NIC.outer),
              inner: nicPlan(inner, NIC.inner),
              workstations,
          });
}

/** The plan of a domain's enclave by its seeds; undefined when the model does not hold enough. */
export function enclavePlanOf(model: Model, domain: Domain): GatewayFilesPlan | undefined {
    const gateway = gatewayOf(model, domain);
    const content = gateway === undefined ? undefined : contentOf(gateway);
    return gateway === undefined || content === undefined
        ? undefined
        : planOfSeed(
              content,
              membersOf(model, gateway).map(({ nic }) => nic),
          );
}

/**
 * The torrc that this project renders for a Gateway's NICs, ports and egress; undefined when the model does
 * not hold enough.
 */
export function expectedTorrc(model: Model, gateway: Domain): readonly TorLine[] | undefined {
    const plan = enclavePlanOf(model, gateway);
    return plan === undefined || contentOf(gateway)?.torrc.kind !== "known" ? undefined : gatewayTorrc(plan);
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
    const gateway = gatewayOf(model, domain);
    const content = gateway === undefined ? undefined : contentOf(gateway);
    const files = contentOf(domain)?.files;
    const members = gateway === undefined ? [] : membersOf(model, gateway);
    const own =
        enclave.workstations[members.findIndex((m) => m.domain.resource.name === domain.resource.name)];
    const time = content === undefined || files?.kind !== "known" ? undefined : timeOf(content, files.value);
    const timed: WorkstationFilesPlan = { ...enclave, ...(time === undefined ? {} : { time }) };
    const home = files?.kind === "known" ? dataOf(files.value) : undefined;
    const kept = own === undefined || home === undefined ? own : { ...own, home };
    return kept === undefined
        ? undefined
        : { files: workstationFiles(timed, kept), ruleset: bootRuleset(timed, kept) };
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
