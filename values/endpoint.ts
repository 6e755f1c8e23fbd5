/** `address:port` as configurations write it, and what a Gateway's tor may be told to connect to. */
import { LOCAL_RANGES } from "./ranges";
import { AUTOMAP_SUBNET, INNER_SUBNET, contains, isAddress, parseSubnet } from "./addresses";

/** An IPv4 address and a port outside. */
export interface Endpoint {
    readonly address: string;
    readonly port: number;
}

/** What an endpoint looks like, for messages. */
export const ENDPOINT_FORM = "an IPv4 address and port such as 192.0.2.7:9001";

/** Read `a.b.c.d:port`; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
    const [address = "", port = "", ...rest] = text.split(":");
    const number = Number(port);
    return isAddress(address) && rest.length === 0 && /^\d{1,5}$/.test(port) && number >= 1 && number <= 65535
        ? { address, port: number }
        : undefined;
}

/** Ranges that lie inside the enclave, on the Gateway itself, or nowhere (RFC 6890). */
const UNREACHABLE: readonly string[] = [
    INNER_SUBNET,
    AUTOMAP_SUBNET,
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/3",
];

const rangeOf = (ranges: readonly string[]): ((address: string) => string | undefined) => {
    const subnets = ranges.map(parseSubnet);
    return (address) => subnets.find((subnet) => contains(subnet, address))?.cidr;
};

/** The range that keeps an address from ever being outside the Gateway; undefined when there is none. */
export const insideRange = rangeOf(UNREACHABLE);

/**
 * The range in which an address is no place on the public Internet, and may be a LAN's; undefined when there
 * is none.
 */
export const localRange = rangeOf(LOCAL_RANGES);
