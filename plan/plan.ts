/**
 * The plan of a stack: every name, address, port and MAC, decided by pure functions before any resource is
 * declared. The Pulumi program, cloud-init, the firewall, policies and tests read these records and nothing
 * else.
 */

import type { BridgePlan } from "../values/bridge";
import type { Endpoint } from "../values/endpoint";
import type { PortChoice } from "../values/ports";

/** A private Tor network in place of the public one (the embedded lab). */
interface TorNetwork {
    /** Lines after `DirAuthority`, one for each authority (tor(1)). */
    readonly dirAuthorities: readonly string[];
}

/**
 * Where tor may connect to: any public address, its bridges, or a known set of relays. An empty set means
 * nowhere.
 */
type EgressPlan =
    | { readonly mode: "tor" }
    | { readonly mode: "bridges"; readonly bridges: readonly BridgePlan[] }
    | { readonly mode: "relay-set"; readonly relays: readonly Endpoint[] };

/** A proxy that tor must go through to reach the outside; nothing else is reached then. */
interface UpstreamProxyPlan {
    /** SOCKS5, or HTTP with CONNECT (tor(1), Socks5Proxy and HTTPSProxy). */
    readonly kind: "socks5" | "https";
    readonly endpoint: Endpoint;
    /** Secret, with the user; both or none. */
    readonly user?: string;
    readonly password?: string;
}

/** A WireGuard tunnel that tor must leave through (systemd.netdev(5)). */
export interface TunnelPlan {
    /** The peer's UDP endpoint: all that is ever sent outside goes there. */
    readonly endpoint: Endpoint;
    /** Our address inside the tunnel. */
    readonly address: string;
    readonly peerPublicKey: string;
    /** Secret. */
    readonly privateKey: string;
    /** Secret. */
    readonly presharedKey?: string;
    /** Bytes; WireGuard's own default is 1420. */
    readonly mtu?: number;
}

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

/** One NIC, with the name that it has inside the guest. */
export interface NicPlan {
    readonly interface: "ext0" | "int0" | "eth0";
    readonly mac: string;
    readonly address: string;
    readonly prefix: number;
    /** Default route; absent on the Gateway's inner NIC. */
    readonly route?: string;
    /** The one host that `route` leads to, in place of everything: a tunnel's endpoint. */
    readonly routeOnlyTo?: string;
}

interface DomainPlan {
    /** libvirt's name of the domain. */
    readonly domain: string;
    /** Guest memory in MiB. */
    readonly memoryMiB: number;
    readonly vcpus: number;
}

export interface GatewayPlan extends DomainPlan {
    readonly inner: NicPlan;
    readonly outer: NicPlan;
    /** How long Workstations wait for this Gateway's tor, in seconds. */
    readonly readyTimeoutSeconds: number;
}

export interface WorkstationPlan extends DomainPlan {
    /** The name in the configuration; seen on the host only. */
    readonly name: string;
    readonly nic: NicPlan;
    /**
     * Whether it may use the filtered control port: new circuits and what Tor Browser shows. Absent means no.
     */
    readonly control?: boolean;
}

/** How an enclave's Workstations come to the right time. */
export interface TimePlan {
    /** Most that a Workstation's clock is off at power-on, either way, in seconds. */
    readonly windowSeconds: number;
    /** Whether nothing but the time service may send before the time is set. */
    readonly strict: boolean;
    /** Pools of HTTP addresses; one of each pool is asked. Empty: nobody sets the clock. */
    readonly sources: readonly (readonly string[])[];
}

/** A libvirt pool and its directory on the lab host, which the pool makes and removes. */
export interface PoolPlan {
    readonly name: string;
    readonly path: string;
}

/** One identity: an isolated network, its Gateway, its Workstations. */
export interface EnclavePlan extends PortChoice {
    readonly name: string;
    /** `<project>-<stack>-<enclave>`. */
    readonly prefix: string;
    readonly isolated: IsolatedNetworkPlan;
    readonly external: ExternalNetworkPlan;
    /** Overlays and seeds; enclaves share no writable storage. */
    readonly pool: PoolPlan;
    /** Where libvirt writes the Gateway's status lines. */
    readonly statusPool: PoolPlan;
    readonly gateway: GatewayPlan;
    readonly workstations: readonly WorkstationPlan[];
    /** Whether TCP and DNS that go to no SocksPort are carried over TransPort and DNSPort. */
    readonly transparentProxy: boolean;
    /** The private Tor network; absent for the public one. */
    readonly torNetwork?: TorNetwork;
    /** Where tor may connect to; absent for mode "tor". */
    readonly egress?: EgressPlan;
    readonly upstreamProxy?: UpstreamProxyPlan;
    readonly tunnel?: TunnelPlan;
    /** Processors of the lab host that its guests run on (cpuset.ts); absent: any. */
    readonly cpus?: string;
    /** Absent: Workstations have no time service. */
    readonly time?: TimePlan;
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
