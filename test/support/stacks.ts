/** Stacks for tests: what `pulumi stack export` says of a plan, without an engine. Mirrors components/. */
import { gatewaySeed, workstationSeed, type Seed } from "../../cloud-init/seed";
import { cliLine } from "../../components/cli-command";
import {
    BRIDGE_NETWORK_STYLESHEET,
    isolatedNetworkStylesheet,
    MACHINE,
    natNetworkStylesheet,
    PRIVATE_VOLUME_STYLESHEET,
    domainStylesheet,
} from "../../libvirt/stylesheet";
import { loadPlan } from "../../plan/load";
import { CLOCK_PREFIX, CLOCK_WINDOW } from "../../values/clock";
import { OVERLAY_SUFFIX, SEED_SUFFIX } from "../../values/disk-files";
import type { EnclavePlan, PoolPlan, StackPlan } from "../../plan/plan";
import { WORKSTATION_FILTER_DIGEST } from "../../libvirt/workstation-filter";
import { placed } from "./placed";

/** A resource of an export, typed without detail so that tests can break it. */
export interface State {
    urn: string;
    type: string;
    custom: boolean;
    id?: string;
    inputs: Record<string, unknown>;
    outputs?: Record<string, unknown>;
    provider?: string;
    parent?: string;
    dependencies?: string[];
    propertyDependencies?: Record<string, string[]>;
    protect?: boolean;
}

export interface Export {
    version: number;
    deployment: { resources: State[] };
}

const urn = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
const PROVIDER = urn("pulumi:providers:libvirt", "shop-dev");

const resource = (
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    more: Partial<State> = {},
): State => ({
    urn: urn(`libvirt:index/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`, name),
    type: `libvirt:index/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`,
    custom: true,
    id: `id-${name}`,
    provider: `${PROVIDER}::1`,
    inputs,
    dependencies: [],
    propertyDependencies: {},
    ...more,
    // Read back as it is declared, whatever a test declares.
    get outputs() {
        return this.inputs;
    },
});

const component = (type: string, name: string, inputs: Record<string, unknown>, parent?: string): State => ({
    urn: urn(`sallyport:index:${type}`, name),
    type: `sallyport:index:${type}`,
    custom: false,
    inputs,
    ...(parent === undefined ? {} : { parent }),
});

/** libvirt's ids: a UUID for networks, a path for volumes. */
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** What this project's own volumes have of their seed's digest in their names. */
const GENERATION = "3f9c02d1";

const pool = ({ name, path }: PoolPlan, parent?: string): State =>
    resource("Pool", name, { name, type: "dir", target: { path } }, parent === undefined ? {} : { parent });

interface DomainOptions {
    readonly role: "gateway" | "workstation";
    readonly domain: string;
    readonly seed: Seed;
    readonly nics: readonly { readonly networkName: string; readonly mac: string }[];
    readonly parent: string;
    readonly waitsFor: readonly string[];
}

function domain(
    plan: StackPlan,
    enclave: EnclavePlan,
    { role, domain: name, seed, nics, parent, waitsFor }: DomainOptions,
): State[] {
    const path = (file: string): string => `${enclave.pool.path}/${file}`;
    const overlayName = `${name}-${GENERATION}${OVERLAY_SUFFIX}`;
    const overlay = resource(
        "Volume",
        `${name}-overlay`,
        {
            name: overlayName,
            pool: enclave.pool.name,
            format: "qcow2",
            baseVolumeId: `${plan.imagePool.path}/golden.qcow2`,
            xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
        },
        { id: path(overlayName), parent },
    );
    const seedName = `${name}-${GENERATION}${SEED_SUFFIX}`;
    const disk = resource(
        "CloudinitDisk",
        `${name}-seed`,
        {
            name: seedName,
            pool: enclave.pool.name,
            userData: seed.userData,
            networkConfig: seed.networkConfig,
            metaData: seed.metaData,
        },
        { id: `${path(seedName)};${uuid(1)}`, parent },
    );
    const clock: State | undefined =
        role === "gateway"
            ? undefined
            : {
                  urn: urn("command:local:Command", `${name}-clock`),
                  type: "command:local:Command",
                  custom: true,
                  id: `${name}-clock`,
                  parent,
                  inputs: { create: `bin/sallyport clock-offset --window ${CLOCK_WINDOW.default}` },
                  outputs: { stdout: "-137" },
              };
    const vm = resource(
        "Domain",
        name,
        {
            name,
            type: plan.virt.type,
            machine: MACHINE,
            memory: 256,
            vcpu: 1,
            autostart: false,
            cpu: { mode: "custom" },
            disks: [{ volumeId: overlay.id }, { volumeId: path(seedName) }],
            networkInterfaces: nics.map((nic) => ({ ...nic })),
            consoles: [{ type: "pty", targetPort: "0", targetType: "serial" }],
            ...(clock === undefined ? {} : { description: `${CLOCK_PREFIX}-137` }),
            xml: {
                xslt: domainStylesheet({
                    role,
                    virt: plan.virt,
                    ...(enclave.cpus === undefined ? {} : { cpus: enclave.cpus }),
                    pool: enclave.pool,
                    statusPath: enclave.statusPool.path,
                    ...(clock === undefined ? {} : { clockWindowSeconds: CLOCK_WINDOW.default }),
                }),
            },
        },
        {
            parent,
            dependencies: [overlay.urn, disk.urn, ...waitsFor],
            propertyDependencies: {
                disks: [overlay.urn, disk.urn],
                ...(clock === undefined ? {} : { description: [clock.urn] }),
            },
        },
    );
    return [overlay, disk, vm, ...(clock === undefined ? [] : [clock])];
}

function enclaveStates(plan: StackPlan, enclave: EnclavePlan, index: number): State[] {
    const around = component("Enclave", enclave.prefix, { enclave: enclave.name });
    const isolated = resource(
        "Network",
        enclave.isolated.name,
        {
            name: enclave.isolated.name,
            mode: "none",
            bridge: enclave.isolated.bridge,
            autostart: false,
            xml: { xslt: isolatedNetworkStylesheet(enclave.isolated.zone) },
        },
        { id: uuid(index * 2), parent: around.urn },
    );
    const name = enclave.isolated.name;
    const filter: State = {
        urn: urn("command:local:Command", `${name}-filter`),
        type: "command:local:Command",
        custom: true,
        id: `${name}-filter`,
        parent: around.urn,
        inputs: {
            create: cliLine("define-filter", { uri: plan.uri, name, rules: WORKSTATION_FILTER_DIGEST }),
            delete: cliLine("remove-filter", { uri: plan.uri, name }),
        },
    };
    const nat =
        enclave.external.mode === "nat"
            ? {
                  mode: "nat",
                  addresses: [enclave.external.subnet],
                  dhcp: { enabled: false },
                  xml: { xslt: natNetworkStylesheet(enclave.external.zone) },
              }
            : { mode: "bridge", xml: { xslt: BRIDGE_NETWORK_STYLESHEET } };
    const external = resource(
        "Network",
        enclave.external.name,
        { name: enclave.external.name, bridge: enclave.external.bridge, autostart: false, ...nat },
        { id: uuid(index * 2 + 1), parent: around.urn },
    );
    const gatewayComponent = component(
        "Gateway",
        enclave.gateway.domain,
        { role: "gateway", enclave: enclave.name },
        around.urn,
    );
    const gateway = domain(plan, enclave, {
        role: "gateway",
        domain: enclave.gateway.domain,
        seed: gatewaySeed(enclave),
        parent: gatewayComponent.urn,
        waitsFor: [isolated.urn, external.urn],
        nics: [
            { networkName: enclave.external.name, mac: enclave.gateway.outer.mac },
            { networkName: enclave.isolated.name, mac: enclave.gateway.inner.mac },
        ],
    });
    const workstations = enclave.workstations.flatMap((w) => {
        const parent = component(
            "Workstation",
            w.domain,
            { role: "workstation", enclave: enclave.name },
            around.urn,
        );
        return [
            parent,
            ...domain(plan, enclave, {
                role: "workstation",
                domain: w.domain,
                seed: workstationSeed(enclave, w),
                parent: parent.urn,
                waitsFor: [gateway.at(-1)?.urn ?? "", filter.urn],
                nics: [{ networkName: enclave.isolated.name, mac: w.nic.mac }],
            }),
        ];
    });
    return [
        around,
        pool(enclave.pool, around.urn),
        pool(enclave.statusPool, around.urn),
        isolated,
        filter,
        external,
        gatewayComponent,
        ...gateway,
        ...workstations,
    ];
}

/** Plan of a configuration: what stands under `sallyport:`. */
export const planOf = (config: unknown = {}): StackPlan => loadPlan("shop", "dev", config).plan;

/** The export of a stack that was made as planned. */
export function exportOf(plan: StackPlan): Export {
    const provider: State = {
        urn: PROVIDER,
        type: "pulumi:providers:libvirt",
        custom: true,
        id: "1",
        inputs: { uri: plan.uri },
    };
    const image = resource(
        "Volume",
        "image",
        {
            name: "golden.qcow2",
            pool: plan.imagePool.name,
            source: "image.qcow2",
            format: "qcow2",
            xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
        },
        { id: `${plan.imagePool.path}/golden.qcow2` },
    );
    return {
        version: 3,
        deployment: {
            resources: [
                provider,
                pool(plan.imagePool),
                image,
                ...plan.enclaves.flatMap((e, i) => enclaveStates(plan, e, i)),
            ],
        },
    };
}

/** The resource whose URN ends like this. @throws Error when there is none */
export function find(exported: Export, name: string): State {
    const found = exported.deployment.resources.find((r) => r.urn.endsWith(`::${name}`) && r.custom);
    if (found === undefined) {
        throw new Error(`no resource ${name}`);
    }
    return found;
}

/** Enclaves of one stack; a larger export is several stacks of different names and hosts, as one text. */
const ENCLAVES = 64;
/** A Gateway and three Workstations. */
const PER_ENCLAVE = 4;

/** Resources of at least so many domains, four in each enclave, as JSON lists: one for each stack. */
export function largeStacks(domains: number): string[] {
    const enclaves = Array.from({ length: Math.min(ENCLAVES, Math.ceil(domains / PER_ENCLAVE)) }, (_, i) => ({
        name: `e${i}`,
        workstations: placed(...["a", "b", "c"].map((name) => ({ name }))),
    }));
    const resources = exportOf(planOf({ enclaves }))
        .deployment.resources.map((r) => JSON.stringify(r))
        .join();
    return Array.from({ length: Math.ceil(domains / (enclaves.length * PER_ENCLAVE)) }, (_, i) =>
        resources
            .replaceAll("pulumi:dev::", `pulumi:dev${i}::`)
            .replaceAll("qemu:///system", `qemu+ssh://host${i}/system`),
    );
}

/** The text of an export with these resources. */
export const exportText = (...stacks: readonly string[]): string =>
    `{"version":3,"deployment":{"resources":[${stacks.join()}]}}`;
