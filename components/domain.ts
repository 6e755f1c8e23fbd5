/**
 * The one place that makes a domain, for either role: overlay, seed, hardened domain. Whatever a guest is to
 * have must be said here and in the stylesheet.
 */
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { generationOf } from "../cloud-init/generation";
import type { Role } from "../cloud-init/guest";
import type { Seed } from "../cloud-init/seed";
import { OVERLAY_SUFFIX, SEED_SUFFIX } from "../values/disk-files";
import type { PoolPlan } from "../plan/plan";
import type { BaseImage } from "./base-image";
import { clockOffset } from "./clock-offset";
import { libvirtOptions, type StackContext } from "./context";
import type { Gate } from "./readiness-gate";
import { dataVolume, type GuestData } from "./data-volume";
import { MACHINE_FAMILY, PRIVATE_VOLUME_STYLESHEET, domainStylesheet } from "../libvirt/stylesheet";
import { unwipedHook, wiping } from "./wiping";

/**
 * A NIC by the name of its network. A Gateway takes the names from the networks themselves: the engine then
 * deletes it, and what stands on it, before a network that is replaced. All of them are known at preview, so
 * policies can read them.
 */
interface Nic {
    readonly networkName: pulumi.Input<string>;
    readonly mac: string;
    /** Whether that network only stands for a bridge that the host has (mode bridge). */
    readonly bridged?: boolean;
}

/** How many NICs a role has is part of its type. */
type NicsOf<R extends Role> = R extends "gateway" ? readonly [outer: Nic, inner: Nic] : readonly [inner: Nic];

/** Only a Workstation's clock is off, by some seconds of this window either way. */
type ClockOf<R extends Role> = R extends "gateway" ? undefined : number;

/** Only a Workstation is behind a Gateway. */
type GateOf<R extends Role> = R extends "gateway" ? undefined : Gate;

export interface HardenedDomainArgs<R extends Role> {
    readonly role: R;
    readonly domain: string;
    readonly memoryMiB: number;
    readonly vcpus: number;
    readonly nics: NicsOf<R>;
    readonly seed: Seed;
    /** Whether the seed holds something that must not be seen in state, previews and logs. */
    readonly secret: boolean;
    readonly pool: PoolPlan;
    readonly statusPool: PoolPlan;
    /** The volume that outlives the guest, and its pool; undefined: none. */
    readonly data: GuestData | undefined;
    /** Size of the root disk in GiB; undefined: the golden image's. */
    readonly rootGiB: number | undefined;
    readonly image: BaseImage;
    readonly clockWindowSeconds: ClockOf<R>;
    readonly gate: GateOf<R>;
    /** Processors of the lab host that it runs on; undefined: any. */
    readonly cpus: string | undefined;
}

/**
 * libvirt shows a NIC of a bridged network as one of the bridge itself, and the provider reads it back as
 * that, without the network's name: a perpetual difference. What it hides, another bridge, replaces the
 * network, and with it the domain.
 */
const ignoredOfBridged = (nics: readonly Nic[]): string[] =>
    nics.flatMap(({ bridged }, i) =>
        bridged === true
            ? ["networkName", "networkId", "bridge"].map((key) => `networkInterfaces[${i}].${key}`)
            : [],
    );

/** Properties that hold a seed's contents. */
const SEED_PROPERTIES = ["userData", "networkConfig", "metaData"] as const;

/**
 * Declare a domain with its overlay, its seed and what outlives it, and the steps that wipe these between the
 * domain's end and theirs.
 * @param dependsOn what must be there first: networks, pools, and for a Workstation the readiness gate
 */
export function hardenedDomain<R extends Role>(
    args: HardenedDomainArgs<R>,
    context: StackContext,
    parent: pulumi.Resource,
    dependsOn: readonly pulumi.Resource[],
): libvirt.Domain {
    const { domain, image, pool, seed } = args;
    // cloud-init acts once for a disk: another seed needs another overlay, and another overlay replaces the
    // domain.
    const generation = generationOf(seed, args.secret);
    const names = {
        overlay: `${domain}-${generation}${OVERLAY_SUFFIX}`,
        seed: `${domain}-${generation}${SEED_SUFFIX}`,
    };
    const content = Object.fromEntries(
        SEED_PROPERTIES.map((key) => [key, args.secret ? pulumi.secret(seed[key]) : seed[key]]),
    );
    const options = libvirtOptions(parent, context, dependsOn);
    const onImage = libvirtOptions(parent, context, [...dependsOn, image.volume]);
    const overlay = new libvirt.Volume(
        `${domain}-overlay`,
        {
            name: names.overlay,
            pool: pool.name,
            format: "qcow2",
            baseVolumeId: image.volumeId,
            ...(args.rootGiB === undefined ? {} : { size: args.rootGiB * 2 ** 30 }),
            xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
        },
        { ...onImage, hooks: { beforeCreate: [context.leftovers, image.readBack] } },
    );
    const seedVolume = new libvirt.CloudinitDisk(
        `${domain}-seed`,
        { name: names.seed, pool: pool.name, ...content },
        args.secret ? { ...options, additionalSecretOutputs: [...SEED_PROPERTIES] } : options,
    );
    const seedKey = seedVolume.id.apply((id) => id.split(";")[0] ?? id);
    const data = args.data === undefined ? undefined : dataVolume(domain, args.data, context, parent);
    const wipings = [
        ...(data === undefined ? [] : [data.wiping]),
        wiping(
            `${domain}-overlay`,
            { domain, pool: pool.name, volume: overlay.name, key: overlay.id },
            context,
            { parent },
        ),
        wiping(
            `${domain}-seed`,
            { domain, pool: pool.name, volume: seedVolume.name, key: seedKey },
            context,
            { parent },
        ),
    ];
    const { clockWindowSeconds, gate } = args;
    const beforeCreate = [
        context.leftovers,
        context.dnsmasqFolder,
        context.activeNetworks,
        ...(context.wipe ? [unwipedHook(domain, context)] : []),
        ...(gate === undefined ? [] : [gate.ask]),
    ];
    return new libvirt.Domain(
        domain,
        {
            name: domain,
            ...(clockWindowSeconds === undefined
                ? {}
                : {
                      description: clockOffset(
                          context.step,
                          domain,
                          clockWindowSeconds,
                          [generation, ...(gate === undefined ? [] : [gate.gatewayId])],
                          { parent },
                      ),
                  }),
            type: context.virt.type,
            // The provider reads the stylesheet's version back as its family, and MACs in capitals.
            machine: MACHINE_FAMILY,
            memory: args.memoryMiB,
            vcpu: args.vcpus,
            cpu: { mode: "custom" },
            autostart: false,
            // The provider would read a `cloudinit` seed back as a second disk and replace the domain for
            // ever.
            disks: [
                { volumeId: overlay.id },
                { volumeId: seedKey },
                ...(data === undefined ? [] : [{ volumeId: data.volume.id }]),
            ],
            networkInterfaces: args.nics.map((nic) => ({
                networkName: nic.networkName,
                mac: nic.mac.toUpperCase(),
            })),
            consoles: [{ type: "pty", targetPort: "0", targetType: "serial" }],
            xml: {
                xslt: domainStylesheet({
                    role: args.role,
                    virt: context.virt,
                    pool,
                    ...(args.data === undefined ? {} : { dataPool: args.data.at }),
                    statusPath: args.statusPool.path,
                    ...(args.cpus === undefined ? {} : { cpus: args.cpus }),
                    ...(clockWindowSeconds === undefined ? {} : { clockWindowSeconds }),
                }),
            },
        },
        // The provider reads a machine back under QEMU's alias for it ("q35" where that is this version): a
        // perpetual difference. The stylesheet is what sets it. Whether a guest runs is the affair of the verbs start
        // and stop: a refresh notes that it is off, and that would replace it.
        {
            ...options,
            dependsOn: [...dependsOn, ...wipings],
            ignoreChanges: ["machine", "running", ...ignoredOfBridged(args.nics)],
            hooks: { beforeCreate },
        },
    );
}
