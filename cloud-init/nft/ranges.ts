/** Address ranges that are no place on the public Internet (IANA's special-purpose registry, RFC 6890). */
import type { NamedSet } from "./model";

/** Private, shared, loopback, link-local, benchmarking, multicast and reserved networks: a LAN may be in any of them. */
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

/** The same as a set that rules refer to. */
export const LOCAL_SET: NamedSet = Object.freeze({
    name: "local_ranges",
    type: "ipv4_addr",
    interval: true,
    elements: LOCAL_RANGES,
    why: "Networks that are no part of the public Internet: a LAN, the host, other guests.",
});
