/** From configuration to plan: the one place that decides addresses, names and MACs. Pure. */
import type { EnclaveConfig, SallyportConfig } from "../config/schema";
import {
    INNER_FIRST_WORKSTATION,
    INNER_GATEWAY,
    INNER_PREFIX,
    INNER_SUBNET,
    innerMac,
    nth,
    parseSubnet,
} from "../values/addresses";
import { formatCpuset, parseCpuset } from "../values/cpuset";
import { DATA_POOL_SUFFIX } from "../values/disk-files";
import { plannedEgress } from "./egress-plan";
import { deepFreeze } from "../util/freeze";
import {
    bridgeName,
    enclavePrefix,
    externalMac,
    externalNetworkName,
    dataVolumeName,
    externalSubnet,
    gatewayName,
    isolatedNetworkName,
    stackPrefix,
    workstationName,
    type EnclaveIdentity,
} from "../values/names";
import { CUSTOM_PORTS, portChoice } from "../values/ports";
import type { NicPlan } from "./guest-plan";
import type {
    EnclavePlan,
    ExternalNetworkPlan,
    GatewayPlan,
    PoolPlan,
    StackPlan,
    DataVolumePlan,
    WorkstationPlan,
} from "./plan";
import { timePlan } from "./time";
import type { ZonePlan } from "../values/zones";

const inner = (name: "int0" | "eth0", address: string, route?: string): NicPlan => ({
    interface: name,
    mac: innerMac(address),
    address,
    prefix: INNER_PREFIX,
    ...(route === undefined ? {} : { route }),
});

const inZone = (zone: string | undefined): { zone?: string } => (zone === undefined ? {} : { zone });

/** The external network and the Gateway's NIC on it. */
function external(
    id: EnclaveIdentity,
    config: EnclaveConfig["external"],
    zone: ZonePlan["external"],
): { network: ExternalNetworkPlan; nic: NicPlan } {
    const name = externalNetworkName(id);
    const mac = config.mac ?? externalMac(id);
    if (config.mode === "nat") {
        const subnet = parseSubnet(config.subnet ?? externalSubnet(id));
        const bridge = config.bridge ?? bridgeName(id, "external");
        return {
            network: {
                mode: "nat",
                name,
                bridge,
                subnet: subnet.cidr,
                prefix: subnet.prefix,
                ...inZone(zone),
            },
            // libvirt gives the host the subnet's first address.
            nic: {
                interface: "ext0",
                mac,
                address: nth(subnet, 2),
                prefix: subnet.prefix,
                route: nth(subnet, 1),
            },
        };
    }
    const [address = "", length = ""] = config.address.split("/");
    const prefix = Number(length);
    return {
        network: { mode: "bridge", name, bridge: config.bridge, prefix },
        nic: { interface: "ext0", mac, address, prefix, route: config.route },
    };
}

/** The golden image's own size, in GiB (image/build). */
const IMAGE_GIB = 4;

const root = ({ sizeGiB }: EnclaveConfig["gateway"]["root"]): { rootGiB?: number } =>
    sizeGiB === IMAGE_GIB ? {} : { rootGiB: sizeGiB };

/** The volume of a guest that outlives it. @param names by which the settings may allow that it goes */
const dataVolume = (
    volume: string,
    { sizeMiB, paths = [] }: { readonly sizeMiB: number; readonly paths?: readonly string[] },
    names: readonly string[],
    allowed: readonly string[],
): DataVolumePlan => ({
    volume,
    sizeMiB,
    ...(paths.length === 0 ? {} : { paths }),
    ...(names.some((name) => allowed.includes(name)) ? { mayBeLost: true as const } : {}),
});

const pool = (root: string, name: string): PoolPlan => ({ name, path: `${root}/${name}` });

function enclavePlan(
    id: EnclaveIdentity,
    config: EnclaveConfig,
    { storage, torNetwork, firewalldZone, allowDataLoss }: SallyportConfig,
): EnclavePlan {
    const { network, nic } = external(id, config.external, firewalldZone.external);
    const domain = gatewayName(id);
    // A Workstation that is called gateway would share the short name: then each goes by its domain.
    const short = (name: string): string[] =>
        config.workstations.some((w) => w.name === "gateway") && name === "gateway"
            ? []
            : [`${config.name}/${name}`];
    const gateway: GatewayPlan = {
        domain,
        memoryMiB: config.gateway.memoryMiB,
        vcpus: config.gateway.vcpus,
        ...root(config.gateway.root),
        state: dataVolume(
            dataVolumeName("gateway", domain),
            config.gateway.state,
            [domain, ...short("gateway")],
            allowDataLoss,
        ),
        inner: inner("int0", INNER_GATEWAY),
        outer: nic,
        readyTimeoutSeconds: config.gateway.readyTimeoutSeconds,
    };
    const workstations = config.workstations.map((w): WorkstationPlan => {
        const name = workstationName(id, w.name);
        return {
            name: w.name,
            domain: name,
            memoryMiB: w.memoryMiB,
            vcpus: w.vcpus,
            ...root(w.root),
            nic: inner("eth0", w.address ?? INNER_FIRST_WORKSTATION, INNER_GATEWAY),
            ...(w.control ? { control: true } : {}),
            ...(w.home === false
                ? {}
                : {
                      home: dataVolume(
                          dataVolumeName("workstation", name),
                          { sizeMiB: w.home.sizeGiB * 1024, paths: w.home.paths },
                          [name, ...short(w.name)],
                          allowDataLoss,
                      ),
                  }),
        };
    });
    return {
        name: config.name,
        prefix: enclavePrefix(id),
        isolated: {
            name: isolatedNetworkName(id),
            bridge: config.isolated.bridge ?? bridgeName(id, "isolated"),
            subnet: INNER_SUBNET,
            prefix: INNER_PREFIX,
            ...inZone(firewalldZone.isolated),
        },
        external: network,
        pool: pool(storage.path, enclavePrefix(id)),
        statusPool: pool(storage.path, `${enclavePrefix(id)}-status`),
        dataPool: pool(storage.path, `${enclavePrefix(id)}${DATA_POOL_SUFFIX}`),
        gateway,
        workstations,
        transparentProxy: config.transparentProxy,
        ...portChoice(config.customSocksPorts ?? CUSTOM_PORTS, config.httpTunnelPorts),
        ...plannedEgress(config),
        ...(torNetwork.dirAuthorities.length === 0
            ? {}
            : { torNetwork: { dirAuthorities: torNetwork.dirAuthorities } }),
        ...(config.cpus === undefined ? {} : { cpus: formatCpuset(parseCpuset(config.cpus)) }),
        time: timePlan(config.clock, torNetwork),
    };
}

/**
 * The plan of a stack. It may still hold conflicts: see `conflicts.ts`. Workstations have their addresses written
 * down, or are alone: see `allotment.ts`.
 */
export function buildPlan(project: string, stack: string, config: SallyportConfig): StackPlan {
    const prefix = stackPrefix({ project, stack });
    return deepFreeze({
        uri: config.uri,
        prefix,
        virt: config.virt,
        wipe: config.storage.wipe,
        imagePool: pool(config.storage.path, `${prefix}-image`),
        enclaves: config.enclaves.map((e) => enclavePlan({ project, stack, enclave: e.name }, e, config)),
    });
}
