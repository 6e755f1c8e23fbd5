/** Address ranges that are no place on the public Internet (IANA's special-purpose registry, RFC 6890). */
import { fromNumber, overlap, parseSubnet, toNumber } from "./addresses";

/** A NIC's address and the length of its subnet's prefix. */
export interface NicAddress {
    readonly address: string;
    readonly prefix: number;
}

/**
 * Private, shared, loopback, link-local, benchmarking, multicast and reserved networks: a LAN may be in any
 * of them.
 */
export const LOCAL_RANGES: readonly string[] = Object.freeze([
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
]);

const RANGES = LOCAL_RANGES.map(parseSubnet);

/**
 * What is near a Gateway: the ranges above and its outer NIC's own subnet, whose addresses may be public
 * ones. No two of them overlap: nft refuses a set in which they do. Two subnets that overlap lie one in the
 * other.
 */
export function localRangesOf({ address, prefix }: NicAddress): readonly string[] {
    const host = toNumber(address);
    const own = { network: host - (host % 2 ** (32 - prefix)), prefix };
    return RANGES.some((range) => range.prefix <= prefix && overlap(range, own))
        ? LOCAL_RANGES
        : [
              ...RANGES.filter((range) => !overlap(range, own)).map((range) => range.cidr),
              `${fromNumber(own.network)}/${prefix}`,
          ];
}
