/**
 * The plan of a stack: every name, address, port and MAC, decided by pure functions before any resource is
 * declared. The Pulumi program, cloud-init, the firewall, policies and tests read these records and nothing
 * else.
 */

import type {
    DataGuest,
    GatewayFilesPlan,
    NicPlan,
    WorkstationFilesPlan,
    WorkstationGuest,
} from "./guest-plan";

/** The network behind the Gateway's only other member, the Workstations. */
export interface IsolatedNetworkPlan {
    readonly name: string;
    readonly bridge: string;
    readonly subnet: string;
    readonly prefix: number;
    /** Zone of firewalld that its bridge is put in; absent: libvirt's own. */
    readonly zone?: string;
}

/** A NAT network of libvirt's, made for this enclave alone. */
interface NatNetworkPlan {
    readonly mode: "nat";
    readonly name: string;
    readonly bridge: string;
    readonly subnet: string;
    readonly prefix: number;
    /** Zone of firewalld that its bridge is put in; absent: libvirt's own. */
    readonly zone?: string;
}

/** A bridge that the host already has. */
interface BridgeNetworkPlan {
    readonly mode: "bridge";
    readonly name: string;
    readonly bridge: string;
    readonly prefix: number;
}

export type ExternalNetworkPlan = NatNetworkPlan | BridgeNetworkPlan;

interface DomainPlan {
    /** libvirt's name of the domain. */
    readonly domain: string;
    /** Guest memory in MiB. */
    readonly memoryMiB: number;
    readonly vcpus: number;
    /** Size of the root disk in GiB; absent: the golden image's. */
    readonly rootGiB?: number;
}

/** A volume that outlives its guest. */
export interface DataVolumePlan extends DataGuest {
    /** libvirt's name of the volume, in the enclave's data pool. */
    readonly volume: string;
    /** When it is made; later it is what `sallyport resize` made it. */
    readonly sizeMiB: number;
    /** Whether the settings allow that it goes (`allowDataLoss`); absent: no. */
    readonly mayBeLost?: true;
}

export interface GatewayPlan extends DomainPlan {
    readonly inner: NicPlan;
    readonly outer: NicPlan;
    /** tor's data. */
    readonly state?: DataVolumePlan;
    /** How long Workstations wait for this Gateway's tor, in seconds. */
    readonly readyTimeoutSeconds: number;
}

export interface WorkstationPlan extends DomainPlan, WorkstationGuest {
    /** The name in the configuration; seen on the host only. */
    readonly name: string;
    readonly home?: DataVolumePlan;
}

/** A libvirt pool and its directory on the lab host, which the pool makes and removes. */
export interface PoolPlan {
    readonly name: string;
    readonly path: string;
}

/** One identity: an isolated network, its Gateway, its Workstations. */
export interface EnclavePlan extends GatewayFilesPlan, WorkstationFilesPlan {
    readonly name: string;
    /** `<project>-<stack>-<enclave>`. */
    readonly prefix: string;
    readonly isolated: IsolatedNetworkPlan;
    readonly external: ExternalNetworkPlan;
    /** Overlays and seeds; enclaves share no writable storage. */
    readonly pool: PoolPlan;
    /** Where libvirt writes the Gateway's status lines. */
    readonly statusPool: PoolPlan;
    /** Volumes that outlive their guests: a pool of their own, so that the others can go without them. */
    readonly dataPool: PoolPlan;
    readonly gateway: GatewayPlan;
    readonly workstations: readonly WorkstationPlan[];
    /** Processors of the lab host that its guests run on (cpuset.ts); absent: any. */
    readonly cpus?: string;
}

/** How libvirt runs the domains. */
export interface VirtPlan {
    /** kvm, or qemu (emulated: slow, for hosts without virtualisation). */
    readonly type: "kvm" | "qemu";
    /** Named CPU model; the same for everyone, so that guests look alike. */
    readonly cpuModel: string;
}

export interface StackPlan {
    /** libvirt connection URI. */
    readonly uri: string;
    readonly prefix: string;
    readonly virt: VirtPlan;
    /** Whether guests' volumes are overwritten before they are removed. */
    readonly wipe: boolean;
    /** Holds the golden image, which every overlay of the stack reads and none writes. */
    readonly imagePool: PoolPlan;
    readonly enclaves: readonly EnclavePlan[];
}
