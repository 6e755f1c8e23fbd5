/** What seeds hold: user-data, files, firewall, torrc, sysctls, network-config, meta-data. */
import { SECRET_KEYS } from "../../../../model/adapters";
import { CUSTOM_PORTS } from "../../../../values/ports";
import type { FixtureResource } from "../../fixtures/resources";
import {
    SEED,
    UNKNOWN,
    edit,
    editFile,
    editUserData,
    editYaml,
    ofType,
    set,
    short,
    textOf,
    type Mutant,
} from "../mutant";

const DATA = "/etc/sallyport/data";
const RULESET = "/etc/sallyport/ruleset.nft";
const TORRC = "/etc/tor/torrc";
const SYSCTL = "/etc/sysctl.d/90-sallyport.conf";
export const GATEWAY = /-gateway-seed$/;
export const WORKSTATION = /-workstation-.*-seed$/;

/** Top-level keys that no seed of ours has. */
const KEYS: readonly [string, unknown, string][] = [
    ["password", "tor", "CI-01"],
    ["chpasswd", { expire: false }, "CI-01"],
    ["users", [{ name: "x", lock_passwd: false }], "CI-01"],
    ["ssh_pwauth", true, "CI-01"],
    ["disable_root", false, "CI-01"],
    ["ssh_authorized_keys", ["ssh-ed25519 AAAA"], "CI-02"],
    ["ssh_import_id", ["gh:x"], "CI-02"],
    ["packages", ["curl"], "CI-06"],
    ["package_update", true, "CI-06"],
    ["package_upgrade", true, "CI-06"],
    ["snap", {}, "CI-06"],
    ["runcmd", ["true"], "CI-07"],
    ["bootcmd", ["true"], "CI-07"],
    ["mounts", [], "CI-07"],
    ["power_state", {}, "CI-07"],
    ["datasource", { NoCloud: { seedfrom: "http://192.0.2.1/" } }, "CI-08"],
    ["datasource_list", ["Ec2"], "CI-08"],
    ["phone_home", { url: "http://192.0.2.1/" }, "CI-13"],
    ["ntp", { enabled: true }, "CI-13"],
    ["resolv_conf", { nameservers: ["192.0.2.53"] }, "CI-13"],
    ["something_new", true, "CI-15"],
    ["timezone", "Europe/Berlin", "CI-15"],
    ["hostname", "alice-laptop", "ID-10"],
];

const FILES: readonly [string, string, string][] = [
    ["/etc/sudoers.d/user", "user ALL=(ALL) NOPASSWD: ALL\n", "CI-01"],
    ["/etc/shadow", "root::1\n", "CI-01"],
    ["/root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", "CI-02"],
    ["/etc/ssh/sshd_config.d/x.conf", "PermitRootLogin yes\n", "CI-02"],
    ["/etc/systemd/system/x.service", "[Service]\nExecStart=/bin/true\n", "CI-07"],
    ["/etc/cron.d/x", "* * * * * root true\n", "CI-07"],
    ["/var/lib/cloud/scripts/per-boot/x", "#!/bin/sh\n", "CI-07"],
    ["/etc/cloud/cloud.cfg.d/99.cfg", "datasource_list: [Ec2]\n", "CI-08"],
    ["/etc/sallyport/key", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "CI-11"],
    ["/etc/wireguard/wg0.conf", "PrivateKey = x\n", "CI-11"],
    ["/etc/sallyport/rsa", "-----BEGIN RSA PRIVATE KEY-----\n", "CI-10"],
    ["/opt/x", "x\n", "CI-16"],
    ["/etc/sallyport/extra.nft", "flush ruleset\n", "GUEST-01"],
];

const YAML: readonly [string, string, (nic: Record<string, unknown>) => void][] = [
    [
        "DHCP",
        "CI-04",
        (nic) => {
            nic["dhcp4"] = true;
        },
    ],
    [
        "DHCPv6",
        "CI-04",
        (nic) => {
            nic["dhcp6"] = true;
        },
    ],
    [
        "router advertisements",
        "CI-04",
        (nic) => {
            nic["accept-ra"] = true;
        },
    ],
    [
        "no match by MAC",
        "CI-04",
        (nic) => {
            Reflect.deleteProperty(nic, "match");
        },
    ],
    [
        "a resolver",
        "CI-04",
        (nic) => {
            nic["nameservers"] = { addresses: ["192.0.2.53"] };
        },
    ],
    [
        "a second address",
        "CI-04",
        (nic) => {
            (nic["addresses"] as string[]).push("10.152.152.99/24");
        },
    ],
    [
        "an MTU",
        "CI-04",
        (nic) => {
            nic["mtu"] = 9000;
        },
    ],
    [
        "another MAC",
        "DD-17",
        (nic) => {
            nic["match"] = { macaddress: "52:54:00:99:99:99" };
        },
    ],
    [
        "another name",
        "CI-05",
        (nic) => {
            nic["set-name"] = "eth9";
        },
    ],
];

/** The text without the n-th line that matches. */
const without =
    (line: string) =>
    (text: string): string =>
        text.replace(`${line}\n`, "");
/** @param known a text whose lines are left out */
function lines(text: string, test: RegExp, known = ""): string[] {
    const old = new Set(known.split("\n"));
    return [...new Set(text.split("\n").filter((line) => test.test(line) && !old.has(line)))];
}

const hasSecrets = (seed: FixtureResource): boolean =>
    (
        Object.getOwnPropertyDescriptor(seed.props, SECRET_KEYS)?.value as readonly string[] | undefined
    )?.includes("userData") === true;

/**
 * @param like a guest of the same role in another configuration: files and lines of the firewall that it has
 * as well are not changed one by one again
 */
function everyGuest(seed: FixtureResource, like?: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    const fresh = (path: string): boolean => like === undefined || textOf(like, path) !== textOf(seed, path);
    const rules = (test: RegExp): string[] =>
        lines(textOf(seed, RULESET), test, like === undefined ? "" : textOf(like, RULESET));
    const paths = [...String(seed.props["userData"]).matchAll(/^ {2}- path: (\S+)$/gm)]
        .map(([, path = ""]) => path)
        .filter(fresh);
    return [
        ...KEYS.map(([key, value, rule]): Mutant => ({
            title: `${mine}: user-data ${key}`,
            rule,
            change: editUserData(at, (data) => {
                data[key] = value;
            }),
        })),
        // CI-10 wants keys declared secret, as a seed with secrets of its own is.
        ...FILES.map(([path, content, rule]): Mutant => ({
            title: `${mine}: file ${path}`,
            rule: rule === "CI-10" && hasSecrets(seed) ? "GUEST-01" : rule,
            change: editUserData(at, (data) => {
                data.write_files.push({ path, content, owner: "root:root", permissions: "0644" });
            }),
        })),
        ...paths.flatMap((path): Mutant[] => [
            ...(path === TORRC || path === RULESET
                ? []
                : [
                      {
                          title: `${mine}: ${path} changed`,
                          rule: "GUEST-01",
                          change: editFile(at, path, (text: string) => `${text}# one line more\n`),
                      },
                  ]),
            // Without it a seed is one of a guest without a data volume: its disks tell (devices/data-disks).
            ...(path === DATA
                ? []
                : [
                      {
                          title: `${mine}: ${path} left out`,
                          rule: "GUEST-01",
                          change: editUserData(at, (data) => {
                              data.write_files = data.write_files.filter((f) => f.path !== path);
                          }),
                      },
                  ]),
            {
                title: `${mine}: ${path} writable by all`,
                rule: "CI-16",
                change: editUserData(at, (data) => {
                    data.write_files
                        .filter((f) => f.path === path)
                        .forEach((f) => {
                            f.permissions = "0666";
                        });
                }),
            },
            {
                title: `${mine}: ${path} of another user`,
                rule: "CI-16",
                change: editUserData(at, (data) => {
                    data.write_files
                        .filter((f) => f.path === path)
                        .forEach((f) => {
                            f.owner = "user:user";
                        });
                }),
            },
        ]),
        {
            title: `${mine}: a script in place of user-data`,
            rule: "GUEST-01",
            change: set(at, { userData: "#!/bin/sh\nnft flush ruleset\n" }),
        },
        {
            title: `${mine}: user-data that is cut off`,
            rule: "GUEST-01",
            change: edit(at, (p) => {
                p["userData"] = String(p["userData"]).slice(0, 300);
            }),
        },
        {
            title: `${mine}: user-data that is not known`,
            rule: "LC-15",
            change: set(at, { userData: UNKNOWN }),
        },
        { title: `${mine}: no network-config`, rule: "CI-04", change: set(at, { networkConfig: undefined }) },
        {
            title: `${mine}: network-config version 1`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.assign(data, { version: 1 });
            }),
        },
        {
            title: `${mine}: a bond`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.assign(data, { bonds: { b0: {} } });
            }),
        },
        ...YAML.map(([title, rule, change]): Mutant => ({
            title: `${mine}: network-config with ${title}`,
            rule,
            change: editYaml(at, "networkConfig", (data) =>
                change(Object.values(data["ethernets"] as Record<string, Record<string, unknown>>)[0] ?? {}),
            ),
        })),
        {
            title: `${mine}: another host name`,
            rule: "ID-10",
            change: editYaml(at, "metaData", (data) => {
                Object.assign(data, { "local-hostname": "alice" });
            }),
        },
        {
            title: `${mine}: no instance-id`,
            rule: "CI-12",
            change: editYaml(at, "metaData", (data) => {
                Reflect.deleteProperty(data, "instance-id");
            }),
        },
        {
            title: `${mine}: a seed from elsewhere`,
            rule: "CI-08",
            change: editYaml(at, "metaData", (data) => {
                Object.assign(data, { seedfrom: "http://192.0.2.1/" });
            }),
        },
        {
            title: `${mine}: the other role`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/role", (text) =>
                text === "gateway\n" ? "workstation\n" : "gateway\n",
            ),
        },
        // Firewall: every rule removed, every drop turned round, every policy opened.
        ...rules(/(accept|drop|reject with icmpx admin-prohibited|redirect to :\d+)$/).map(
            (line): Mutant => ({
                title: `${mine}: firewall without "${line.trim()}"`,
                rule: "GUEST-01",
                change: editFile(at, RULESET, without(line)),
            }),
        ),
        ...rules(/ drop$/).map((line): Mutant => ({
            title: `${mine}: firewall accepts "${line.trim()}"`,
            rule: "GUEST-01",
            change: editFile(at, RULESET, (t) => t.replace(line, line.replace(/drop$/, "accept"))),
        })),
        ...["input", "forward", "output"].map((chain): Mutant => ({
            title: `${mine}: ${chain} open by policy`,
            rule: "FW-01",
            change: editFile(at, RULESET, (t) =>
                t.replaceAll(
                    new RegExp(`(type filter hook ${chain} priority 0; policy) drop;`, "g"),
                    "$1 accept;",
                ),
            ),
        })),
        {
            title: `${mine}: not one transaction`,
            rule: "FW-14",
            change: editFile(at, RULESET, (t) => t.replace("flush ruleset\n", "")),
        },
        {
            title: `${mine}: another file included`,
            rule: "GUEST-01",
            change: editFile(at, RULESET, (t) => `${t}include "/etc/nftables.d/*"\n`),
        },
        {
            title: `${mine}: masquerade`,
            rule: "FW-03",
            change: editFile(
                at,
                RULESET,
                (t) =>
                    `${t}table ip nat {\n chain post {\n type nat hook postrouting priority 100; ` +
                    `policy accept;\n masquerade\n }\n}\n`,
            ),
        },
        {
            title: `${mine}: forwards`,
            rule: "FW-02",
            change: editFile(at, RULESET, (t) =>
                t.replace(/(hook forward priority 0; policy drop;\n)/, "$1 accept\n"),
            ),
        },
        {
            title: `${mine}: an exception for a user`,
            rule: "CI-18",
            change: editFile(at, RULESET, (t) =>
                t.replace(/(hook output priority 0; policy drop;\n)/, '$1 meta skuid "clearnet" accept\n'),
            ),
        },
        {
            title: `${mine}: drops without counting`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) => t.replace(/counter name "[a-z_]+" drop/, "drop")),
        },
        {
            title: `${mine}: drops without logging`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace(/^.* log prefix "sallyport-drop output: " level debug\n/m, ""),
            ),
        },
        {
            title: `${mine}: logs by another name`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace('log prefix "sallyport-drop input: "', 'log prefix "input: "'),
            ),
        },
        {
            title: `${mine}: logs without bounds`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace("limit rate 1/second burst 5 packets counter log", "counter log"),
            ),
        },
        // Sysctls: every value turned round.
        ...(!fresh(SYSCTL)
            ? []
            : lines(textOf(seed, SYSCTL), /=/).map((line): Mutant => ({
                  title: `${mine}: sysctl without "${line}"`,
                  rule: "GUEST-01",
                  change: editFile(at, SYSCTL, without(line)),
              }))),
        ...["net.ipv4.ip_forward", "net.ipv4.conf.*.forwarding", "net.ipv6.conf.*.forwarding"].map(
            (key): Mutant => ({
                title: `${mine}: ${key} on`,
                rule: "FW-02",
                change: editFile(at, SYSCTL, (t) => t.replace(`${key} = 0`, `${key} = 1`)),
            }),
        ),
        ...["accept_ra", "autoconf"].map((name): Mutant => ({
            title: `${mine}: IPv6 ${name} on`,
            rule: "FW-10",
            change: editFile(at, SYSCTL, (t) =>
                t.replace(`net.ipv6.conf.*.${name} = 0`, `net.ipv6.conf.*.${name} = 1`),
            ),
        })),
        {
            title: `${mine}: IPv6 on`,
            rule: "FW-10",
            change: editFile(at, SYSCTL, (t) => t.replace("disable_ipv6 = 1", "disable_ipv6 = 0")),
        },
        {
            title: `${mine}: redirects believed`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) =>
                t.replace("net.ipv4.conf.*.accept_redirects = 0", "net.ipv4.conf.*.accept_redirects = 1"),
            ),
        },
        {
            title: `${mine}: timestamps`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) => t.replace("tcp_timestamps = 0", "tcp_timestamps = 1")),
        },
        {
            title: `${mine}: one interface apart`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) => `${t}net.ipv4.conf.eth0.rp_filter = 0\n`),
        },
    ];
}

const OPTIONS: readonly [string, string][] = [
    ["ControlPort 9051", "TR-09"],
    ["HashedControlPassword 16:AA", "TR-09"],
    ["ORPort 9001", "TR-11"],
    ["DirPort 9030", "TR-11"],
    ["ExitRelay 1", "TR-11"],
    ["BridgeRelay 1", "TR-11"],
    ["UseBridges 1", "TR-14"],
    ["Bridge 192.0.2.7:443 AAAA", "TR-15"],
    ["UseEntryGuards 0", "TR-17"],
    ["NumEntryGuards 9", "TR-17"],
    ["AllowNonRFC953Hostnames 1", "TR-18"],
    ["TransProxyType pf-divert", "TR-18"],
    ["Log debug file /var/log/tor/debug.log", "TR-19"],
    ["Log info syslog", "TR-19"],
    ["SafeLogging 0", "TR-19"],
    ["HiddenServiceSingleHopMode 1", "TR-20"],
    ["HiddenServiceNonAnonymousMode 1", "TR-20"],
    ["HiddenServicePort 80 192.0.2.80:80", "TR-20"],
    ["%include /etc/torrc.d/*.conf", "TR-21"],
    ["NoSuchOption 1", "TR-22"],
    ["SocksPort 9777", "TR-01"],
    ["SocksPort 0.0.0.0:9777 IsolateClientAddr IsolateSOCKSAuth", "TR-01"],
    ["SocksPort 10.152.152.10:9777 IsolateClientAddr IsolateSOCKSAuth", "TR-06"],
    ["ConnectionPadding 0", "TR-23"],
    ["ReducedConnectionPadding 1", "TR-23"],
    ["ExitNodes {de}", "TR-24"],
    ["EntryNodes AAAA", "TR-24"],
    ["StrictNodes 1", "TR-24"],
    ["ExcludeNodes {us}", "TR-24"],
    ["MetricsPort 10.152.152.10:9035", "TR-25"],
    ["NATDPort 10.152.152.10:9999", "TR-25"],
    ["User root", "TR-22"],
    ["ReachableAddresses accept 203.0.113.99:443", "TR-22"],
    ["ClientOnly 0", "TR-11"],
    ["VirtualAddrNetworkIPv4 127.192.0.0/10", "TR-08"],
    ["AutomapHostsOnResolve 0", "TR-08"],
    ["CookieAuthentication 0", "TR-09"],
    ["ControlSocket /home/user/control", "TR-09"],
    ["ClientRejectInternalAddresses 0", "TR-18"],
    ["SocksPolicy accept *", "TR-12"],
];

/** The rule that misses a line of torrc that listens. */
function listenerRule(line: string): string {
    if (!line.startsWith("Socks")) {
        return "TR-07";
    }
    return CUSTOM_PORTS.some((port) => line.includes(`:${port} `)) ? "FW-12" : "TR-06";
}

/** @param like a Gateway of another configuration, whose listeners are not changed again */
function gateway(seed: FixtureResource, like?: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    const torrc = textOf(seed, TORRC);
    const listeners = lines(torrc, /^(Socks|Trans|DNS)Port /, like === undefined ? "" : textOf(like, TORRC));
    const replace = (line: string, by: string) => editFile(at, TORRC, (text) => text.replace(line, by));
    return [
        // With bridges, one bridge more is another configuration and no mistake; without, TR-15 wants it
        // secret and TR-14 used.
        ...OPTIONS.filter(
            ([line]) => !(torrc.includes("UseBridges 1") && /^(UseBridges 1|Bridge .*)$/.test(line)),
        ).map(([line, rule]): Mutant => ({
            title: `${mine}: torrc ${line}`,
            rule: rule === "TR-15" && hasSecrets(seed) ? "TR-14" : rule,
            change: editFile(at, TORRC, (text) => `${text}${line}\n`),
        })),
        ...listeners.flatMap((line): Mutant[] => [
            {
                title: `${mine}: torrc without ${line}`,
                rule: listenerRule(line),
                change: editFile(at, TORRC, without(line)),
            },
            {
                title: `${mine}: ${line} for everyone`,
                rule: "TR-01",
                change: replace(line, line.replace(/ [\d.]+:/, " 0.0.0.0:")),
            },
            {
                title: `${mine}: ${line} without isolation by client`,
                rule: "TR-02",
                change: replace(line, line.replace(" IsolateClientAddr", "")),
            },
            {
                title: `${mine}: ${line} with isolation taken back`,
                rule: "TR-02",
                change: replace(line, `${line} NoIsolateClientAddr`),
            },
            {
                title: `${mine}: ${line} in a session group`,
                rule: "TR-04",
                change: replace(line, `${line} SessionGroup=1`),
            },
            {
                title: `${mine}: ${line} with a cache`,
                rule: "TR-18",
                change: replace(line, `${line} CacheDNS`),
            },
            {
                title: `${mine}: ${line} twice`,
                rule: "TR-05",
                change: editFile(at, TORRC, (text) => `${text}${line}\n`),
            },
            {
                title: `${mine}: ${line} with one flag more`,
                rule: "TR-06",
                change: replace(line, `${line} PreferIPv6`),
            },
            ...(line.startsWith("Socks")
                ? [
                      {
                          title: `${mine}: ${line} without isolation by SOCKS user`,
                          rule: "TR-03",
                          change: replace(line, line.replace(" IsolateSOCKSAuth", "")),
                      },
                  ]
                : []),
        ]),
        {
            title: `${mine}: everyone may use tor`,
            rule: "TR-12",
            change: editFile(at, TORRC, (t) => t.replace("SocksPolicy reject *\n", "")),
        },
        {
            title: `${mine}: tor takes sites' circuits apart no more`,
            rule: "TR-03",
            change: editFile(at, TORRC, (t) => t.replace(" KeepAliveIsolateSOCKSAuth", "")),
        },
        {
            title: `${mine}: connections without a limit`,
            rule: "NT-23",
            change: editFile(at, RULESET, (t) => t.replace(/^.* ct count over .*\n/m, "")),
        },
        {
            title: `${mine}: a limit of connections that is none`,
            rule: "NT-23",
            change: editFile(at, RULESET, (t) => t.replace(/ct count over \d+/, "ct count over 60000")),
        },
        {
            title: `${mine}: a limit of connections that spares a port`,
            rule: "NT-23",
            change: editFile(at, RULESET, (t) => t.replace(/(tcp dport \{ )9050, (.*ct count over)/, "$1$2")),
        },
        {
            title: `${mine}: any user may connect`,
            rule: "FW-04",
            change: editFile(at, RULESET, (t) => t.replace('meta skuid "debian-tor" ', "")),
        },
        {
            title: `${mine}: root may connect`,
            rule: "FW-06",
            change: editFile(at, RULESET, (t) => t.replace('"debian-tor"', '"root"')),
        },
        {
            title: `${mine}: the LAN is open`,
            rule: "FW-05",
            change: editFile(at, RULESET, (t) => t.replace(/^.*ip daddr @local_ranges .*\n/m, "")),
        },
        {
            title: `${mine}: a range of the LAN is open`,
            rule: "FW-05",
            change: editFile(at, RULESET, (t) => t.replace("192.168.0.0/16, ", "")),
        },
        {
            title: `${mine}: UDP from inside`,
            rule: "FW-08",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "int0" meta l4proto udp accept\n',
                ),
            ),
        },
        {
            title: `${mine}: ICMP from inside`,
            rule: "FW-08",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "int0" meta l4proto icmp accept\n',
                ),
            ),
        },
        {
            title: `${mine}: SSH from outside`,
            rule: "FW-11",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "ext0" tcp dport 22 accept\n',
                ),
            ),
        },
        {
            title: `${mine}: sources not pinned`,
            rule: "FW-09",
            change: editFile(at, RULESET, (t) => t.replace("ether saddr . ip saddr @workstations ", "")),
        },
        {
            title: `${mine}: a stranger among the pairs`,
            rule: "FW-09",
            change: editFile(at, RULESET, (t) =>
                t.replaceAll(
                    "52:54:00:98:98:0b . 10.152.152.11",
                    "52:54:00:98:98:0b . 10.152.152.11, 52:54:00:aa:bb:cc . 10.152.152.77",
                ),
            ),
        },
        {
            title: `${mine}: ARP open`,
            rule: "FW-09",
            change: editFile(at, RULESET, (t) => t.replace(/(table arp [\s\S]*?policy) drop;/, "$1 accept;")),
        },
        {
            title: `${mine}: IPv6 let in`,
            rule: "FW-10",
            change: editFile(at, RULESET, (t) => t.replace(/^.*meta nfproto ipv6 .*\n/m, "")),
        },
        {
            title: `${mine}: a port that tor does not open`,
            rule: "FW-12",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "int0" ip daddr 10.152.152.10 tcp dport 9035 ct state new accept\n',
                ),
            ),
        },
        {
            title: `${mine}: packets of no connection`,
            rule: "FW-13",
            change: editFile(at, RULESET, (t) => t.replace(/^.*ct state invalid .*\n/m, "")),
        },
        {
            title: `${mine}: related packets of every kind`,
            rule: "FW-13",
            change: editFile(at, RULESET, (t) =>
                t.replace(/(hook input priority 0; policy drop;\n)/, "$1 ct state related accept\n"),
            ),
        },
        ...(torrc.includes("TransPort ")
            ? [
                  {
                      title: `${mine}: DNS not redirected`,
                      rule: "FW-07",
                      change: editFile(at, RULESET, (t) => t.replace(/^.*redirect to :5300\n/m, "")),
                  },
                  {
                      title: `${mine}: TCP not redirected`,
                      rule: "FW-07",
                      change: editFile(at, RULESET, (t) => t.replace(/^.*redirect to :9040\n/m, "")),
                  },
              ]
            : []),
        {
            title: `${mine}: redirects from outside`,
            rule: "FW-03",
            change: editFile(
                at,
                RULESET,
                (t) =>
                    `${t}table inet more {\n chain nat {\n type nat hook prerouting priority ` +
                    `-100; policy accept;\n iifname "ext0" udp dport 53 redirect to :5300\n ` +
                    `}\n}\n`,
            ),
        },
        {
            title: `${mine}: default route inside`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                const nics = data["ethernets"] as Record<string, Record<string, unknown>>;
                const [outer, inner] = Object.values(nics);
                Object.assign(inner ?? {}, { routes: outer?.["routes"] });
                Reflect.deleteProperty(outer ?? {}, "routes");
            }),
        },
    ];
}

function workstation(seed: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    return [
        {
            title: `${mine}: names an outer address`,
            rule: "CI-03",
            change: editFile(at, "/etc/resolv.conf", () => "nameserver 192.0.2.53\n"),
        },
        ...["timezone", "locale", "keyboard"].map((key): Mutant => ({
            title: `${mine}: ${key}`,
            rule: "CI-03",
            change: editUserData(at, (data) => {
                data[key] = "xx";
            }),
        })),
        {
            title: `${mine}: apt in the clear`,
            rule: "CI-17",
            change: editFile(at, "/etc/apt/apt.conf.d/90sallyport", () => "\n"),
        },
        {
            title: `${mine}: a larger subnet`,
            rule: "NT-15",
            change: editYaml(at, "networkConfig", (data) => {
                const [nic] = Object.values(data["ethernets"] as Record<string, { addresses: string[] }>);
                Object.assign(nic ?? {}, { addresses: nic?.addresses.map((a) => a.replace("/24", "/18")) });
            }),
        },
        {
            title: `${mine}: another route`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.values(data["ethernets"] as Record<string, Record<string, unknown>>).forEach((nic) => {
                    nic["routes"] = [{ to: "0.0.0.0/0", via: "10.152.152.1" }];
                });
            }),
        },
        {
            title: `${mine}: the Gateway's address`,
            rule: "SH-02",
            change: editYaml(at, "networkConfig", (data) => {
                Object.values(data["ethernets"] as Record<string, Record<string, unknown>>).forEach((nic) => {
                    nic["addresses"] = ["10.152.152.10/24"];
                });
            }),
        },
        {
            title: `${mine}: the Gateway's instance-id`,
            rule: "SH-02",
            change: (s) => {
                const gateway = s.find(
                    (r) =>
                        r.type === SEED &&
                        r.name === `${seed.name.replace(/-workstation-.*$/, "")}-gateway-seed`,
                );
                const id = /instance-id: *(\S+)/.exec(String(gateway?.props["metaData"]))?.[1];
                editYaml(at, "metaData", (data) => {
                    data["instance-id"] = id;
                })(s);
            },
        },
        {
            title: `${mine}: asks others for the time`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) => t.replace('["http://', '["https://')),
        },
        {
            title: `${mine}: asks servers for the time that an exit can forge`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                JSON.stringify({
                    ...(JSON.parse(t) as object),
                    pools: ["a", "b", "c"].map((name) => [`http://${name}.example.test/`]),
                }),
            ),
        },
        {
            title: `${mine}: asks for the time by address`,
            rule: "CI-03",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                t.replace('["http://', '["http://192.0.2.7/","http://'),
            ),
        },
        {
            title: `${mine}: asks too few for the time`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) =>
                JSON.stringify({ ...(JSON.parse(t) as object), pools: [["http://one.example.test/"]] }),
            ),
        },
        {
            title: `${mine}: asks for the time past tor`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/time.json", (t) => t.replace("9108", "9050")),
        },
        ...(textOf(seed, "/etc/sallyport/ruleset-open.nft") === ""
            ? [
                  {
                      title: `${mine}: a firewall for later that was not asked for`,
                      rule: "GUEST-01",
                      change: editUserData(at, (data) => {
                          data.write_files.push({
                              path: "/etc/sallyport/ruleset-open.nft",
                              content: "flush ruleset\n",
                          });
                      }),
                  },
              ]
            : [
                  {
                      title: `${mine}: opens more than its firewall`,
                      rule: "GUEST-01",
                      change: editFile(at, "/etc/sallyport/ruleset-open.nft", (t) =>
                          t.replace(/(hook output priority 0; policy drop;\n)/, "$1 accept\n"),
                      ),
                  },
                  {
                      title: `${mine}: holds less until then`,
                      rule: "GUEST-01",
                      change: editFile(at, RULESET, (t) => t.replace("meta skuid 470 ", "")),
                  },
              ]),
        {
            title: `${mine}: takes connections`,
            rule: "FW-19",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "eth0" tcp dport 22 accept\n',
                ),
            ),
        },
        {
            title: `${mine}: sends UDP`,
            rule: "FW-19",
            change: editFile(at, RULESET, (t) =>
                t.replace(
                    /(hook output priority 0; policy drop;\n)/,
                    '$1 oifname "eth0" meta l4proto udp accept\n',
                ),
            ),
        },
    ];
}

/**
 * @param like the guests of another stack that have been changed already, and which guests of this one are of
 * interest
 */
export const seedMutants = (
    stack: readonly FixtureResource[],
    like?: { readonly stack: readonly FixtureResource[]; readonly only: RegExp },
): Mutant[] => {
    const of = (name: RegExp): FixtureResource[] =>
        ofType(stack, SEED, name).filter((seed) => like?.only.test(seed.name) !== false);
    const [gateways, workstations] = [of(GATEWAY), of(WORKSTATION)];
    const twin = (name: RegExp): FixtureResource | undefined =>
        like === undefined ? undefined : ofType(like.stack, SEED, name)[0];
    return [
        ...gateways.flatMap((seed) => everyGuest(seed, twin(GATEWAY))),
        ...workstations.flatMap((seed) => everyGuest(seed, twin(WORKSTATION))),
        ...gateways.flatMap((seed) => gateway(seed, twin(GATEWAY))),
        ...workstations.flatMap(workstation),
    ];
};
