/** Single edits of a seed's files: torrc, ruleset, cloud-init's modules, network settings. */
import { NIC } from "../../../../cloud-init/guest";
import type { FixtureResource } from "../../fixtures/resources";
import { SEED, editUserData, ofType, type UserData } from "../../mutants/mutant";
import { type Base, type Props } from "../production";
import type { Random } from "../random";
import { anything, unheardOf } from "../targets";

export type Stack = FixtureResource[];

export const seeds = (stack: Stack, name = /-seed$/): FixtureResource[] => ofType(stack, SEED, name);

export const gatewaySeeds = (stack: Stack): FixtureResource[] => seeds(stack, /-gateway-seed$/);

export const workstationSeeds = (stack: Stack): FixtureResource[] => seeds(stack, /-workstation-.*-seed$/);

export const edit = (seed: FixtureResource, change: (data: UserData) => void, stack: Stack): void => {
    editUserData(seed.urn, change)(stack);
};

/** tor(1): what tor does beside its few ports, or what it no longer refuses. */
export const torrc = (r: Random): string =>
    r.pick([
        `SocksPort 0.0.0.0:${r.int(1024, 65535)}`,
        `ControlPort ${r.int(1024, 65535)}`,
        `ControlSocket ${r.path()}`,
        "ORPort 9001",
        "DirPort 9030",
        "ExitRelay 1",
        "AllowNonRFC953Hostnames 1",
        `ClientOnly 0`,
        `TransPort ${r.ipv4()}:9040`,
        `DNSPort ${r.ipv4()}:53`,
        `HTTPTunnelPort ${r.ipv4()}:8118`,
        `SafeLogging 0`,
        `Log debug file ${r.path()}`,
        `ExcludeNodes {${r.word(2, 2)}}`,
        `EntryNodes ${r.word()}`,
        `ExitNodes {${r.word(2, 2)}}`,
        `UseEntryGuards 0`,
        `HiddenServiceDir ${r.path()}`,
        `HiddenServiceNonAnonymousMode 1`,
        `MapAddress ${r.word()}.test ${r.ipv4()}`,
        `%include ${r.path()}`,
        `ClientTransportPlugin x exec ${r.path()}`,
        `AllowSingleHopCircuits 1`,
        `Tor2webMode 1`,
        `${r.word()} ${r.word()}`,
        `User root`,
        `FirewallPorts 443`,
        `TrackHostExits .`,
        `MaxCircuitDirtiness 86400`,
        `VirtualAddrNetworkIPv4 10.152.152.0/24`,
        `AutomapHostsOnResolve 0`,
        `NumCPUs 9\nSocksPort ${r.ipv4()}:9`,
        `CacheIPv4DNS 1`,
        `+SocksPort 0.0.0.0:9`,
        `/SocksPort`,
    ]);

/** nft(8): one more rule that lets something through, at the head of a chain. */
const rule = (r: Random): string =>
    r.pick([
        "accept",
        `ip daddr ${r.ipv4()} accept`,
        `tcp dport ${r.int(1, 65535)} accept`,
        `udp dport ${r.int(1, 65535)} accept`,
        `meta skuid ${r.int(0, 65000)} accept`,
        `iifname "int0" accept`,
        `oifname "ext0" accept`,
        "ct state new accept",
        "meta l4proto icmp accept",
        "ip6 nexthdr icmpv6 accept",
        `iifname "${r.word()}" accept`,
        `jump ${r.word()}`,
        `ip saddr ${r.ipv4()} dnat to ${r.ipv4()}`,
        "masquerade",
    ]);

export function ruleset(r: Random, text: string): string {
    const chains = [...text.matchAll(/^(\s*)type filter hook \w+ priority [^;]*; policy drop;$/gm)];
    const drops = [...text.matchAll(/policy drop;/g)].map((m) => m.index);
    return r.pick<() => string>([
        () => {
            const at = r.pick(drops);
            return `${text.slice(0, at)}policy accept;${text.slice(at + "policy drop;".length)}`;
        },
        () => {
            const m = r.pick(chains);
            const at = m.index + m[0].length;
            return `${text.slice(0, at)}\n${m[1] ?? ""}${rule(r)}${text.slice(at)}`;
        },
        () =>
            `${text}\ntable inet ${r.word()} { chain ${r.word()} { type filter hook ` +
            `${r.pick(["output", "forward", "input"])} priority -300; policy accept; ${rule(r)}; ` +
            `}; }\n`,
        () => `${text}\nflush ruleset\n`,
        () => `${text}\ninclude "${r.path()}"\n`,
    ])();
}

/**
 * Values of the operator's own, of which any other is as safe: it is another configuration. A tunnel's key (its
 * last sign is left, since its low bits have to be zero): the peer answers to no other. The name of a time
 * source: an onion service proves it, and a private Tor network's are its owner's to name.
 */
const OWN_VALUES = [
    /(?<=^(?:Private|Public)Key=).{42}/gm,
    /(?<=http:\/\/)(?:[a-z2-7]{56}(?=\.onion\/)|[a-z.]+\.test\b)/g,
];

/** One sign of a file's text that is no space, no comment and not of those values, changed. */
export function spoilt(r: Random, text: string): string {
    const own = OWN_VALUES.flatMap((value) => [...text.matchAll(value)]);
    const places = [...text.matchAll(/^[^#\n]*$/gm)]
        .flatMap((line) => [...line[0].matchAll(/[A-Za-z0-9]/g)].map((m) => line.index + m.index))
        .filter((at) => !own.some((m) => m.index <= at && at < m.index + m[0].length));
    const at = r.pick(places);
    return `${text.slice(0, at)}${text[at] === "q" ? "w" : "q"}${text.slice(at + 1)}`;
}

/** Modules of cloud-init that run, install, mount or let in (its docs, "Module reference"). */
export const MODULES: readonly ((r: Random) => Props)[] = [
    (r) => ({ [r.pick(["runcmd", "bootcmd"])]: [[r.path(), r.word()]] }),
    (r) => ({ users: [{ name: r.word(), ssh_authorized_keys: [r.word()] }] }),
    (r) => ({ ssh_authorized_keys: [r.word()] }),
    (r) => ({ packages: [r.word()] }),
    (r) => ({ apt: { sources: { x: { source: r.word() } } } }),
    (r) => ({ mounts: [[r.path(), r.path()]] }),
    (r) => ({ phone_home: { url: `http://${r.word()}.test` } }),
    (r) => ({ ntp: { servers: [r.ipv4()] } }),
    (r) => ({ resolv_conf: { nameservers: [r.ipv4()] } }),
    (r) => ({ chpasswd: { list: `root:${r.word()}` } }),
    () => ({ ssh_pwauth: true }),
    (r) => ({ snap: { commands: [r.word()] } }),
    (r) => ({ ca_certs: { trusted: [r.word()] } }),
    (r) => ({ power_state: { mode: "reboot", condition: r.path() } }),
    (r) => ({ hostname: r.word() }),
    (r) => ({ timezone: `Europe/${r.word()}` }),
    (r) => ({ locale: r.word() }),
    (r) => ({ swap: { filename: r.path() } }),
    (r) => ({ datasource: { None: {} }, [unheardOf(r)]: anything(r) }),
    (r) => ({ [unheardOf(r)]: anything(r) }),
    (r) => ({ merge_how: r.word(), write_files_deferred: [] }),
    (r) => ({ rsyslog: [r.word()] }),
];

/** Whether a NIC has a route to this destination. */
const leadsAlready = (nic: Props, to: string): boolean => {
    const plain = (text: unknown): unknown => (text === "default" ? "0.0.0.0/0" : text);
    return ((nic["routes"] ?? []) as Props[]).some((route) => plain(route["to"]) === plain(to));
};

/** network-config, version 2. */
export function network(r: Random, data: Props): void {
    const nics = data["ethernets"] as Record<string, Props>;
    const nic = nics[r.pick(Object.keys(nics))] ?? {};
    r.pick<() => void>([
        () => {
            nic[r.pick(["dhcp4", "dhcp6", "accept-ra"])] = true;
        },
        () => {
            nic["nameservers"] = { addresses: [r.ipv4()] };
        },
        () => {
            nic["addresses"] = [`${r.ipv4()}/24`];
        },
        () => {
            const to = r.pick(["0.0.0.0/0", "default", `${r.ipv4()}/32`]);
            const route = { to, via: r.ipv4() };
            // Another next hop alone is safe on a Gateway's outer NIC: only tor's traffic leaves there, whichever
            // router carries it, and none leaves by a router off the subnet.
            nic["routes"] = [
                nic["set-name"] === NIC.outer && leadsAlready(nic, to)
                    ? { ...route, to: `${r.ipv4()}/31` }
                    : route,
            ];
        },
        () => {
            nic["addresses"] = [...(nic["addresses"] as string[]), `${r.ipv4()}/24`];
        },
        () => {
            nics[r.word()] = {
                match: { macaddress: r.mac() },
                "set-name": r.word(),
                addresses: [`${r.ipv4()}/24`],
            };
        },
        () => {
            nic["match"] = { macaddress: r.mac() };
        },
        () => {
            nic["match"] = { name: r.pick(["e*", "*"]) };
        },
        () => {
            data[r.pick(["bridges", "vlans", "bonds", "tunnels", "wifis", "vrfs"])] = {
                x0: { interfaces: Object.keys(nics), id: 1, link: "x", mode: "gre", remote: r.ipv4() },
            };
        },
        () => {
            nic["gateway4"] = r.ipv4();
        },
        () => {
            nic["set-name"] = r.word();
        },
        () => {
            nic[r.pick(["link-local", "wakeonlan", "mtu", "macaddress", "routing-policy", "optional"])] =
                r.pick<unknown>([["ipv6"], r.int(1, 9), r.mac()]);
        },
        () => {
            data["version"] = 1;
        },
        () => {
            nic[unheardOf(r)] = anything(r);
        },
    ])();
}

export const ofTunnel = (base: Base): boolean => base.title.includes("tunnel");

export const hasSecrets = (base: Base): boolean =>
    ["bridges", "a plain bridge", "a proxy in the LAN", "a tunnel", "bridges through a tunnel"].includes(
        base.title,
    );
