/** Kinds of egress that cannot work, or that would not do what they say. Pure. */
import { HIDDEN, setTo, type ConfigProblem } from "../config/error";
import { INNER_SUBNET, contains, overlap, parseSubnet } from "../values/addresses";
import { insideRange, localRange } from "../values/endpoint";
import type { AddressedEnclave } from "./addressed";
import type { EgressChoice } from "./guest-plan";
import type { Endpoint } from "../values/endpoint";

interface Place {
    readonly property: string;
    readonly endpoint: Endpoint;
    readonly secret?: true;
}

function places({ egress, upstreamProxy, tunnel }: EgressChoice): Place[] {
    return [
        ...(egress?.mode === "bridges"
            ? egress.bridges.map((b, i): Place => ({
                  property: `egress.bridges[${i}]`,
                  endpoint: b.endpoint,
                  secret: true,
              }))
            : []),
        ...(egress?.mode === "relay-set"
            ? egress.relays.map((r, i): Place => ({ property: `egress.relays[${i}]`, endpoint: r }))
            : []),
        ...(upstreamProxy === undefined
            ? []
            : [{ property: "upstreamProxy.endpoint", endpoint: upstreamProxy.endpoint }]),
        ...(tunnel === undefined ? [] : [{ property: "tunnel.endpoint", endpoint: tunnel.endpoint }]),
    ];
}

/** Places that no packet of the Gateway's could reach. */
const unreachable = (enclave: AddressedEnclave, at: string): ConfigProblem[] =>
    places(enclave).flatMap(({ property, endpoint, secret }) => {
        const range = insideRange(endpoint.address);
        return range === undefined
            ? []
            : [
                  {
                      property: `${at}.${property}`,
                      value: secret === true ? HIDDEN : `${endpoint.address}:${endpoint.port}`,
                      allowed: `a place outside the Gateway; its address lies in ${range}`,
                      fix: setTo(`${at}.${property}`, secret),
                  },
              ];
    });

/**
 * A proxy or bridge in a LAN is one that the operator runs there. Relays are the public network's: none is in
 * a LAN.
 */
const localRelays = ({ egress }: AddressedEnclave, at: string): ConfigProblem[] =>
    (egress?.mode === "relay-set" ? egress.relays : []).flatMap(({ address, port }, i) => {
        const range = insideRange(address) === undefined ? localRange(address) : undefined;
        return range === undefined
            ? []
            : [
                  {
                      property: `${at}.egress.relays[${i}]`,
                      value: `${address}:${port}`,
                      allowed: `a relay on the public Internet; its address lies in ${range}, where a LAN may be, and opening that to a taken-over tor is what a pinned link is to prevent`,
                      fix: "take the relay off the list; for egress through the LAN use egress.mode bridges, or upstreamProxy",
                  },
              ];
    });

function tunnelAddress({ tunnel, external, gateway }: AddressedEnclave, at: string): ConfigProblem[] {
    if (tunnel === undefined) {
        return [];
    }
    const { outer } = gateway;
    const subnet = external.mode === "nat" ? external.subnet : `${outer.address}/32`;
    const clash = contains(parseSubnet(subnet), tunnel.address) || insideRange(tunnel.address) !== undefined;
    const peer = overlap(parseSubnet(`${tunnel.endpoint.address}/32`), parseSubnet(`${outer.address}/32`));
    return [
        ...(clash
            ? [
                  {
                      property: `${at}.tunnel.address`,
                      value: tunnel.address,
                      allowed: `an address outside ${INNER_SUBNET} and the external network ${subnet}: the tunnel's own`,
                      fix: "take the address that the peer's operator gave you",
                  },
              ]
            : []),
        ...(peer
            ? [
                  {
                      property: `${at}.tunnel.endpoint`,
                      value: tunnel.endpoint.address,
                      allowed: "another machine's address; this one is the Gateway's own",
                      fix: setTo(`${at}.tunnel.endpoint`),
                  },
              ]
            : []),
    ];
}

/** Every conflict of an enclave's egress. @param at `enclaves[0]` */
export function egressConflicts(enclave: AddressedEnclave, at: string): ConfigProblem[] {
    const unpinned = enclave.egress?.mode === "relay-set" && enclave.upstreamProxy !== undefined;
    return [
        ...unreachable(enclave, at),
        ...localRelays(enclave, at),
        ...tunnelAddress(enclave, at),
        ...(unpinned
            ? [
                  {
                      property: `${at}.egress.mode`,
                      value: "relay-set",
                      allowed:
                          'with an upstream proxy: "tor" or "bridges"; behind a proxy no firewall sees the relays',
                      fix: "remove egress, or remove upstreamProxy",
                  },
              ]
            : []),
    ];
}
