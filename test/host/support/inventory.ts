/** Everything on the lab host that a stack could leave behind, in one command. */
import type { HostVm } from "./host-vm";

/** One line for each object, by its kind. */
const LOOK = [
    "virsh list --all --name | sed 's/^./domain &/'",
    "virsh net-list --all --name | sed 's/^./network &/'",
    "virsh pool-list --all --name | sed 's/^./pool &/'",
    "virsh -q nwfilter-list | sed -n 's/^ *[^ ]* *sallyport/filter sallyport/p'",
    "virsh -q nwfilter-binding-list | sed 's/^/binding /'",
    "find /var/lib/libvirt/images -mindepth 1 | sed 's/^/file /'",
    "ip -br link | sed -n 's/^\\(vnet[0-9]*\\|sp[^ ]*\\) .*/link \\1/p'",
    "pgrep -f '^/usr/bin/qemu-system' | sed 's/.*/machine/'",
    "grep -o '^libvirt-[^ ]*' /sys/kernel/security/apparmor/profiles | sed 's/^/profile /'",
];

/**
 * The filters of guests' NICs in the kernel, as libvirt keeps them by iptables-nft; empty where there is
 * none.
 */
export async function chains(host: HostVm): Promise<string[]> {
    const { said } = await host.ask("nft list table bridge nat 2>/dev/null");
    const all = said.replace(/ ?counter packets \d+ bytes \d+/g, "").match(/\tchain [^]*?\n\t\}/g) ?? [];
    return [...all].filter((chain) => chain.includes("vnet")).sort();
}

/** @returns sorted lines: `network default`, `file /var/lib/libvirt/images/x` */
export async function inventory(host: HostVm): Promise<string[]> {
    const said = await host.sh(`{ ${LOOK.join("; ")}; } 2>&1; true`);
    return said
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "")
        .sort();
}

/** Those of a kind, without its word. */
export const those = (kind: string, found: readonly string[]): string[] =>
    found.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
