/** What a guest is told at its first boot. */
import { NIC, PATHS } from "../../../../cloud-init/guest";
import type { FixtureResource } from "../../fixtures/resources";
import { SEED, editUserData, editYaml, ofType, textOf, type UserData } from "../../mutants/mutant";
import { twoEnclaves, twoGuests } from "../bases";
import { ofKind, type Base, type Props } from "../production";
import type { Random } from "../random";
import { anything, enclaveOf, unheardOf } from "../targets";

type Stack = FixtureResource[];
const seeds = (stack: Stack, name = /-seed$/): FixtureResource[] => ofType(stack, SEED, name);
const gatewaySeeds = (stack: Stack): FixtureResource[] => seeds(stack, /-gateway-seed$/);
const workstationSeeds = (stack: Stack): FixtureResource[] => seeds(stack, /-workstation-.*-seed$/);
const edit = (seed: FixtureResource, change: (data: UserData) => void, stack: Stack): void => {
    editUserData(seed.urn, change)(stack);
};

/** tor(1): what tor does beside its few ports, or what it no longer refuses. */
const torrc = (r: Random): string =>
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

function ruleset(r: Random, text: string): string {
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
function spoilt(r: Random, text: string): string {
    const own = OWN_VALUES.flatMap((value) => [...text.matchAll(value)]);
    const places = [...text.matchAll(/^[^#\n]*$/gm)]
        .flatMap((line) => [...line[0].matchAll(/[A-Za-z0-9]/g)].map((m) => line.index + m.index))
        .filter((at) => !own.some((m) => m.index <= at && at < m.index + m[0].length));
    const at = r.pick(places);
    return `${text.slice(0, at)}${text[at] === "q" ? "w" : "q"}${text.slice(at + 1)}`;
}

/** Modules of cloud-init that run, install, mount or let in (its docs, "Module reference"). */
const MODULES: readonly ((r: Random) => Props)[] = [
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
function network(r: Random, data: Props): void {
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

const ofTunnel = (base: Base): boolean => base.title.includes("tunnel");
const hasSecrets = (base: Base): boolean =>
    ["bridges", "a plain bridge", "a proxy in the LAN", "a tunnel", "bridges through a tunnel"].includes(
        base.title,
    );

export default ofKind("seed", [
    {
        on: "stack",
        name: "a Gateway's torrc with one line more",
        why: "tor(1); TR-01 to TR-25",
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.torrc);
                    if (file !== undefined) {
                        file.content += `${torrc(r)}\n`;
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a Gateway's torrc with one line less",
        why: "tor(1): its defaults are another's choice",
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.torrc);
                    const lines = (file?.content ?? "").split("\n");
                    const at = r.pick([...lines.keys()].filter((i) => /^\w/.test(lines[i] ?? "")));
                    Object.assign(file ?? {}, { content: lines.filter((_, i) => i !== at).join("\n") });
                },
                stack,
            );
        },
        // A line less of some lists is another configuration of ours, which is no less safe.
        needs: (base) =>
            [
                "one enclave, one Workstation",
                "no transparent proxy",
                "two enclaves, three Workstations",
                "zones, and processors of their own",
            ].includes(base.title),
    },
    {
        on: "stack",
        name: "a firewall that lets more through",
        why: "nft(8); FW-01 to FW-21",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.ruleset);
                    if (file !== undefined) {
                        file.content = ruleset(r, file.content);
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file with one sign changed",
        why: "GUEST-01: what this project renders has been looked at",
        change: (r, stack) => {
            const seed = r.pick(seeds(stack));
            edit(
                seed,
                (data) => {
                    const files = data.write_files.filter(
                        (f) =>
                            ![PATHS.torrc, PATHS.ruleset].includes(f.path as never) &&
                            /[A-Za-z0-9]/.test(f.content.replace(/^#.*$/gm, "")),
                    );
                    const file = r.pick(files);
                    file.content = spoilt(r, file.content);
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file more, or less",
        why: "GUEST-01",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    if (r.chance(0.5)) {
                        data.write_files.splice(r.int(0, data.write_files.length), 0, {
                            path: r.pick([
                                r.path(),
                                `/etc/systemd/system/${r.word()}.service`,
                                `/etc/cron.d/${r.word()}`,
                                "/etc/resolv.conf",
                            ]),
                            content: r.word(),
                        });
                    } else {
                        data.write_files.splice(r.int(0, data.write_files.length - 1), 1);
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "one path twice, the second time with other words",
        why: "cloud-init writes the list in its order: the last one stands",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const like = r.pick(data.write_files);
                    const path = r.pick([
                        like.path,
                        like.path.replace("/etc/", "/etc/./"),
                        like.path.replace("/etc/", "//etc/"),
                        like.path.replace("/etc/", `/etc/${r.word()}/../`),
                    ]);
                    data.write_files.splice(r.int(0, data.write_files.length), 0, {
                        ...like,
                        path,
                        content: `${r.word()}\n${like.content}`,
                    });
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file that others may write or own",
        why: "cloud-init write_files: owner, permissions",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const file = r.pick(data.write_files);
                    r.pick<() => void>([
                        () => {
                            file.permissions = `0${r.int(6, 7)}${r.pick(["22", "66", "77", "26", "02"])}`;
                        },
                        () => {
                            file.owner = r.pick([
                                `${r.word()}:${r.word()}`,
                                "debian-tor:root",
                                "nobody:nogroup",
                            ]);
                        },
                        () => {
                            file.permissions = `4${r.pick(["755", "777"])}`;
                        },
                    ])();
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        needs: ofTunnel,
        name: "a tunnel's key that every user of the Gateway reads",
        why: 'systemd.netdev(5): "0640 root:systemd-network"',
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = r.pick(data.write_files.filter((f) => /PrivateKey/.test(f.content)));
                    r.pick<() => void>([
                        () => {
                            file.permissions = r.pick([
                                "0644",
                                "0604",
                                "0664",
                                "0666",
                                "0444",
                                "0755",
                                "0641",
                            ]);
                        },
                        () => {
                            delete file.permissions;
                        },
                        () => {
                            file.owner = r.pick([
                                "root:root",
                                "root:debian-tor",
                                "debian-tor:debian-tor",
                                `root:${r.word()}`,
                            ]);
                        },
                        () => {
                            delete file.owner;
                        },
                    ])();
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        needs: hasSecrets,
        name: "a secret that is none",
        why: "CI-10, TR-15: it stands in the state in plain",
        change: (r, stack) => {
            const seed = r.pick(gatewaySeeds(stack));
            // The names of what is secret are no property of their own, and stay behind.
            seed.props = Object.fromEntries(Object.entries(seed.props));
        },
    },
    ...MODULES.map((values, i) => ({
        on: "stack" as const,
        name: `user-data with a module of its own (${i + 1})`,
        why: "cloud-init's modules run, install, mount and let in",
        change: (r: Random, stack: Stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    Object.assign(data, values(r));
                },
                stack,
            );
        },
    })),
    {
        on: "stack",
        name: "user-data of another format",
        why: "cloud-init's formats: a script, parts, an address, a template",
        change: (r, stack) => {
            const { props } = r.pick(seeds(stack));
            const text = String(props["userData"]);
            props["userData"] = r.pick(
                [
                    `#!/bin/sh\n${r.path()}\n`,
                    `#include\nhttp://${r.word()}.test\n`,
                    `## template: jinja\n${text}`,
                    `Content-Type: multipart/mixed; boundary="x"\nMIME-Version: ` +
                        `1.0\n\n--x\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--x--\n`,
                    `#cloud-config-archive\n- ${r.word()}\n`,
                    `#cloud-boothook\n${r.path()}\n`,
                    `#part-handler\n${r.word()}\n`,
                    Buffer.from(text).toString("base64"),
                    text.replace("#cloud-config", "#cloud-config "),
                    `${text}\n---\nruncmd: [[${r.word()}]]\n`,
                    `\n${text}`,
                    `#cloud-config\n`,
                    "",
                    text.replace("#cloud-config", "#cloud-config-jsonp"),
                    `${text}\nwrite_files: []\n`,
                ].filter((made) => made !== text && made !== text.replace("#cloud-config", "#cloud-config ")),
            );
        },
    },
    {
        on: "stack",
        name: "network-config that says more or something else",
        why: "netplan: addresses, routes and resolvers besides the one wire",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "networkConfig", (data) => {
                network(r, (data["network"] ?? data) as Props);
            })(stack);
        },
    },
    {
        on: "stack",
        name: "a Workstation outside the inner subnet, by any octet",
        why:
            "W01: no address of 10.152.152.0/24, and a fingerprint; its MAC says nothing of the " +
            "first octets",
        change: (r, stack) => {
            editYaml(r.pick(workstationSeeds(stack)).urn, "networkConfig", (data) => {
                const nics = ((data["network"] ?? data) as Props)["ethernets"] as Record<
                    string,
                    { addresses: string[] }
                >;
                for (const nic of Object.values(nics)) {
                    nic.addresses = nic.addresses.map((a) =>
                        r.pick([
                            a.replace(/^10\./, `${r.pick([9, 11, 127, 172, 192, 0])}.`),
                            a.replace(/^10\.152\./, `10.${r.pick([151, 153, 0])}.`),
                            a.replace(/\/24$/, `/${r.pick([8, 16, 23, 25, 32])}`),
                            a.replace(/^10\./, "010."),
                        ]),
                    );
                }
            })(stack);
        },
    },
    {
        on: "stack",
        name: "meta-data that tells something",
        why: "ID-10: programs put the host's name into messages, requests and files",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "metaData", (data) => {
                r.pick<() => void>([
                    () => {
                        data["local-hostname"] = r.word();
                    },
                    () => {
                        data["public-keys"] = [r.word()];
                    },
                    () => {
                        data["hostname"] = r.word();
                    },
                    () => {
                        data[
                            r.pick(["user-data", "vendor-data", "network-interfaces", "dsmode", unheardOf(r)])
                        ] = r.word();
                    },
                ])();
            })(stack);
        },
    },
    {
        on: "stack",
        name: "an instance-id that names the stack, or is none",
        why: "CI-05: what is inside reads it",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "metaData", (data) => {
                data["instance-id"] = r.pick(["", r.word(), `sallyport-test-${r.word()}`, "sallyport-"]);
            })(stack);
        },
    },
    {
        on: "stack",
        needs: twoGuests,
        name: "two guests with one address or instance-id",
        why: "SH-02: they share circuits, or are one guest to what reads it",
        change: (r, stack) => {
            const all = workstationSeeds(stack);
            const [a, b] = r.pick(
                all.flatMap((one) =>
                    all
                        .filter((x) => x !== one && enclaveOf(x.name) === enclaveOf(one.name))
                        .map((x) => [one, x] as const),
                ),
            );
            const key = r.pick(["networkConfig", "metaData"] as const);
            a.props[key] = b.props[key];
        },
    },
    {
        on: "stack",
        needs: twoEnclaves,
        name: "another guest's seed",
        why: "the Gateway of one enclave obeys what was written for another",
        change: (r, stack) => {
            const [a, b] = r.shuffled(r.chance(0.5) ? gatewaySeeds(stack) : seeds(stack)) as [
                FixtureResource,
                FixtureResource,
            ];
            const keys = r.some(["networkConfig", "userData"]);
            // Workstations of one number have one network-config in all enclaves: the other's alone is no change.
            const changing = keys.some((key) => a.props[key] !== b.props[key]) ? keys : ["userData"];
            for (const key of changing) {
                a.props[key] =
                    textOf(b, PATHS.ruleset) === textOf(a, PATHS.ruleset) && key === "userData"
                        ? `#cloud-config\n{}`
                        : b.props[key];
            }
        },
    },
]);
