/**
 * Who lives where on the lab's internet. All addresses are documentation addresses (RFC 5737, RFC 3849):
 * should a frame ever leave the lab, no real host is meant by it.
 */

/** A tor relay of the private Tor network. */
export interface Relay {
    readonly nickname: string;
    readonly address: string;
    readonly orPort: number;
    /** Directory port; authorities only. */
    readonly dirPort?: number;
    readonly kind: "authority" | "exit";
}

const OR_PORT = 5000;
const DIR_PORT = 7000;

const authority = (n: number): Relay => ({
    nickname: `auth${n}`,
    address: `203.0.113.${10 + n}`,
    orPort: OR_PORT,
    dirPort: DIR_PORT,
    kind: "authority",
});
const exit = (n: number): Relay => ({
    nickname: `exit${n}`,
    address: `203.0.113.${20 + n}`,
    orPort: OR_PORT,
    kind: "exit",
});

/**
 * Three authorities: a consensus needs a majority of signatures. Four exits: three-hop circuits with a
 * choice.
 */
export const RELAYS: readonly Relay[] = [
    authority(1),
    authority(2),
    authority(3),
    exit(1),
    exit(2),
    exit(3),
    exit(4),
];

/** The web server that stands for "the internet". */
export const WEB = {
    address: "198.51.100.80",
    address6: "2001:db8:113::80",
    port: 80,
    hostname: "web.example.test",
} as const;

/** The resolver that the exits use. */
export const DNS_SERVER = "203.0.113.53";

/** The link between the lab host and its internet provider: provider's router and lab host. */
export const UPLINK = {
    prefix: 24,
    router: "192.0.2.1",
    host: "192.0.2.2",
    prefix6: 64,
    router6: "2001:db8:2::1",
    host6: "2001:db8:2::2",
} as const;

/** Another machine on the lab host's LAN: what a Workstation that can reach the LAN would find. */
export const LAN_NEIGHBOUR = "192.0.2.50";

/** UDP port that sends back what it gets. */
export const ECHO_PORT = 4444;

/** Answering addresses of the internet namespace that are neither relays nor on the uplink's link. */
export const LOOPBACK_ADDRESSES: readonly string[] = [
    ...RELAYS.map((relay) => relay.address),
    DNS_SERVER,
    WEB.address,
];
