/** A state that says two things, and previews in which something stays that is judged no more. */
import { DOMAIN, NETWORK, POOL, SEED, UNKNOWN, VOLUME, ofType, set, short, type Mutant } from "../mutant";
import { outputsOf } from "../../fixtures/outputs";
import type { FixtureResource } from "../../fixtures/resources";

type Props = Record<string, unknown>;
type Stack = readonly FixtureResource[];

const recent = (stack: Stack): boolean => ofType(stack, DOMAIN).some((d) => d.props["devices"] !== undefined);

/** What the provider has read back of one resource, changed; what is declared stays. */
const readBack =
    (urn: string, change: (outputs: Props) => void) =>
    (stack: FixtureResource[]): void => {
        const found = stack.find((r) => r.urn === urn);
        if (found === undefined) {
            throw new Error(`the stack has no ${urn}`);
        }
        const outputs = structuredClone(outputsOf(found, stack) ?? {});
        change(outputs);
        found.outputs = outputs;
    };

type Drift = readonly [title: string, change: (outputs: Props) => void, own?: (outputs: Props) => unknown];

const first = (outputs: Props, key: string): Props => (outputs[key] as Props[])[0] ?? {};
const more =
    (key: string, item: Props) =>
    (outputs: Props): void => {
        outputs[key] = [...((outputs[key] as Props[] | undefined) ?? []), item];
    };
const NIC = {
    addresses: [],
    bridge: "",
    hostname: "",
    mac: "52:54:00:00:00:09",
    macvtap: "",
    networkId: "",
    networkName: "",
    passthrough: "",
    private: "",
    vepa: "",
    waitForLease: false,
};

const DOMAINS_08: readonly Drift[] = [
    ["a NIC more, on a bridge", more("networkInterfaces", { ...NIC, bridge: "br0" })],
    [
        "a NIC more, on a network",
        more("networkInterfaces", { ...NIC, networkName: "default", networkId: "1" }),
    ],
    ["a NIC more, on a card", more("networkInterfaces", { ...NIC, macvtap: "eth0" })],
    [
        "a NIC less",
        (o) => {
            o["networkInterfaces"] = [];
        },
    ],
    [
        "its NIC on another network",
        (o) => {
            first(o, "networkInterfaces")["networkName"] = "default";
        },
    ],
    [
        "its NIC on a network of another id",
        (o) => {
            first(o, "networkInterfaces")["networkId"] = "11111111-1111-4111-8111-111111111111";
        },
    ],
    [
        "its NIC on a bridge",
        (o) => {
            Object.assign(first(o, "networkInterfaces"), { networkName: "", networkId: "", bridge: "br9" });
        },
    ],
    [
        "its NIC beside a bridge",
        (o) => {
            first(o, "networkInterfaces")["bridge"] = "br9";
        },
    ],
    [
        "a lease of its NIC",
        (o) => {
            first(o, "networkInterfaces")["addresses"] = ["192.168.122.5"];
        },
    ],
    [
        "another MAC",
        (o) => {
            first(o, "networkInterfaces")["mac"] = "52:54:00:00:00:09";
        },
    ],
    ["a disk more", more("disks", { volumeId: "/var/lib/libvirt/images/default/other.qcow2" })],
    [
        "another disk",
        (o) => {
            first(o, "disks")["volumeId"] = "/var/lib/libvirt/images/default/other.qcow2";
        },
    ],
    [
        "a file beside its disk",
        (o) => {
            first(o, "disks")["file"] = "/tmp/x";
        },
    ],
    [
        "a shared folder",
        more("filesystems", { accessmode: "mapped", source: "/", target: "x", readonly: false }),
    ],
    ["a screen", more("graphics", { type: "vnc", listenType: "address", listenAddress: "0.0.0.0" })],
    [
        "another console",
        (o) => {
            Object.assign(first(o, "consoles"), { type: "tcp", sourceHost: "0.0.0.0" });
        },
    ],
    ["a console more", more("consoles", { type: "pty", targetPort: "1", targetType: "virtio" })],
    [
        "another emulator",
        (o) => {
            o["emulator"] = "/opt/qemu";
        },
    ],
    [
        "a kernel of its own",
        (o) => {
            o["kernel"] = "/boot/vmlinuz";
        },
    ],
    [
        "a command line",
        (o) => {
            o["cmdlines"] = [{ init: "/bin/sh" }];
        },
    ],
    [
        "firmware",
        (o) => {
            o["firmware"] = "/tmp/x.fd";
        },
    ],
    [
        "an agent",
        (o) => {
            o["qemuAgent"] = true;
        },
    ],
    [
        "autostart",
        (o) => {
            o["autostart"] = true;
        },
    ],
    [
        "another CPU",
        (o) => {
            o["cpu"] = { mode: "host-passthrough" };
        },
    ],
    [
        "other memory",
        (o) => {
            o["memory"] = 8192;
        },
    ],
    [
        "another description",
        (o) => {
            o["description"] = "clock-offset=99999";
        },
    ],
    [
        "another machine",
        (o) => {
            o["machine"] = "pc-i440fx-7.2";
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["hostdevs"] = [{ pci: "0000:01:00.0" }];
        },
    ],
    [
        "a value that is not known",
        (o) => {
            o["networkInterfaces"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        },
    ],
    [
        "its id",
        (o) => {
            o["name"] = "another";
        },
    ],
];

const NETWORKS_08: readonly Drift[] = [
    [
        "NAT",
        (o) => {
            o["mode"] = o["mode"] === "nat" ? "route" : "nat";
        },
    ],
    [
        "an open network",
        (o) => {
            o["mode"] = "open";
        },
    ],
    [
        "another bridge",
        (o) => {
            o["bridge"] = "br9";
        },
    ],
    [
        "an address more",
        (o) => {
            o["addresses"] = [...((o["addresses"] as string[] | undefined) ?? []), "10.152.152.0/24"];
        },
    ],
    [
        "DHCP",
        (o) => {
            o["dhcp"] = { enabled: true };
        },
    ],
    [
        "a resolver",
        (o) => {
            o["dns"] = { enabled: true };
        },
    ],
    [
        "a resolver that forwards",
        (o) => {
            o["dns"] = { enabled: false, forwarders: [{ address: "9.9.9.9" }] };
        },
    ],
    [
        "a host's name",
        (o) => {
            o["dns"] = { enabled: false, hosts: [{ hostname: "x", ip: "10.0.0.1" }] };
        },
    ],
    [
        "a route",
        (o) => {
            o["routes"] = [{ cidr: "10.9.0.0/16", gateway: "10.152.152.10" }];
        },
    ],
    [
        "a domain",
        (o) => {
            o["domain"] = "home.lan";
        },
    ],
    [
        "an MTU",
        (o) => {
            o["mtu"] = 1400;
        },
    ],
    [
        "autostart",
        (o) => {
            o["autostart"] = true;
        },
    ],
    [
        "another id",
        (o) => {
            o["networkId"] = "11111111-1111-4111-8111-111111111111";
        },
    ],
];

type Devices = Record<"disks" | "interfaces", Props[]> & Props;
const devices = (o: Props): Devices => o["devices"] as Devices;
const DOMAINS_09: readonly Drift[] = [
    [
        "a NIC more",
        (o) => {
            devices(o).interfaces.push({ source: { bridge: { bridge: "br0" } } });
        },
    ],
    [
        "a NIC less",
        (o) => {
            devices(o).interfaces.pop();
        },
    ],
    [
        "its NIC on another network",
        (o) => {
            (devices(o).interfaces[0] ?? {})["source"] = { network: { network: "default" } };
        },
    ],
    [
        "its NIC on a bridge",
        (o) => {
            (devices(o).interfaces[0] ?? {})["source"] = { bridge: { bridge: "br0" } };
        },
    ],
    [
        "a disk more",
        (o) => {
            devices(o).disks.push({ source: { file: { file: "/tmp/x" } } });
        },
    ],
    [
        "a disk that may be written",
        (o) => {
            (devices(o).disks[1] ?? {})["readOnly"] = false;
        },
    ],
    [
        "a shared folder",
        (o) => {
            devices(o)["filesystems"] = [{ source: { mount: { dir: "/" } } }];
        },
    ],
    [
        "a device of the host's",
        (o) => {
            devices(o)["hostdevs"] = [{ subsysPci: {} }];
        },
    ],
    [
        "a screen",
        (o) => {
            devices(o)["graphics"] = [{ vnc: { listen: "0.0.0.0" } }];
        },
    ],
    [
        "another machine",
        (o) => {
            (o["os"] as Props)["typeMachine"] = "pc-i440fx-7.2";
        },
    ],
    [
        "QEMU's command line",
        (o) => {
            o["qemuCommandline"] = { args: [{ value: "-netdev" }] };
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["launchSecurity"] = {};
            o["whatever"] = { x: 1 };
        },
    ],
];
const NETWORKS_09: readonly Drift[] = [
    [
        "NAT",
        (o) => {
            o["forward"] = { mode: "route" };
        },
    ],
    [
        "another bridge",
        (o) => {
            o["bridge"] = { ...(o["bridge"] as Props), name: "br9" };
        },
    ],
    [
        "an address more",
        (o) => {
            o["ips"] = [
                ...((o["ips"] as Props[] | undefined) ?? []),
                { address: "10.152.152.1", prefix: 24 },
            ];
        },
    ],
    [
        "a resolver",
        (o) => {
            o["dns"] = { enable: "yes" };
        },
    ],
    [
        "a port group",
        (o) => {
            o["portGroups"] = [{ name: "x" }];
        },
    ],
];
const VOLUMES: readonly Drift[] = [
    [
        "another format",
        (o) => {
            const other = JSON.stringify(o["format"] ?? o["target"]).includes("raw") ? "qcow2" : "raw";
            if (o["format"] === undefined) {
                o["target"] = { format: { type: other } };
            } else {
                o["format"] = other;
            }
        },
    ],
    [
        "another pool",
        (o) => {
            o["pool"] = "default";
        },
    ],
    [
        "another name",
        (o) => {
            o["name"] = "other.qcow2";
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["encryption"] = { format: "luks" };
        },
    ],
];
const POOLS: readonly Drift[] = [
    [
        "another folder",
        (o) => {
            o["target"] = { path: "/srv/other" };
        },
    ],
    [
        "another type",
        (o) => {
            o["type"] = "netfs";
        },
    ],
    [
        "a source",
        (o) => {
            o["source"] = { name: "vg" };
        },
    ],
];
const SEEDS: readonly Drift[] = [
    [
        "other user-data",
        (o) => {
            o["userData"] = "#cloud-config\n{}";
        },
    ],
    [
        "another network-config",
        (o) => {
            o["networkConfig"] = "version: 2";
        },
    ],
    [
        "other meta-data",
        (o) => {
            o["metaData"] = "instance-id: x";
        },
    ],
    [
        "another name",
        (o) => {
            o["name"] = "other.iso";
        },
    ],
];

/** Read back and declared at once, as the bridge's refresh leaves them where inputs have the property. */
const BOTH: readonly [string, Props][] = [
    ["NAT", { mode: "nat", addresses: ["10.152.152.0/24"] }],
    ["DHCP", { dhcp: { enabled: true } }],
    ["a bridge of the host's", { mode: "bridge", bridge: "br0" }],
    ["a resolver", { dns: { enabled: true } }],
    ["a route", { routes: [{ cidr: "10.9.0.0/16", gateway: "10.0.0.1" }] }],
    ["an MTU", { mtu: 1400 }],
    ["a domain", { domain: "x" }],
];
const BOTH_DOMAIN: readonly [string, Props][] = [
    ["a shared folder", { filesystems: [{ source: "/", target: "x" }] }],
    ["a screen", { graphics: { type: "vnc" } }],
    ["another emulator", { emulator: "/opt/qemu" }],
    ["another CPU", { cpu: { mode: "host-passthrough" } }],
    ["a TPM", { tpm: { backendType: "passthrough" } }],
    ["a kernel", { kernel: "/boot/x" }],
];

/** @param stack a good one of either provider that exists */
export function observedMutants(stack: Stack): Mutant[] {
    const [domains, networks] = recent(stack) ? [DOMAINS_09, NETWORKS_09] : [DOMAINS_08, NETWORKS_08];
    const drifts = (type: string, list: readonly Drift[]): Mutant[] =>
        ofType(stack, type).flatMap((r) =>
            list.map(([title, change]): Mutant => ({
                title: `${short(r)}: the state says ${title}`,
                rule: "MODEL-01",
                change: readBack(r.urn, change),
                exported: true,
            })),
        );
    const both = (type: string, name: RegExp, rule: string, list: readonly [string, Props][]): Mutant[] =>
        recent(stack)
            ? []
            : ofType(stack, type, name).flatMap((r) =>
                  list.flatMap(([title, props]): Mutant[] => [
                      {
                          title: `${short(r)}: inputs and outputs say ${title}`,
                          rule,
                          exported: true,
                          change: (copy) => {
                              Object.assign(
                                  copy.find((f) => f.urn === r.urn)?.props ?? {},
                                  structuredClone(props),
                              );
                          },
                      },
                      {
                          title: `${short(r)}: its properties say ${title}`,
                          rule,
                          change: (copy) => {
                              Object.assign(
                                  copy.find((f) => f.urn === r.urn)?.props ?? {},
                                  structuredClone(props),
                              );
                          },
                      },
                  ]),
              );
    // What exists was made of known values; the key of each that tells most.
    const unknownOf = (r: FixtureResource): string =>
        ["mode", "forward", "bridge", "create", "backingStore", "source", "name"].find(
            (key) => r.props[key] !== undefined,
        ) ?? "";
    const notKnown = [NETWORK, VOLUME].flatMap((type) =>
        ofType(stack, type).map((r): Mutant => ({
            title: `${short(r)}: it exists, and its ${unknownOf(r)} is not known yet`,
            rule: "MODEL-01",
            exported: true,
            change: set(r.urn, { [unknownOf(r)]: UNKNOWN }),
        })),
    );
    // A preview takes what was read from the old state.
    const kept = (type: string, list: readonly Drift[]): Mutant[] =>
        ofType(stack, type).flatMap((r) =>
            list.slice(0, 4).map(([title, change]): Mutant => ({
                title: `${short(r)}: it stays, and the old state says ${title}`,
                rule: "MODEL-01",
                preview: () => "same",
                change: (copy) => {
                    readBack(r.urn, change)(copy);
                    const f = copy.find((c) => c.urn === r.urn);
                    Object.assign(f ?? {}, { old: { outputs: f?.outputs } });
                },
            })),
        );
    return [
        ...drifts(DOMAIN, domains),
        ...drifts(NETWORK, networks),
        ...drifts(VOLUME, VOLUMES),
        ...drifts(POOL, POOLS),
        ...drifts(SEED, SEEDS),
        ...notKnown,
        ...both(NETWORK, /-isolated$/, "NT-01", BOTH),
        ...both(DOMAIN, /./, "DD-13", BOTH_DOMAIN),
        ...kept(DOMAIN, domains),
        ...kept(NETWORK, networks),
    ];
}

const only =
    (urn: string, op: string) =>
    (r: FixtureResource): string =>
        r.urn === urn ? op : "same";
const LIBVIRT = /^libvirt:/;
const state =
    (urn: string, key: "state" | "old", fields: Props) =>
    (copy: FixtureResource[]): void => {
        Object.assign(copy.find((f) => f.urn === urn) ?? {}, { [key]: fields });
    };
const nothing = (): void => undefined;

/** Deletions that do nothing, by the fields that make them so. */
const NO_OPS: readonly [string, Props][] = [
    ["retainOnDelete", { retainOnDelete: true }],
    ["deletedWith", { deletedWith: "urn:pulumi:test::sallyport::sallyport:index:Enclave::x" }],
    ["protect", { protect: true }],
    ["external", { external: true }],
];
const DELETING = ["delete", "replace", "create-replacement", "delete-replaced", "import-replacement"];
const UNKNOWN_OPS = ["diff", "extend-parameterize", "SAME", "same ", "constructor", "__proto__", ""];

/** What a guest runs on, and what becomes of it while the guest stays. */
function staleOf(stack: Stack): Mutant[] {
    const ops = ["create", "replace", "update"];
    return ofType(stack, DOMAIN).flatMap((d) => {
        const enclave = d.name.replace(/-(gateway|workstation-.*)$/, "");
        const under = stack.filter(
            (r) =>
                r.name === `${d.name}-overlay` ||
                r.name === `${d.name}-seed` ||
                r.name === `${d.name}-seed-volume` ||
                (r.name === enclave && r.type === POOL) ||
                r.name.endsWith("-image-volume") ||
                (r.name === `${enclave}-isolated` && r.type === NETWORK) ||
                (d.name.endsWith("-gateway")
                    ? r.name === `${enclave}-external` && r.type === NETWORK
                    : r.name === `${enclave}-gateway` && r.type === DOMAIN),
        );
        return under.flatMap((r) =>
            (r.type === DOMAIN ? ops.slice(0, 2) : ops).map((op): Mutant => ({
                title:
                    `${short(d)}: it stays while ${short(r)} (${r.type.split(":").at(-1) ?? ""}) is ` +
                    `planned as ${op}`,
                rule: "UPDATE-02",
                change: nothing,
                preview: only(r.urn, op),
            })),
        );
    });
}

/** @param stack a good one of either provider that exists */
export function staleMutants(stack: Stack): Mutant[] {
    const own = stack.filter((r) => LIBVIRT.test(r.type));
    const [network] = ofType(stack, NETWORK, /-isolated$/);
    const [guest] = ofType(stack, DOMAIN, /-workstation-/);
    const [a, b] = ofType(stack, VOLUME, /-overlay$/);
    const model = (title: string, change: Mutant["change"], more: Partial<Mutant>): Mutant => ({
        title,
        rule: "MODEL-01",
        change,
        ...more,
    });
    return [
        ...own
            .filter((r) => r.type === DOMAIN || r.type === NETWORK)
            .flatMap((r) =>
                NO_OPS.flatMap(([name, fields]) =>
                    DELETING.map((op) =>
                        model(
                            `${short(r)}: planned as ${op}, and its state says ${name}`,
                            state(r.urn, "old", fields),
                            { preview: only(r.urn, op) },
                        ),
                    ),
                ),
            ),
        ...own
            .slice(0, 3)
            .flatMap((r) =>
                UNKNOWN_OPS.map((op) =>
                    model(`${short(r)}: planned as "${op}"`, nothing, { preview: only(r.urn, op) }),
                ),
            ),
        ...["delete-replaced", "discard", "discard-replaced", "remove-pending-replace"].map((op) =>
            model(`${short(own[0] as FixtureResource)}: planned as ${op}`, nothing, {
                preview: only(own[0]?.urn ?? "", op),
            }),
        ),
        model("the provider's uri is changed under what stays", nothing, {
            preview: () => "same",
            uri: "qemu+ssh://other/system",
        }),
        ...own.map((r) =>
            model(`${short(r)}: not made as declared`, state(r.urn, "state", { initErrors: ["x"] }), {
                exported: true,
            }),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: the state has its inputs in capitals`,
                state(r.urn, "state", { Inputs: {} }),
                { exported: true },
            ),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: the state has it twice`,
                (copy) => {
                    copy.unshift({ ...structuredClone(r) });
                },
                { exported: true },
            ),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: it exists and nothing was read of it`,
                state(r.urn, "state", { outputs: null }),
                { exported: true },
            ),
        ),
        ...[network, guest].flatMap((r) =>
            r === undefined
                ? []
                : [
                      model(
                          `${short(r)}: it stays and awaits replacement`,
                          state(r.urn, "state", { pendingReplacement: true }),
                          { preview: () => "same" },
                      ),
                  ],
        ),
        ...(a === undefined || b === undefined
            ? []
            : [
                  model(
                      "two overlays of one name in one pool",
                      (copy) => {
                          Object.assign(copy.find((r) => r.urn === b.urn)?.props ?? {}, {
                              name: a.props["name"],
                              pool: a.props["pool"],
                          });
                      },
                      {},
                  ),
              ]),
        ...ofType(stack, NETWORK).map((r): Mutant => ({
            title: `${short(r)}: changed in place`,
            rule: "UPDATE-01",
            preview: only(r.urn, "update"),
            change: (copy) => {
                Object.assign(
                    copy.find((f) => f.urn === r.urn)?.props ?? {},
                    recent(stack) ? { ips: [{ address: "10.9.9.1", prefix: 24 }] } : { bridge: "virbr9" },
                );
            },
        })),
        ...staleOf(stack),
    ];
}
