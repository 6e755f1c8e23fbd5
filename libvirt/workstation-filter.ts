/**
 * The filter on the host's end of a Workstation's NIC (libvirt formatnwfilter). A bridge without an address
 * is no wall: Linux answers ARP for every address of the host's on every interface (arp_ignore 0, rp_filter
 * 0: ip-sysctl.rst) and takes packets that come to the bridge's MAC, so a Workstation could ask the host for
 * its LAN address. This filter leaves it one partner, the Gateway's inner NIC:
 *
 * - out: IPv4 to the Gateway's MAC, and ARP about the Gateway's address alone, both from the NIC's own MAC;
 * - in: from the Gateway's MAC, IPv4 to the NIC's own and ARP to that or to all: what the bridge floods, because it does
 *   not know where a neighbour is, never gets there;
 * - nothing else: no other ethertype (IPv6, VLAN tags), no broadcast but ARP, no borrowed MAC.
 *
 * libvirt keeps filters apart from domains and refuses to start a domain whose filter it does not know.
 */
import { INNER_GATEWAY, innerMac } from "../values/addresses";
import { digest } from "../values/names";

type Attributes = Readonly<Record<string, string>>;

/** One `<rule>`: `out` is what the guest sends. */
export interface FilterRule {
    readonly action: "accept" | "drop";
    readonly direction: "in" | "out" | "inout";
    /** Lower comes first; -1000 to 1000. */
    readonly priority: number;
    readonly protocol: "mac" | "arp";
    readonly match: Attributes;
}

/** The NIC's own MAC: libvirt fills it in. */
const OWN = "$MAC";
const BROADCAST = "ff:ff:ff:ff:ff:ff";
const GATEWAY_MAC = innerMac(INNER_GATEWAY);

const accept = (direction: "in" | "out", protocol: "mac" | "arp", match: Attributes): FilterRule => ({
    action: "accept",
    direction,
    priority: 100,
    protocol,
    match,
});

/** The rules, the same for every Workstation of every enclave: inner addresses are. */
export const WORKSTATION_FILTER_RULES: readonly FilterRule[] = Object.freeze([
    accept("out", "arp", { srcmacaddr: OWN, arpsrcmacaddr: OWN, arpdstipaddr: INNER_GATEWAY }),
    accept("out", "mac", { srcmacaddr: OWN, dstmacaddr: GATEWAY_MAC, protocolid: "ipv4" }),
    accept("in", "mac", { srcmacaddr: GATEWAY_MAC, dstmacaddr: OWN, protocolid: "arp" }),
    accept("in", "mac", { srcmacaddr: GATEWAY_MAC, dstmacaddr: BROADCAST, protocolid: "arp" }),
    accept("in", "mac", { srcmacaddr: GATEWAY_MAC, dstmacaddr: OWN, protocolid: "ipv4" }),
    { action: "drop", direction: "inout", priority: 1000, protocol: "mac", match: {} },
]);

/** Tells one version of the rules from another. */
export const WORKSTATION_FILTER_DIGEST = digest(12, JSON.stringify(WORKSTATION_FILTER_RULES));

/** A filter's UUID by its name, so that defining it once more replaces it (RFC 9562, version 8). */
function uuidOf(name: string): string {
    const hex = digest(32, "nwfilter", name);
    return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `8${hex.slice(13, 16)}`,
        `8${hex.slice(17, 20)}`,
        hex.slice(20),
    ].join("-");
}

const attributes = (values: Attributes): string =>
    Object.entries(values)
        .map(([key, value]) => ` ${key}='${value}'`)
        .join("");

/**
 * The filter as libvirt takes it.
 * @param name of the filter: the isolated network's (libvirt keeps names of filters and of networks apart)
 * @throws RangeError for a name that would have to be quoted in XML
 */
export function workstationFilterXml(name: string): string {
    if (!/^[A-Za-z0-9._-]+$/.test(name)) {
        throw new RangeError(
            `"${name}" is no name of a filter: letters, digits, ".", "_" and "-" are allowed`,
        );
    }
    const rules = WORKSTATION_FILTER_RULES.map(
        ({ action, direction, priority, protocol, match }) =>
            `  <rule action='${action}' direction='${direction}' priority='${priority}'><${protocol}${attributes(match)}/></rule>`,
    );
    return [
        `<filter name='${name}' chain='root'>`,
        `  <uuid>${uuidOf(name)}</uuid>`,
        ...rules,
        "</filter>",
        "",
    ].join("\n");
}
