/**
 * WireGuard by systemd-networkd: the interface that tor must leave by. Without it there is no default route
 * at all.
 */
import type { NicPlan, TunnelPlan } from "../plan/guest-plan";
import { isWireGuardKey, KEY_FORM } from "../values/wireguard";
import { NIC, TUNNEL_MARK } from "./guest";
import { lines } from "./text";
import type { GuestFile } from "./user-data";

const DEFAULT_MTU = 1420;

function key(what: string, text: string): string {
    if (!isWireGuardKey(text)) {
        throw new Error(`tunnel.${what} is no WireGuard key: ${KEY_FORM}`);
    }
    return text;
}

/**
 * Files of the tunnel. The .netdev file holds the private key: networkd's group alone may read it.
 * @throws Error when a key is malformed; it never shows one
 */
export function tunnelFiles(tunnel: TunnelPlan): GuestFile[] {
    const { endpoint, presharedKey } = tunnel;
    return [
        {
            path: `/etc/systemd/network/20-${NIC.tunnel}.netdev`,
            content: lines(
                "tunnel",
                "[NetDev]",
                `Name=${NIC.tunnel}`,
                "Kind=wireguard",
                `MTUBytes=${tunnel.mtu ?? DEFAULT_MTU}`,
                "[WireGuard]",
                `PrivateKey=${key("privateKey", tunnel.privateKey)}`,
                // The firewall lets out of ext0 what carries this mark and nothing else.
                `FirewallMark=0x${TUNNEL_MARK.toString(16)}`,
                "[WireGuardPeer]",
                `PublicKey=${key("peerPublicKey", tunnel.peerPublicKey)}`,
                ...(presharedKey === undefined ? [] : [`PresharedKey=${key("presharedKey", presharedKey)}`]),
                "AllowedIPs=0.0.0.0/0",
                `Endpoint=${endpoint.address}:${endpoint.port}`,
            ),
            permissions: "0640",
            owner: "root:systemd-network",
        },
        {
            path: `/etc/systemd/network/20-${NIC.tunnel}.network`,
            content: lines(
                "tunnel",
                "[Match]",
                `Name=${NIC.tunnel}`,
                "[Network]",
                `Address=${tunnel.address}/32`,
                "LinkLocalAddressing=no",
                "IPv6AcceptRA=no",
                "LLMNR=no",
                "MulticastDNS=no",
                "[Route]",
                "Destination=0.0.0.0/0",
                "Scope=link",
            ),
            permissions: "0644",
            owner: "root:root",
        },
    ];
}

/** The outer NIC beside a tunnel: its route leads to the tunnel's endpoint and nowhere else. */
export const outerNic = (outer: NicPlan, tunnel: TunnelPlan | undefined): NicPlan =>
    tunnel === undefined ? outer : { ...outer, routeOnlyTo: tunnel.endpoint.address };
