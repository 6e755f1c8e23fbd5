/** What ebtables 1.8.9 (Debian 12) lists of the bridge table nat, with Workstations' filters in it. */
import type { FilteredNic } from "../../libvirt/kernel-filter";

const chain = (name: string, rules: readonly string[], policy = "RETURN"): string =>
    `Bridge chain: ${name}, entries: ${rules.length}, policy: ${policy}\n${rules.map((r) => `${r}\n`).join("")}`;
export const chainsOf = ({ tap, mac }: FilteredNic): string[] => [
    chain(`libvirt-I-${tap}`, [
        `-p ARP -s ${mac} --arp-ip-dst 10.152.152.10 --arp-mac-src ${mac} -j ACCEPT`,
        `-p IPv4 -s ${mac} -d 52:54:00:98:98:0a -j ACCEPT`,
        "-j DROP",
    ]),
    chain(`libvirt-O-${tap}`, [
        `-p ARP -s 52:54:00:98:98:0a -d ${mac} -j ACCEPT`,
        "-p ARP -s 52:54:00:98:98:0a -d Broadcast -j ACCEPT",
        `-p IPv4 -s 52:54:00:98:98:0a -d ${mac} -j ACCEPT`,
        "-j DROP",
    ]),
];

/** The whole listing; without a NIC what `nft flush ruleset` leaves once ebtables has looked. */
export const listingOf = (...nics: readonly FilteredNic[]): string =>
    [
        "Bridge table: nat\n",
        chain(
            "PREROUTING",
            nics.map(({ tap }) => `-i ${tap} -j libvirt-I-${tap}`),
            "ACCEPT",
        ),
        chain("OUTPUT", [], "ACCEPT"),
        chain(
            "POSTROUTING",
            nics.map(({ tap }) => `-o ${tap} -j libvirt-O-${tap}`),
            "ACCEPT",
        ),
        ...nics.flatMap(chainsOf),
    ].join("\n");
