/**
 * What this project would write into a guest, worked out from its seed alone: every choice of a configuration
 * that the seed shows is read from it.
 */
import { dataOf } from "../../cloud-init/data";
import { gatewayFiles } from "../../cloud-init/gateway";
import { NIC, PATHS } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { bootRuleset } from "../../cloud-init/nft/until-time";
import { timePlanOf } from "../../cloud-init/time";
import { workstationFiles } from "../../cloud-init/workstation";
import { INNER_GATEWAY, INNER_PREFIX, innerMac, workstationPlaces } from "../../values/addresses";
import { parseRuleset } from "../../model/adapters/seed/nft";
import { isGateway, type Domain, type SeedContent, type SeedFile } from "../../model";
import type { NicPlan, WorkstationFilesPlan, WorkstationGuest } from "../../plan/guest-plan";
import { CONTROL_PORT, portChoice } from "../../values/ports";
import { controlledBy } from "../../reachability/egress";
import { accepting, portsOf } from "./firewall";
import { contentOf, planOfSeed, nicPlan, type ExpectedGuest } from "./guest";
import { timesAllowed } from "./time";

/**
 * The Workstations that the Gateway's control filter serves, each in its place; who else there is does not
 * show in the seed.
 */
function controlled(files: readonly SeedFile[]): NicPlan[] {
    const macs = new Map(workstationPlaces().map(({ mac, address }) => [address, mac]));
    return controlledBy(files).flatMap((address): NicPlan[] => {
        const mac = macs.get(address);
        return mac === undefined ? [] : [{ interface: NIC.workstation, mac, address, prefix: INNER_PREFIX }];
    });
}

/** The firewall that a Workstation has once its time is set; undefined when it cannot be read. */
function openRuleset(content: SeedContent, files: readonly SeedFile[]): Ruleset | undefined {
    const later = files.find((file) => file.path === PATHS.openRuleset);
    if (later === undefined) {
        return content.ruleset.kind === "known" ? content.ruleset.value : undefined;
    }
    try {
        return parseRuleset(later.content);
    } catch {
        return undefined;
    }
}

function workstationAlone(content: SeedContent): ExpectedGuest | undefined {
    const files = content.files.kind === "known" ? content.files.value : [];
    const own = content.network.kind === "known" ? (content.network.value?.nics ?? []) : [];
    const ruleset = openRuleset(content, files);
    const [entry] = own;
    if (entry === undefined || own.length !== 1 || ruleset === undefined) {
        return undefined;
    }
    const chains = ruleset.tables.flatMap((table) => table.chains).filter((chain) => chain.hook === "output");
    const ports = chains.flatMap(accepting).flatMap((rule) => portsOf(rule, "tcp"));
    const time = timePlanOf(files, timesAllowed);
    const inner: NicPlan = {
        interface: NIC.inner,
        mac: innerMac(INNER_GATEWAY),
        address: INNER_GATEWAY,
        prefix: INNER_PREFIX,
    };
    const home = dataOf(files);
    const workstation: WorkstationGuest = {
        nic: nicPlan(entry, NIC.workstation),
        ...(home === undefined ? {} : { home }),
        control: ports.includes(CONTROL_PORT),
    };
    const enclave: WorkstationFilesPlan = {
        gateway: { inner },
        ...portChoice(ports, ports),
        transparentProxy:
            files
                .find((file) => file.path === PATHS.resolvConf)
                ?.content.includes(`nameserver ${INNER_GATEWAY}\n`) === true,
        // Shut until a time that no source is asked for: no configuration of ours.
        ...(time === undefined || (time.strict && time.sources.length === 0) ? {} : { time }),
    };
    return { files: workstationFiles(enclave, workstation), ruleset: bootRuleset(enclave, workstation) };
}

/**
 * What the guest that runs a seed gets from this project in a configuration that the seed agrees with;
 * undefined when there is none.
 */
export function expectedAlone(guest: Domain): ExpectedGuest | undefined {
    const content = contentOf(guest);
    if (content === undefined || !isGateway(guest)) {
        return content === undefined ? undefined : workstationAlone(content);
    }
    const files = content.files.kind === "known" ? content.files.value : [];
    const enclave = planOfSeed(content, controlled(files));
    return enclave === undefined
        ? undefined
        : { files: gatewayFiles(enclave), ruleset: gatewayRuleset(enclave) };
}
