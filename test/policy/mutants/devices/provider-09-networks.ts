/** Networks of provider 0.9 that a rule has to refuse: each setting that one may not have. */
import type { FixtureResource } from "../../fixtures/resources";
import { NETWORK, UNKNOWN, ofType, set, short, type Mutant } from "../mutant";
import { type Props } from "./provider-09-values";

export const ISOLATED: readonly [string, string, Props][] = [
    ["forward nat", "NT-01", { forward: { mode: "nat" } }],
    ["forward without a mode", "NT-01", { forward: { dev: "eth0" } }],
    ["forward route", "NT-01", { forward: { mode: "route" } }],
    ["forward open", "NT-01", { forward: { mode: "open" } }],
    ["forward not known", "LC-15", { forward: UNKNOWN }],
    ["forward hostdev", "NT-06", { forward: { mode: "hostdev", pfs: [{ dev: "eth0" }] } }],
    ["forward bridge", "NT-06", { forward: { mode: "bridge" } }],
    ["an address", "NT-02", { ips: [{ address: "10.9.9.1", prefix: 24 }] }],
    ["an IPv6 address", "NT-02", { ips: [{ address: "fd00:9::1", family: "ipv6", prefix: 64 }] }],
    [
        "DHCP",
        "NT-03",
        {
            ips: [
                {
                    address: "10.9.9.1",
                    prefix: 24,
                    dhcp: { ranges: [{ start: "10.9.9.2", end: "10.9.9.9" }] },
                },
            ],
        },
    ],
    ["TFTP", "NT-03", { ips: [{ address: "10.9.9.1", prefix: 24, tftp: { root: "/srv" } }] }],
    ["a forwarder", "NT-03", { dns: { forwarders: [{ addr: "192.0.2.53" }] } }],
    ["a DNS host", "NT-03", { dns: { hosts: [{ ip: "192.0.2.1", hostnames: ["x"] }] } }],
    ["IPv6 among guests", "NT-04", { ipv6: "yes" }],
    ["a route", "NT-05", { routes: [{ address: "192.0.2.0", prefix: 24, gateway: "10.9.9.1" }] }],
    ["a domain", "NT-05", { domain: { name: "example.test" } }],
    ["dnsmasq's options", "NT-05", { dnsmasqOptions: { options: [{ value: "server=192.0.2.53" }] } }],
    ["receive filters of its guests", "NT-20", { trustGuestRxFilters: "yes" }],
    ["STP", "NT-22", { bridge: { name: "spx", stp: "on" } }],
    ["a bridge without a name", "NT-21", { bridge: { stp: "off" } }],
    ["libvirt's first bridge", "NT-21", { bridge: { name: "virbr0", stp: "off" } }],
    [
        "a port group",
        "NT-25",
        { portGroups: [{ name: "x", default: "yes", virtualPort: { params: { openVSwitch: {} } } }] },
    ],
    ["a VLAN", "NT-25", { vlan: { tags: [{ id: 42 }] } }],
    ["a virtual switch", "NT-25", { virtualPort: { params: { openVSwitch: {} } } }],
    ["a setting that is not known", "NT-05", { somethingNew: { x: "y" } }],
    ["every port isolated", "NT-18", { portOptions: { isolated: "yes" } }],
    ["a shape of both providers", "LC-15", { mode: "none" }],
];

export const EXTERNAL: readonly [string, string, Props][] = [
    [
        "DHCP",
        "NT-12",
        {
            ips: [
                {
                    address: "10.9.9.1",
                    prefix: 24,
                    dhcp: { ranges: [{ start: "10.9.9.2", end: "10.9.9.9" }] },
                },
            ],
        },
    ],
    ["a resolver", "NT-12", { dns: undefined }],
    [
        "IPv6",
        "NT-13",
        {
            ips: [
                { address: "10.9.9.1", prefix: 24 },
                { address: "fd00:9::1", family: "ipv6", prefix: 64 },
            ],
        },
    ],
    ["a port group", "NT-25", { portGroups: [{ name: "x", default: "yes", vlan: { tags: [{ id: 42 }] } }] }],
    ["TFTP", "NT-12", { ips: [{ address: "10.9.9.1", prefix: 24, tftp: { root: "/" } }] }],
    ["a forwarder", "NT-12", { dns: { enable: "no", forwarders: [{ addr: "192.0.2.53" }] } }],
    ["a route", "NT-12", { routes: [{ address: "10.152.152.0", prefix: 24, gateway: "10.9.9.2" }] }],
    ["a domain of the host's", "NT-12", { domain: { name: "lan", register: "yes" } }],
    ["raw dnsmasq options", "NT-12", { dnsMasqOptions: { options: [{ value: "dhcp-script=/tmp/x" }] } }],
    ["mode open", "NT-11", { forward: { mode: "open" } }],
    ["isolated", "NT-09", { forward: undefined }],
];

export const networks = (
    stack: readonly FixtureResource[],
    name: RegExp,
    changes: readonly (readonly [string, string, Props])[],
): Mutant[] =>
    ofType(stack, NETWORK, name).flatMap((n) =>
        changes.map(([title, rule, values]): Mutant => ({
            title: `0.9: ${short(n)}: ${title}`,
            rule,
            change: set(n.urn, values),
        })),
    );
