/** Typed facts of a network out of its XML-shaped tree; the same for every source. */
import { isAddress, toNumber } from "../../values/addresses";
import {
    holds,
    known,
    mapFact,
    nodesAt,
    opaque,
    valueAt,
    hidden,
    type Fact,
    type ForwardMode,
    type HostAddress,
    type Network,
    type Node,
} from "..";

const MODES: ReadonlySet<string> = new Set([
    "nat",
    "route",
    "open",
    "bridge",
    "private",
    "vepa",
    "passthrough",
    "hostdev",
]);

/** libvirt: no `<forward>` is isolated, `<forward/>` without a mode is nat. */
function forwardOf(tree: Node): Fact<ForwardMode> {
    const found = nodesAt(tree, "forward");
    if (found.kind !== "known") {
        return hidden(found);
    }
    const [forward] = found.value;
    if (forward === undefined) {
        return known("isolated", { resource: tree.at.resource, path: "forward" });
    }
    const mode = valueAt(forward, "mode");
    if (mode.kind !== "known") {
        return mode.kind === "opaque"
            ? mode
            : {
                  kind: "unknown",
                  why: mode.why,
                  at: mode.at,
                  ...(mode.candidates === undefined ? {} : { candidates: mode.candidates as ForwardMode[] }),
              };
    }
    const text = mode.value ?? "nat";
    return MODES.has(text)
        ? known(text as ForwardMode, mode.value === undefined ? forward.at : mode.at)
        : opaque(mode.at, `"${text}" is no forward mode of libvirt's`);
}

/** Classes A to C by the first byte of an address: the first byte that is no longer in it, and its prefix. */
const CLASSES: readonly (readonly [end: number, bits: number])[] = [
    [128, 8],
    [192, 16],
    [224, 24],
];

/**
 * Length of a network's prefix as libvirt has it: given, by a mask, or by the address's class
 * (virNetworkIPDefPrefix).
 */
function prefixOf(address: string, prefix: string, netmask: string): number | undefined {
    if (!isAddress(address) || (prefix !== "" && netmask !== "")) {
        return undefined;
    }
    if (prefix !== "") {
        return /^(0|[1-9]\d?)$/.test(prefix) && Number(prefix) <= 32 ? Number(prefix) : undefined;
    }
    if (netmask !== "") {
        const bits = isAddress(netmask) ? toNumber(netmask).toString(2).padStart(32, "0") : "";
        return /^1+0*$/.test(bits) ? bits.replaceAll("0", "").length : undefined;
    }
    const first = Math.floor(toNumber(address) / 2 ** 24);
    return CLASSES.find(([end]) => first < end)?.[1];
}

function addressOf(ip: Node): Fact<HostAddress> {
    const [address, prefix, netmask, family] = ["address", "prefix", "netmask", "family"].map((key) =>
        valueAt(ip, key),
    );
    for (const fact of [address, prefix, netmask, family]) {
        if (fact !== undefined && fact.kind !== "known") {
            return hidden(fact);
        }
    }
    const text = (fact: Fact<string | undefined> | undefined): string =>
        fact?.kind === "known" ? (fact.value ?? "") : "";
    if (text(family) === "ipv6" || text(address).includes(":")) {
        return known(
            {
                family: "ipv6",
                cidr: text(prefix) === "" ? text(address) : `${text(address)}/${text(prefix)}`,
            },
            ip.at,
        );
    }
    const length = prefixOf(text(address), text(prefix), text(netmask));
    return length === undefined
        ? opaque(
              ip.at,
              `${JSON.stringify([text(address), text(prefix), text(netmask)])} is no IPv4 ` +
                  "address with the prefix or the mask of a network",
          )
        : known({ family: "ipv4", cidr: `${text(address)}/${length}` }, ip.at);
}

function addressesOf(tree: Node): Fact<readonly HostAddress[]> {
    const found = nodesAt(tree, "ip");
    if (found.kind !== "known") {
        return hidden(found);
    }
    const addresses: HostAddress[] = [];
    for (const ip of found.value) {
        const address = addressOf(ip);
        if (address.kind !== "known") {
            return hidden(address);
        }
        addresses.push(address.value);
    }
    return known(addresses, found.value[0]?.at ?? { resource: tree.at.resource, path: "ip" });
}

function dhcpOf(tree: Node): Fact<boolean> {
    const found = nodesAt(tree, "ip.dhcp");
    return found.kind === "known"
        ? known(found.value.length > 0, found.value[0]?.at ?? { resource: tree.at.resource, path: "ip.dhcp" })
        : hidden(found);
}

/** dnsmasq answers DNS wherever the host has an address, unless `<dns enable="no"/>`. */
function dnsOf(tree: Node, addresses: Fact<readonly HostAddress[]>): Fact<boolean> {
    const enabled = valueAt(tree, "dns.enable");
    if (enabled.kind === "known" && enabled.value === "no") {
        return known(false, enabled.at);
    }
    if (holds(addresses, (list) => list.length === 0) === "yes") {
        return known(false, addresses.at);
    }
    if (addresses.kind !== "known") {
        return hidden(addresses);
    }
    return enabled.kind === "known" ? known(true, enabled.at) : hidden(enabled);
}

export type NetworkFacts = Pick<Network, "bridge" | "forward" | "addresses" | "dhcp" | "dns" | "xml">;

/** @param tree `<network>` with `forward`, `ip`, `dns`, `bridge` as libvirt has them */
export function networkFacts(tree: Node): NetworkFacts {
    const addresses = addressesOf(tree);
    return {
        bridge: mapFact(valueAt(tree, "bridge.name"), (name) => (name === "" ? undefined : name)),
        forward: forwardOf(tree),
        addresses,
        dhcp: dhcpOf(tree),
        dns: dnsOf(tree, addresses),
        xml: tree,
    };
}
