/** A bridge that the lab host has before any stack: the host routes between it and the lab's internet. */
import { UPLINK } from "../../../lab/addresses";
import { inNamespace } from "../../../lab/run";
import { lab } from "./world";

/**
 * What an enclave's configuration says of it, and the host's own side. Documentation addresses (RFC 5737).
 */
export const HOST_BRIDGE = {
    external: { mode: "bridge", bridge: "spown-lan", address: "198.51.100.18/28", route: "198.51.100.17" },
    subnet: "198.51.100.16/28",
    mac: "52:54:00:e2:e0:01",
} as const;

const { bridge, route } = HOST_BRIDGE.external;

/** Make it, and tell the internet the way back. IPv6 is off: the host would announce itself on the link. */
export async function makeHostBridge(): Promise<void> {
    const { host, internet } = lab().namespaces;
    await inNamespace(host, "ip", [
        "link",
        "add",
        "name",
        bridge,
        "address",
        HOST_BRIDGE.mac,
        "type",
        "bridge",
    ]);
    await inNamespace(host, "sysctl", ["-qw", `net.ipv6.conf.${bridge}.disable_ipv6=1`]);
    await inNamespace(host, "ip", ["addr", "add", `${route}/28`, "dev", bridge]);
    await inNamespace(host, "ip", ["link", "set", bridge, "up"]);
    await inNamespace(internet, "ip", ["route", "add", HOST_BRIDGE.subnet, "via", UPLINK.host]);
}

/** @throws when it is not there any more */
export async function removeHostBridge(): Promise<void> {
    const { host, internet } = lab().namespaces;
    await inNamespace(internet, "ip", ["route", "del", HOST_BRIDGE.subnet]);
    await inNamespace(host, "ip", ["link", "del", bridge]);
}
