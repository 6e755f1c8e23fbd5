/** Listings as ebtables 1.8.9 (Debian 12) printed them for two Workstations in the lab. */
import { type FilteredNic, filterFault } from "../../../libvirt/kernel-filter";
import { chainsOf, listingOf } from "../../support/kernel-listing";

const NIC: FilteredNic = { tap: "vnet2", mac: "52:54:00:98:98:0c" };
const OTHER: FilteredNic = { tap: "vnet3", mac: "52:54:00:98:98:0b" };
const LISTING = listingOf(OTHER, NIC);
const FLUSHED = listingOf();

const changed = (from: string | RegExp, to: string): string => {
    const text = LISTING.replace(from, to);
    expect(text).not.toBe(LISTING);
    return text;
};

it("finds what the filter says", () => {
    expect([filterFault(LISTING, NIC), filterFault(LISTING, OTHER)]).toEqual([undefined, undefined]);
});

it("in the words of other versions, and in another order of equal priority", () => {
    expect(filterFault(LISTING.replaceAll("52:54:00:98:98:0c", "52:54:0:98:98:C"), NIC)).toBeUndefined();
    expect(filterFault(LISTING.replaceAll("-d Broadcast", "-d ff:ff:ff:ff:ff:ff"), NIC)).toBeUndefined();
    expect(
        filterFault(
            LISTING.replaceAll("--arp-ip-dst 10.152.152.10", "--arp-ip-dst 10.152.152.10/255.255.255.255"),
            NIC,
        ),
    ).toBeUndefined();
    expect(filterFault(changed(/(-p ARP.*Broadcast.*\n)(-p IPv4.*\n)/, "$2$1"), NIC)).toBeUndefined();
});

it.each<[string, () => string, RegExp]>([
    ["a flushed table", () => FLUSHED, /no frame of vnet2 is filtered on its way out/],
    [
        "no jump on the way in",
        () =>
            changed(
                "entries: 2, policy: ACCEPT\n-o vnet3 -j libvirt-O-vnet3\n-o vnet2 -j libvirt-O-vnet2",
                "entries: 1, policy: ACCEPT\n-o vnet3 -j libvirt-O-vnet3",
            ),
        /on its way in/,
    ],
    [
        "a jump to another's chain",
        () => changed("-i vnet2 -j libvirt-I-vnet2", "-i vnet2 -j libvirt-I-vnet3"),
        /on its way out/,
    ],
    [
        "a rule of the same tap before the jump",
        () =>
            changed(
                "entries: 2, policy: ACCEPT\n-i vnet3",
                "entries: 3, policy: ACCEPT\n-i vnet2 -j ACCEPT\n-i vnet3",
            ),
        /on its way out/,
    ],
    [
        "a rule of all taps before the jump",
        () =>
            changed(
                "entries: 2, policy: ACCEPT\n-i vnet3",
                "entries: 3, policy: ACCEPT\n-i vnet+ -j ACCEPT\n-i vnet3",
            ),
        /on its way out/,
    ],
    [
        "a rule without a device before the jump",
        () =>
            changed(
                "entries: 2, policy: ACCEPT\n-i vnet3",
                "entries: 3, policy: ACCEPT\n-p IPv4 -j ACCEPT\n-i vnet3",
            ),
        /on its way out/,
    ],
    [
        "a chain without its last rule",
        () => changed(/entries: 3(.*\n-p ARP -s 52:54:00:98:98:0c.*\n.*\n)-j DROP\n/, "entries: 2$1"),
        /libvirt-I-vnet2 has other rules/,
    ],
    [
        "a chain with one more",
        () =>
            changed(/entries: 3(.*\n-p ARP -s 52:54:00:98:98:0c)/, "entries: 4$1").replace(
                "-p ARP -s 52:54:00:98:98:0c",
                "-p IPv6 -j ACCEPT\n-p ARP -s 52:54:00:98:98:0c",
            ),
        /libvirt-I-vnet2 has other rules/,
    ],
    [
        "DROP before the rest",
        () => changed(/(-p ARP -s 52:54:00:98:98:0c.*\n)(-p IPv4.*\n)(-j DROP\n)/, "$3$1$2"),
        /libvirt-I-vnet2 has other rules/,
    ],
    [
        "another address to ask for",
        () =>
            changed(
                "--arp-ip-dst 10.152.152.10 --arp-mac-src 52:54:00:98:98:0c",
                "--arp-ip-dst 10.152.152.1 --arp-mac-src 52:54:00:98:98:0c",
            ),
        /libvirt-I-vnet2 has other rules/,
    ],
    [
        "a negated match",
        () => changed("-p ARP -s 52:54:00:98:98:0c", "-p ARP ! -s 52:54:00:98:98:0c"),
        /libvirt-I-vnet2 has other rules/,
    ],
    ["ACCEPT for DROP", () => LISTING.replaceAll("-j DROP", "-j ACCEPT"), /libvirt-I-vnet2 has other rules/],
])("negative test: %s", (_, listing, fault) => {
    expect(filterFault(listing(), NIC)).toMatch(fault);
});

it.each<[string, string]>([
    ["nothing", ""],
    ["another table", LISTING.replace("table: nat", "table: filter")],
    ["cut at its end", LISTING.slice(0, LISTING.lastIndexOf("-j DROP"))],
    ["a chain twice", `${LISTING}${chainsOf(NIC)[0] ?? ""}`],
    ["a rule before any chain", LISTING.replace("nat\n", "nat\n-j ACCEPT\n")],
])("throws for what is no listing: %s", (_, listing) => {
    expect(() => filterFault(listing, NIC)).toThrow();
});
