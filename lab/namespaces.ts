/** The lab's two network namespaces and the link between them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LAN_NEIGHBOUR, LOOPBACK_ADDRESSES, UPLINK, WEB } from "./addresses";
import type { LabNames } from "./paths";
import { inNamespace, run } from "./run";

/** Where iproute2 keeps the names of namespaces. */
export const NETNS_DIR = "/run/netns";

/** Whether a namespace has this name. */
export function namespaceExists(name: string): boolean {
    return existsSync(join(NETNS_DIR, name));
}

async function batch(namespace: string, lines: readonly string[], signal?: AbortSignal): Promise<void> {
    await run("ip", ["-n", namespace, "-batch", "-"], {
        input: `${lines.join("\n")}\n`,
        cancelSignal: signal,
    });
}

/**
 * Create the namespaces. The veth pair is born inside them, so nothing ever shows up among the host's own
 * links.
 * @throws when iproute2 refuses; the caller removes what was made
 */
export async function createNamespaces(names: LabNames, signal?: AbortSignal): Promise<void> {
    const ipv6 = existsSync("/proc/sys/net/ipv6");
    for (const name of [names.internet, names.host]) {
        await run("ip", ["netns", "add", name], { cancelSignal: signal });
    }
    await batch(
        names.internet,
        [
            "link set lo up",
            ...LOOPBACK_ADDRESSES.map((address) => `addr add ${address}/32 dev lo`),
            `link add ${names.isp} type veth peer name ${names.uplink} netns ${names.host}`,
            `addr add ${UPLINK.router}/${UPLINK.prefix} dev ${names.isp}`,
            `addr add ${LAN_NEIGHBOUR}/${UPLINK.prefix} dev ${names.isp}`,
            `link set ${names.isp} up`,
            // IPv6 egress as well: a leak over IPv6 must be able to arrive, or it would not be seen.
            ...(ipv6
                ? [
                      `addr add ${WEB.address6}/128 dev lo nodad`,
                      `addr add ${UPLINK.router6}/${UPLINK.prefix6} dev ${names.isp} nodad`,
                  ]
                : []),
        ],
        signal,
    );
    await batch(
        names.host,
        [
            "link set lo up",
            `addr add ${UPLINK.host}/${UPLINK.prefix} dev ${names.uplink}`,
            `link set ${names.uplink} up`,
            `route add default via ${UPLINK.router}`,
            ...(ipv6
                ? [
                      `addr add ${UPLINK.host6}/${UPLINK.prefix6} dev ${names.uplink} nodad`,
                      `route add default via ${UPLINK.router6}`,
                  ]
                : []),
        ],
        signal,
    );
    await inNamespace(names.host, "sysctl", ["-qw", "net.ipv4.ip_forward=1"], { cancelSignal: signal });
}

async function deletableLinks(namespace: string): Promise<string[]> {
    const { stdout } = await run("ip", ["-n", namespace, "-json", "link", "show"]);
    return (JSON.parse(stdout) as { ifname: string }[])
        .map((link) => link.ifname)
        .filter((name) => name !== "lo");
}

/**
 * Delete a namespace with everything in it. Links go first and one by one: what is left to the namespace's
 * own end vanishes some time later. Its processes must have ended, otherwise it lives on without a name.
 */
export async function deleteNamespace(name: string): Promise<void> {
    if (!namespaceExists(name)) {
        return;
    }
    // A file without a namespace mounted on it (a start killed between the two) has no links to list.
    const links = await deletableLinks(name).catch(() => []);
    for (const link of links) {
        // The other end of a veth pair goes with the first; some links (tunnel defaults) cannot be deleted at
        // all.
        await run("ip", ["-n", name, "link", "delete", "dev", link], { reject: false });
    }
    await run("ip", ["netns", "delete", name], { reject: false });
}

/**
 * iproute2 makes /run/netns a mount when the first namespace is added and never takes it back. With nothing
 * in it, it is not needed; umount refuses as long as a namespace is mounted below.
 */
export async function releaseNetnsMount(): Promise<void> {
    if (existsSync(NETNS_DIR) && readdirSync(NETNS_DIR).length === 0) {
        await run("umount", [NETNS_DIR], { reject: false });
    }
}
