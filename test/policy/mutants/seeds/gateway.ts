/** Seeds of a Gateway that a rule has to refuse. */
import { CUSTOM_PORTS } from "../../../../values/ports";
import type { FixtureResource } from "../../fixtures/resources";
import { editFile, editYaml, short, textOf, type Mutant } from "../mutant";
import { TORRC, RULESET } from "./names";
import { lines, hasSecrets, without } from "./any-guest";

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
export function gateway(seed: FixtureResource, like?: FixtureResource): Mutant[] {
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
