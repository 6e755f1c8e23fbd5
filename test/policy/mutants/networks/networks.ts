/** Networks: forwarding, addresses, services, bridges, stylesheets, names. */
import type { FixtureResource } from "../../fixtures/resources";
import { FOREIGN, NETWORK, UNKNOWN, edit, ofType, set, short, type Mutant } from "../mutant";

/** Without its stylesheet, what the inputs say is what libvirt does. */
const PLAIN: readonly [string, string, Record<string, unknown>][] = [
    ["no stylesheet", "NT-22", {}],
    ["mode nat", "NT-01", { mode: "nat" }],
    ["mode route", "NT-01", { mode: "route" }],
    ["mode open", "NT-01", { mode: "open" }],
    ["mode bridge", "NT-06", { mode: "bridge" }],
    ["no mode (nat)", "NT-01", { mode: undefined }],
    ["mode not known", "LC-15", { mode: UNKNOWN }],
    ["an IPv4 address", "NT-02", { addresses: ["10.9.9.0/24"] }],
    ["an IPv6 address", "NT-02", { addresses: ["fd00:9::/64"] }],
    ["DHCP", "NT-03", { addresses: ["10.9.9.0/24"], dhcp: { enabled: true } }],
    ["a DNS forwarder", "NT-03", { dns: { enabled: true, forwarders: [{ address: "192.0.2.53" }] } }],
    ["a DNS host", "NT-03", { dns: { enabled: true, hosts: [{ hostname: "x", ip: "192.0.2.1" }] } }],
    ["a route", "NT-05", { routes: [{ cidr: "192.0.2.0/24", gateway: "10.9.9.1" }] }],
    ["a domain", "NT-05", { domain: "example.test" }],
    [
        "dnsmasq options",
        "NT-05",
        { dnsmasqOptions: { options: [{ optionName: "server", optionValue: "192.0.2.53" }] } },
    ],
];

function isolated(network: FixtureResource, stack: readonly FixtureResource[]): Mutant[] {
    const at = network.urn;
    const mine = short(network);
    const external = ofType(
        stack,
        NETWORK,
        new RegExp(`${network.name.replace("isolated", "external")}$`),
    )[0];
    const other = ofType(stack, NETWORK, /-isolated$/).find((n) => n !== network);
    return [
        ...PLAIN.map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: set(at, { xml: undefined, ...values }),
        })),
        {
            title: `${mine}: a foreign stylesheet`,
            rule: "NT-05",
            change: set(at, { xml: { xslt: FOREIGN } }),
        },
        {
            title: `${mine}: its stylesheet with a space more`,
            rule: "NT-05",
            change: edit(at, (p) => {
                p["xml"] = { xslt: `${(p["xml"] as { xslt: string }).xslt} ` };
            }),
        },
        {
            title: `${mine}: a stylesheet that is not known`,
            rule: "LC-15",
            change: set(at, { xml: { xslt: UNKNOWN } }),
        },
        {
            title: `${mine}: the external network's bridge`,
            rule: external?.props["mode"] === "bridge" ? "NT-06" : "NT-21",
            change: set(at, { bridge: external?.props["bridge"] ?? "virbr7" }),
        },
        ...["virbr0", "docker0", "sallyport-enclave-1", ""].map((bridge): Mutant => ({
            title: `${mine}: bridge "${bridge}"`,
            rule: "NT-21",
            change: set(at, { bridge: bridge === "" ? undefined : bridge }),
        })),
        {
            title: `${mine}: another name than its members use`,
            rule: "NT-26",
            change: set(at, { name: "sallyport-test-elsewhere" }),
        },
        { title: `${mine}: a name that is not known`, rule: "LC-15", change: set(at, { name: UNKNOWN }) },
        {
            title: `${mine}: not declared`,
            rule: "NT-26",
            change: (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === at),
                    1,
                );
            },
        },
        {
            title: `${mine}: created before its predecessor goes`,
            rule: "LC-03",
            change: edit(at, (_, r) => {
                Reflect.deleteProperty(r, "deleteBeforeReplace");
            }),
        },
        ...(external?.props["xml"] === undefined
            ? []
            : [
                  {
                      title: `${mine}: the external network's stylesheet`,
                      rule: "NT-01",
                      change: set(at, { xml: external.props["xml"], mode: "nat" }),
                  },
              ]),
        ...(other === undefined
            ? []
            : [
                  {
                      title: `${mine}: another enclave's bridge`,
                      rule: "NT-16",
                      change: set(at, { bridge: other.props["bridge"] }),
                  },
                  {
                      title: `${mine}: another enclave's name`,
                      rule: "MODEL-01",
                      change: set(at, { name: other.props["name"] }),
                  },
              ]),
    ];
}

function external(network: FixtureResource): Mutant[] {
    const at = network.urn;
    const mine = short(network);
    const common: Mutant[] = [
        {
            title: `${mine}: a foreign stylesheet`,
            rule: "NT-11",
            change: set(at, { xml: { xslt: FOREIGN } }),
        },
        {
            title: `${mine}: not declared`,
            rule: "NT-26",
            change: (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === at),
                    1,
                );
            },
        },
        { title: `${mine}: mode open`, rule: "NT-11", change: set(at, { xml: undefined, mode: "open" }) },
        {
            title: `${mine}: isolated`,
            rule: "NT-09",
            change: set(at, { xml: undefined, mode: "none", addresses: undefined }),
        },
        {
            title: `${mine}: no prefix of the stack`,
            rule: "LC-16",
            change: (s) => {
                for (const r of s) {
                    r.props = JSON.parse(
                        JSON.stringify(r.props).replaceAll(`"${network.name}"`, '"external"'),
                    ) as Record<string, unknown>;
                }
            },
        },
    ];
    return network.props["mode"] !== "nat"
        ? common
        : [
              ...common,
              { title: `${mine}: no stylesheet`, rule: "NT-12", change: set(at, { xml: undefined }) },
              {
                  title: `${mine}: DHCP`,
                  rule: "NT-12",
                  change: set(at, { xml: undefined, dhcp: { enabled: true } }),
              },
              {
                  title: `${mine}: IPv6`,
                  rule: "NT-13",
                  change: set(at, { xml: undefined, addresses: ["10.9.9.0/24", "fd00:9::/64"] }),
              },
              ...[
                  "10.152.152.0/24",
                  "10.152.0.0/16",
                  "10.192.7.0/24",
                  "100.64.3.0/24",
                  "192.168.122.0/24",
              ].map((subnet): Mutant => ({
                  title: `${mine}: subnet ${subnet}`,
                  rule: "NT-14",
                  change: set(at, { addresses: [subnet] }),
              })),
          ];
}

export const networkMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, NETWORK, /-isolated$/).flatMap((n) => isolated(n, stack)),
    ...ofType(stack, NETWORK, /-external$/).flatMap(external),
];
