/**
 * Texts that the guest's own programs (cloud-init's PyYAML, nft, tor) read in another way than a careless
 * reader does: what it overlooks runs as root.
 */
import type { FixtureResource } from "../../fixtures/resources";
import {
    SEED,
    edit,
    editFile,
    editUserData,
    editYaml,
    ofType,
    set,
    short,
    type Mutant,
    type UserData,
} from "../mutant";

type Property = "userData" | "networkConfig" | "metaData";

/** The rule that has to object when a property cannot be read. */
const READ_BY: Readonly<Record<Property, string>> = {
    userData: "GUEST-01",
    networkConfig: "CI-04",
    metaData: "CI-08",
};
/** What each would do, hidden behind something. */
const HIDDEN: Readonly<Record<Property, string>> = {
    userData: "runcmd: [[sh, -c, 'nft flush ruleset']]",
    networkConfig: "wifis: {}",
    metaData: "dsmode: net",
};
const PROPERTIES = Object.keys(READ_BY) as Property[];

const HEADER = "#cloud-config\n";

/** Put something before the document; user-data's first line stays the first. */
const before = (urn: string, property: Property, text: string) =>
    edit(urn, (props) => {
        const whole = String(props[property]);
        props[property] = whole.startsWith(HEADER)
            ? HEADER + text + whole.slice(HEADER.length)
            : text + whole;
    });

/** PyYAML's line breaks that are none to others. */
const BREAKS: readonly [string, string][] = [
    ["U+2028", "\u2028"],
    ["U+2029", "\u2029"],
    ["U+0085", "\u0085"],
    ["CR", "\r"],
];

/** Forms of YAML that readers differ about, in a document that is otherwise ours. */
const FORMS: readonly [string, string][] = [
    ["a byte order mark", "\ufeff"],
    ["a comment", "# x\n"],
    ["a document mark", "---\n"],
    ["a directive", "%YAML 1.2\n---\n"],
];

/** Values by which user-data says something else to YAML 1.1 than to 1.2. */
const VALUES: readonly [string, string, (text: string) => string][] = [
    ["an anchor", "GUEST-01", (t) => t.replace("owner: root:root", "owner: &x root:root")],
    [
        "a billion laughs",
        "GUEST-01",
        (t) =>
            `${t}a0: &a0 ha\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]\n`).join("")}`,
    ],
    ["a tag", "GUEST-01", (t) => t.replace("owner: root:root", "owner: !!str root:root")],
    ["a folded block", "GUEST-01", (t) => t.replace("content: |\n", "content: >\n")],
    ["an indented block", "GUEST-01", (t) => t.replace("content: |\n", "content: |6\n")],
    ["a mode in octal", "GUEST-01", (t) => t.replace('permissions: "0644"', "permissions: 0644")],
    [
        "a mode that only YAML 1.2 reads",
        "GUEST-01",
        (t) => t.replace('permissions: "0644"', "permissions: 0o644"),
    ],
    ["a key of base 60", "GUEST-01", (t) => `${t}1:30: x\n`],
    [
        "a merge key",
        "GUEST-01",
        (t) => t.replace("    owner: root:root", "    <<: {owner: root:root}\n    owner: root:root"),
    ],
    ["a key by its mark", "GUEST-01", (t) => `${t}? hostname\n: host\n`],
    ["a tab", "GUEST-01", (t) => t.replace("owner: root:root", "owner:\troot:root")],
    ["a word for true", "GUEST-01", (t) => `${t}disable_root: yes\n`],
    ["a mail", "GUEST-01", (t) => t.replace(HEADER, `${HEADER}hostname: "MIME-Version: 1.0"\n`)],
];

/** meta-data that cloud-init reads more from than who the guest is. */
const META: readonly [string, string, (text: string) => string][] = [
    ["a seed from elsewhere, its key escaped", "CI-08", (t) => `${t}"seed\\x66rom": "http://192.0.2.1/"\n`],
    ["keys to log in with", "CI-08", (t) => `${t}public-keys: ssh-ed25519 AAAA\n`],
    ["a network of its own", "CI-08", (t) => `${t}network-interfaces: "iface eth0 inet dhcp"\n`],
    ["another network-config", "CI-08", (t) => `${t}"network": {"version": 1}\n`],
    ["a key that is not known", "CI-08", (t) => `${t}launch-index: "1"\n`],
    [
        "an instance-id that is nft's",
        "CI-12",
        (t) => t.replace(/^instance-id: .*$/m, 'instance-id: "} ; flush ruleset ; table inet x {"'),
    ],
    [
        "an instance-id that is a path",
        "CI-12",
        (t) => t.replace(/^instance-id: .*$/m, "instance-id: '../../../etc/x'"),
    ],
    ["an instance-id of two lines", "CI-12", (t) => t.replace(/^(instance-id: )(.*)$/m, '$1"$2\\n"')],
    ["an instance-id that is a list", "CI-12", (t) => t.replace(/^(instance-id: )(.*)$/m, "$1[$2]")],
];

type Entry = Record<string, unknown>;
/** network-config that says more than it seems to. */
const NETWORK: readonly [string, (nic: Entry, data: Entry) => void][] = [
    [
        "a domain to search",
        (nic) => {
            nic["nameservers"] = { search: ["home.lan"] };
        },
    ],
    [
        "resolvers that are no mapping",
        (nic) => {
            nic["nameservers"] = "192.0.2.53";
        },
    ],
    [
        "a route that is on-link",
        (nic) => {
            ((nic["routes"] as Entry[] | undefined) ?? []).forEach((route) => {
                route["on-link"] = true;
            });
            nic["mtu"] = nic["routes"] === undefined ? 1400 : undefined;
        },
    ],
    [
        "a route's table",
        (nic) => {
            nic["routes"] = [
                {
                    ...(nic["routes"] as Entry[] | undefined)?.[0],
                    to: "0.0.0.0/0",
                    via: "10.152.152.10",
                    table: 7,
                },
            ];
        },
    ],
    [
        "a gateway that is a list",
        (nic) => {
            nic["gateway4"] = ["192.0.2.1"];
        },
    ],
    [
        "an address of two lines",
        (nic) => {
            nic["addresses"] = (nic["addresses"] as string[]).map((a) => `${a}\nGateway=192.0.2.1`);
        },
    ],
    [
        "an address with a zero before it",
        (nic) => {
            nic["addresses"] = (nic["addresses"] as string[]).map((a) =>
                a.replace(/^(.*)\.(\d+)\//, "$1.0$2/"),
            );
        },
    ],
    [
        "a prefix length with a zero before it",
        (nic) => {
            nic["addresses"] = (nic["addresses"] as string[]).map((a) => a.replace("/", "/0"));
        },
    ],
    [
        "something beside it",
        (_, data) => {
            const { version, ethernets } = data;
            data["network"] = { version, ethernets };
            data["wifis"] = {};
        },
    ],
];

/** Properties that no seed of either provider has, and that one may have tomorrow. */
const PROPERTY = ["vendorData", "vendor_data", "networkData", "files"];

const files = (urn: string, change: (file: UserData["write_files"][number]) => void) =>
    editUserData(urn, (data) => {
        data.write_files.forEach(change);
    });

function yaml(seed: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    return [
        ...PROPERTIES.flatMap((property): Mutant[] => [
            ...BREAKS.map(([name, end]): Mutant => ({
                title: `${mine}: ${property} with a line behind ${name}`,
                rule: READ_BY[property],
                change: before(at, property, `# x${end}${HIDDEN[property]}\n`),
            })),
            ...FORMS.map(([name, text]): Mutant => ({
                title: `${mine}: ${property} with ${name}`,
                rule: READ_BY[property],
                change: before(at, property, text),
            })),
        ]),
        ...NETWORK.map(([name, change]): Mutant => ({
            title: `${mine}: network-config with ${name}`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.values(data["ethernets"] as Record<string, Entry>)
                    .slice(0, 1)
                    .forEach((nic) => {
                        change(nic, data);
                    });
            }),
        })),
        ...PROPERTY.map((key): Mutant => ({
            title: `${mine}: a property ${key}`,
            rule: "CI-15",
            change: set(at, { [key]: "#cloud-config\nruncmd: [id]\n" }),
        })),
        ...META.map(([name, rule, change]): Mutant => ({
            title: `${mine}: meta-data with ${name}`,
            rule,
            change: edit(at, (p) => {
                p["metaData"] = change(String(p["metaData"]));
            }),
        })),
        ...VALUES.map(([name, rule, change]): Mutant => ({
            title: `${mine}: user-data with ${name}`,
            rule,
            change: edit(at, (p) => {
                const text = String(p["userData"]);
                p["userData"] = change(text);
                if (p["userData"] === text) {
                    throw new Error(`nothing to change for ${name}`);
                }
            }),
        })),
        {
            title: `${mine}: files in an encoding that hides bytes`,
            rule: "GUEST-01",
            change: files(at, (file) => {
                Object.assign(file, {
                    encoding: "b64",
                    content: `${Buffer.from(file.content).toString("base64").slice(0, -4)}-_==`,
                });
            }),
        },
    ];
}

const RULESET = "/etc/sallyport/ruleset.nft";
const last = (text: string, added: string): string => text.replace(/\}\s*$/, `${added}\n}\n`);

/** A ruleset that loads, and means something else than a reader that looks for words would say. */
const RULES: readonly [string, (text: string) => string][] = [
    [
        "a file included by a counter's name",
        (t) => last(t, 'counter x{};include"/var/lib/cloud/data/instance-id";#y { }'),
    ],
    ["a counter that no rule uses", (t) => last(t, "counter unused { }")],
    ["a counter that is not declared", (t) => t.replace(/^ *counter [a-z_]+ \{ \}\n/m, "")],
    ["a counter twice", (t) => t.replace(/^ *counter [a-z_]+ \{ \}\n/m, "$&$&")],
    ["a port in octal", (t) => t.replace(/dport (\d)/, "dport 0$1")],
    ["an address in octal", (t) => t.replace(/ip ([sd])addr 10\./, "ip $1addr 012.")],
    ["an address with a zero before it", (t) => t.replace(/ip ([sd])addr 10\./, "ip $1addr 010.")],
    ["a priority in octal", (t) => t.replace("priority 0;", "priority 00;")],
    [
        "a table's name that is more",
        (t) => t.replace(/^table inet (\w+) \{$/m, 'table inet $1;include"/tmp/x" {'),
    ],
    ["a chain's name that is more", (t) => t.replace(/^ *chain (\w+) \{$/m, 'chain $1;include"/tmp/x" {')],
    ["an address that is more", (t) => t.replace(/(ip [sd]addr [\d./]+) /, '$1;include"/tmp/x" ')],
    ["CR after a rule", (t) => t.replace(/ drop\n/, " drop\r\n")],
    ["a NIC's name that is more", (t) => t.replace(/([io]ifname) "([a-z0-9]+)"/, '$1 "$2*"')],
];
/** Both roles have counters and ports; the rest is the Gateway's. */
const OF_GATEWAYS = [
    [
        "an element in octal",
        (t: string) => t.replace("elements = { 0.0.0.0/8, 10.0.0.0/8", "elements = { 0.0.0.0/8, 012.0.0.0/8"),
    ],
    ["a redirect in octal", (t: string) => t.replace("redirect to :5300", "redirect to :05300")],
    ["a set's name that is more", (t: string) => t.replaceAll("local_ranges", 'local;include"/tmp/x"')],
] as const;
const OF_WORKSTATIONS = [
    ["another way to refuse", (t: string) => t.replace("reject with icmpx admin-prohibited", "reject")],
] as const;

function nft(seed: FixtureResource): Mutant[] {
    const forms = [...RULES, ...(seed.name.endsWith("-gateway-seed") ? OF_GATEWAYS : OF_WORKSTATIONS)];
    return forms.map(([name, change]): Mutant => ({
        title: `${short(seed)}: firewall with ${name}`,
        rule: "GUEST-01",
        change: editFile(seed.urn, RULESET, change),
    }));
}

const TORRC = "/etc/tor/torrc";

/** tor ends a line at LF alone. */
const TOR: readonly [string, string, (text: string) => string][] = [
    ["CR in a comment", "TR-22", (t) => `# x\rUser root\n${t}`],
    ["a form feed between words", "TR-22", (t) => t.replace("SafeLogging 1", "SafeLogging\f1")],
    ["a port with a zero before it", "TR-06", (t) => t.replace(/^(SocksPort [\d.]+:)(\d)/m, "$10$2")],
    [
        "a NIC's address with a zero before it",
        "TR-01",
        (t) => t.replace(/^(SocksPort 10\.152\.152\.)(\d)/m, "$10$2"),
    ],
];
/** Lines of options that this project knows, with other values or once more. */
const LINES = [
    "ClientTransportPlugin obfs4 exec /usr/bin/perl -e x",
    "ClientTransportPlugin snowflake exec /usr/bin/obfs4proxy",
    "OutboundBindAddress 192.0.2.1",
    "DataDirectory /home/user",
    "PidFile /tmp/x",
    "CookieAuthFile /home/user/cookie",
    "ClientUseIPv6 1",
    "DormantTimeoutEnabled 1",
    "Socks5ProxyUsername x",
    "HiddenServiceDir /home/user",
    "SafeLogging 1",
    "TestingTorNetwork 1",
];
const OTHERWISE: readonly [string, (text: string) => string][] = [
    ...LINES.map((line): [string, (text: string) => string] => [line, (t) => `${t}${line}\n`]),
    ["no PidFile", (t) => t.replace(/^PidFile .*\n/m, "")],
    ["its lines in another order", (t) => t.replace(/^(PidFile .*\n)(ControlSocket .*\n)/m, "$2$1")],
];
const tor = (seed: FixtureResource): Mutant[] =>
    !seed.name.endsWith("-gateway-seed")
        ? []
        : [...TOR, ...OTHERWISE.map(([name, change]) => [name, "TR-22", change] as const)].map(
              ([name, rule, change]): Mutant => ({
                  title: `${short(seed)}: torrc with ${name}`,
                  rule,
                  change: editFile(seed.urn, TORRC, change),
              }),
          );

/** @param stack a good one of either provider */
export const readerMutants = (stack: readonly FixtureResource[]): Mutant[] =>
    ofType(stack, SEED).flatMap((seed) => [...yaml(seed), ...nft(seed), ...tor(seed)]);
