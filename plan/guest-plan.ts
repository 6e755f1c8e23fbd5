/**
 * What the files of an enclave's guests depend on, and nothing else: no name of a resource, no size, no pool.
 * A seed shows all of it, so that it can be worked out from one (reachability/seed-plan.ts).
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
export interface UpstreamProxyPlan {
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

/** How an enclave's Workstations come to the right time. */
export interface TimePlan {
    /** Most that a Workstation's clock is off at power-on, either way, in seconds. */
    readonly windowSeconds: number;
    /** Whether nothing but the time service may send before the time is set. */
    readonly strict: boolean;
    /** Pools of HTTP addresses; one of each pool is asked. Empty: the clock is not set. */
    readonly sources: readonly (readonly string[])[];
}

/** A volume that outlives its guest, as the guest's files know it. */
export interface DataGuest {
    /** Folders beside the mount point that are kept on it; absent: none. A Workstation's alone. */
    readonly paths?: readonly string[];
}

/** A Workstation as guests' files know it. */
export interface WorkstationGuest {
    readonly nic: NicPlan;
    /** Absent: nothing of it is kept. */
    readonly home?: DataGuest;
    /**
     * Whether it may use the filtered control port: new circuits and what Tor Browser shows. Absent means no.
     */
    readonly control?: boolean;
}

/** What a Workstation's files depend on, beside its own `WorkstationGuest`. */
export interface WorkstationFilesPlan extends PortChoice {
    readonly gateway: { readonly inner: NicPlan };
    /** Whether TCP and DNS that go to no SocksPort are carried over TransPort and DNSPort. */
    readonly transparentProxy: boolean;
    /** Absent: Workstations have no time service. */
    readonly time?: TimePlan;
}

/** How a Gateway's tor leaves. */
export interface EgressChoice {
    /** Where tor may connect to; absent for mode "tor". */
    readonly egress?: EgressPlan;
    readonly upstreamProxy?: UpstreamProxyPlan;
    readonly tunnel?: TunnelPlan;
}

/** What a Gateway's files depend on. */
export interface GatewayFilesPlan extends PortChoice, EgressChoice {
    readonly gateway: {
        readonly inner: NicPlan;
        readonly outer: NicPlan;
        /** Absent: tor's data goes with the guest. */
        readonly state?: DataGuest;
    };
    readonly workstations: readonly WorkstationGuest[];
    /** Whether TCP and DNS that go to no SocksPort are carried over TransPort and DNSPort. */
    readonly transparentProxy: boolean;
    /** The private Tor network; absent for the public one. */
    readonly torNetwork?: TorNetwork;
}
