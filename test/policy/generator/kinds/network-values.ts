/** Settings that no isolated network may have, in the words of each provider. */
import { type Props } from "../production";
import type { Random } from "../random";
import { anything, unheardOf } from "../targets";

const FORWARDS = ["nat", "route", "open", "bridge", "private", "vepa", "passthrough", "hostdev"];

export const dhcp = (r: Random): Props => ({ dhcp: { ranges: [{ start: r.ipv4(), end: r.ipv4() }] } });

const address = (r: Random): Props =>
    r.pick<Props>([
        { address: r.ipv4(), prefix: r.int(8, 30) },
        { address: r.ipv4(), netmask: "255.255.255.0" },
        { address: `fd00:${r.hex(4)}::1`, family: "ipv6", prefix: 64 },
        { address: `10.152.152.${r.int(1, 250)}`, prefix: 24 },
    ]);

/** By libvirt's formatnetwork, in provider 0.9's words. */
export const WISHES_09: readonly (readonly [string, string, (r: Random) => Props])[] = [
    [
        "forwards",
        "formatnetwork <forward>: mode absent means nat",
        (r) => ({
            forward: r.pick<Props>([
                { mode: r.pick(FORWARDS) },
                { dev: r.word() },
                { mode: r.recased("nat") },
                { interfaces: [{ dev: r.word() }] },
                { mode: r.pick(FORWARDS), dev: r.word() },
                { nat: { ports: [{ start: 1024, end: 65535 }] } },
            ]),
        }),
    ],
    [
        "has an address of the host's",
        "formatnetwork <ip>: the host answers there",
        (r) => ({
            ips: Array.from({ length: r.int(1, 3) }, () => ({
                ...address(r),
                ...(r.chance(0.3) ? dhcp(r) : {}),
            })),
        }),
    ],
    [
        "has a resolver",
        "formatnetwork <dns>: dnsmasq asks the host's servers",
        (r) => ({
            dns: r.pick<Props>([
                { forwarders: [{ addr: r.ipv4() }] },
                { hosts: [{ ip: r.ipv4(), hostnames: [r.word()] }] },
                { txts: [{ name: r.word(), value: r.word() }] },
                { srvs: [{ service: r.word(), protocol: "tcp", target: r.word() }] },
                { forwardPlainNames: "yes", forwarders: [{ domain: r.word() }] },
            ]),
        }),
    ],
    [
        "has routes",
        "formatnetwork <route>",
        (r) => ({ routes: [{ address: r.ipv4(), prefix: 24, gateway: r.ipv4() }] }),
    ],
    [
        "has a domain",
        "formatnetwork <domain>: registered with the host's resolver",
        (r) => ({ domain: { name: r.word(), register: r.pick(["yes", "no"]) } }),
    ],
    [
        "hands options to dnsmasq",
        "formatnetwork: dnsmasq's namespace runs scripts as root",
        (r) => ({
            [r.pick(["dnsmasqOptions", "dnsMasqOptions"])]: {
                options: [{ value: `dhcp-script=${r.path()}` }],
            },
        }),
    ],
    ["lets guests speak IPv6 without an address", "formatnetwork ipv6=yes", () => ({ ipv6: "yes" })],
    [
        "trusts its guests' receive filters",
        "formatnetwork trustGuestRxFilters",
        () => ({ trustGuestRxFilters: "yes" }),
    ],
    [
        "has a port group",
        "formatnetwork <portgroup>: the default one holds for every NIC",
        (r) => ({
            portGroups: [
                {
                    name: r.word(),
                    default: "yes",
                    ...(r.chance(0.5) ? { vlan: { tags: [{ id: r.int(1, 4094) }] } } : {}),
                },
            ],
        }),
    ],
    ["has a VLAN", "formatnetwork <vlan>", (r) => ({ vlan: { tags: [{ id: r.int(1, 4094) }] } })],
    [
        "is a virtual switch",
        "formatnetwork <virtualport>",
        (r) => ({ virtualPort: { params: { openVSwitch: { interfaceId: r.uuid() } } } }),
    ],
    [
        "has something unknown",
        "what libvirt learns tomorrow is on no list",
        (r) => ({ [unheardOf(r)]: anything(r) }),
    ],
    [
        "speaks spanning tree",
        "NT-22: frames that name the bridge",
        (r) => ({ bridge: { name: `sp${r.hex(8)}`, stp: r.pick(["on", "yes", "true"]), delay: "0" } }),
    ],
    [
        "has a bridge without a name",
        "NT-21: libvirt takes the next virbrN",
        () => ({ bridge: { stp: "off", delay: "0" } }),
    ],
];

/**
 * By provider 0.8.3's resource_libvirt_network.go; a stylesheet of ours would take all of it away, so there
 * is none.
 */
export const WISHES_08: readonly (readonly [string, string, (r: Random) => Props])[] = [
    [
        "forwards",
        "0.8.3: mode absent means nat",
        (r) => ({ mode: r.pick([undefined, "nat", "route", "open", "bridge", r.recased("nat")]) }),
    ],
    [
        "has an address of the host's",
        "0.8.3: addresses give the host an address, DHCP and a resolver",
        (r) => ({ addresses: Array.from({ length: r.int(1, 2) }, () => `10.${r.int(0, 255)}.9.0/24`) }),
    ],
    [
        "has a resolver",
        "0.8.3: dns.enabled false does nothing",
        (r) => ({
            addresses: ["10.9.9.0/24"],
            dns: { enabled: r.chance(0.5), forwarders: [{ address: r.ipv4() }] },
        }),
    ],
    [
        "has routes",
        "0.8.3 network_routes.go",
        (r) => ({ routes: [{ cidr: `${r.ipv4()}/32`, gateway: r.ipv4() }] }),
    ],
    [
        "hands options to dnsmasq",
        "0.8.3 dnsmasq_options",
        (r) => ({
            dnsmasqOptions: {
                options: [{ optionName: r.pick(["server", "dhcp-script"]), optionValue: r.path() }],
            },
        }),
    ],
    ["has a domain", "0.8.3 domain", (r) => ({ domain: r.word() })],
];
