/**
 * Inner addresses and MACs. They are the same in every enclave of every deployment, as Whonix has them:
 * whatever runs in a Workstation learns nothing from them that tells one user from another (the anonymity
 * set). Each enclave has a bridge of its own, so equal inner addresses never meet.
 */
import ipaddr from "ipaddr.js";

/** Prefix length of the isolated network; Whonix uses /18, a /24 leaves less room to spoof in. */
export const INNER_PREFIX = 24;
/** The isolated network. */
export const INNER_SUBNET = `10.152.152.0/${INNER_PREFIX}`;
/** The Gateway's address on the isolated network: route and resolver of every Workstation. */
export const INNER_GATEWAY = "10.152.152.10";
/** The first Workstation's address; the following Workstations count up from it. */
export const INNER_FIRST_WORKSTATION = "10.152.152.11";
/** Last octets that a Workstation may have. */
export const WORKSTATION_OCTETS = { first: 11, last: 254 } as const;
/** Tor maps .onion names to addresses in here (VirtualAddrNetworkIPv4); no network of ours may overlap it. */
export const AUTOMAP_SUBNET = "10.192.0.0/10";

/** Ranges that no network of a stack may overlap, each with its owner. */
export const RESERVED_SUBNETS: readonly { readonly owner: string; readonly cidr: string }[] = Object.freeze([
    { owner: "the isolated networks", cidr: INNER_SUBNET },
    { owner: "tor's range for .onion names", cidr: AUTOMAP_SUBNET },
    { owner: "carriers' shared range", cidr: "100.64.0.0/10" },
    { owner: "libvirt's default network", cidr: "192.168.122.0/24" },
]);

/** An IPv4 subnet, parsed: the address is the network's first. */
export interface Subnet {
    readonly cidr: string;
    readonly network: number;
    readonly prefix: number;
}

/** The number of a dotted quad of four decimal octets without leading zeros; undefined for any other text. */
function quad(text: string): number | undefined {
    let value = 0;
    let octet = -1;
    let octets = 0;
    for (let i = 0; i < text.length; i += 1) {
        const code = text.charCodeAt(i);
        if (code === DOT && octet >= 0) {
            value = value * 256 + octet;
            octet = -1;
            octets += 1;
        } else if (code >= ZERO && code <= ZERO + 9 && octet !== 0 && octet < 26) {
            octet = Math.max(octet, 0) * 10 + code - ZERO;
        } else {
            return undefined;
        }
        if (octet > 255) {
            return undefined;
        }
    }
    return octets === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** IPv4 address as an unsigned 32-bit number. @throws Error if it is not a dotted quad */
export function toNumber(address: string): number {
    return quad(address) ?? ipaddr.IPv4.parse(address).octets.reduce((n, octet) => n * 256 + octet, 0);
}

/** Unsigned 32-bit number as a dotted quad. */
export function fromNumber(value: number): string {
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Whether the text is a dotted quad with four decimal octets (no octal, hex or short forms). */
export function isAddress(text: string): boolean {
    return quad(text) !== undefined;
}

/**
 * Parse "192.0.2.0/24". The address must be the network's first: host bits would make two spellings of one
 * subnet.
 * @throws Error saying what is wrong
 */
export function parseSubnet(cidr: string): Subnet {
    const [address, length, ...rest] = cidr.split("/");
    const prefix = Number(length);
    if (
        address === undefined ||
        rest.length > 0 ||
        !isAddress(address) ||
        !/^\d{1,2}$/.test(length ?? "") ||
        prefix > 32
    ) {
        throw new Error(`"${cidr}" is not an IPv4 subnet such as 192.0.2.0/24`);
    }
    const network = toNumber(address);
    const first = network - (network % 2 ** (32 - prefix));
    if (first !== network) {
        throw new Error(`"${cidr}" has host bits set; write ${fromNumber(first)}/${prefix}`);
    }
    return { cidr, network, prefix };
}

/**
 * An address and the length of its network's prefix, as NICs have them: "192.0.2.10/24". Undefined for
 * anything else.
 */
export function parsePlace(text: string): { readonly address: string; readonly prefix: number } | undefined {
    const slash = text.indexOf("/");
    const [address, length] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
    return isAddress(address) && /^\d{1,2}$/.test(length) && Number(length) <= 32
        ? { address, prefix: Number(length) }
        : undefined;
}

/** The subnet that a NIC with this address and prefix is in. @throws Error if these are none */
export function subnetAround(address: string, prefix: number): Subnet {
    const n = toNumber(address);
    return parseSubnet(`${fromNumber(n - (n % 2 ** (32 - prefix)))}/${prefix}`);
}

type Range = Pick<Subnet, "network" | "prefix">;

const last = (subnet: Range): number => subnet.network + 2 ** (32 - subnet.prefix) - 1;

/** Whether two subnets share an address. */
export function overlap(a: Range, b: Range): boolean {
    return a.network <= last(b) && b.network <= last(a);
}

/** Whether the address lies in the subnet. */
export function contains(subnet: Subnet, address: string): boolean {
    const n = toNumber(address);
    return n >= subnet.network && n <= last(subnet);
}

/** The n-th address of a subnet, 0 being the network itself. @throws RangeError beyond its end */
export function nth(subnet: Subnet, n: number): string {
    if (subnet.network + n > last(subnet)) {
        throw new RangeError(`${subnet.cidr} has no address number ${n}`);
    }
    return fromNumber(subnet.network + n);
}

/** MAC of an inner NIC: QEMU's prefix, then the last three octets of its address. */
export function innerMac(address: string): string {
    const octets = ipaddr.IPv4.parse(address).octets.slice(1);
    return ["52", "54", "00", ...octets.map((o) => o.toString(16).padStart(2, "0"))].join(":");
}

/** Who may speak on an isolated network: an address and the MAC that goes with it. */
export interface WorkstationPlace {
    readonly mac: string;
    readonly address: string;
}

/**
 * Every place that a Workstation can have, taken or not. A Gateway that knows all of them need not change,
 * and need not choose new guards, when a Workstation comes or goes.
 */
export function workstationPlaces(): readonly WorkstationPlace[] {
    places ??= everyPlace();
    return places;
}

/** MACs of the Gateway's and every Workstation's place. Each enclave has them, so no host outside may. */
export function innerMacs(): ReadonlySet<string> {
    macs ??= new Set([innerMac(INNER_GATEWAY), ...workstationPlaces().map(({ mac }) => mac)]);
    return macs;
}

let macs: ReadonlySet<string> | undefined;
let places: readonly WorkstationPlace[] | undefined;

function everyPlace(): readonly WorkstationPlace[] {
    const subnet = parseSubnet(INNER_SUBNET);
    const { first, last: end } = WORKSTATION_OCTETS;
    return Array.from({ length: end - first + 1 }, (_, i) => nth(subnet, first + i)).map((address) => ({
        mac: innerMac(address),
        address,
    }));
}
