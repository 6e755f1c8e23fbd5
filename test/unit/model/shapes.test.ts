import { unknownCheckingProxy } from "@pulumi/policy";
import {
    modelOfExport,
    modelOfPolicy,
    modelOfPreview,
    readLive,
    type PolicyResourceLike,
} from "../../../model/adapters";
import {
    describeFact,
    isGateway,
    nicsOf,
    valueAt,
    type Domain,
    type Model,
    type Network,
} from "../../../model";
import { exportOf, find, planOf, type Export, type State } from "../../support/stacks";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const modelOf = (exported: Export): Model => modelOfExport(JSON.stringify(exported), "test");
const foreign = (...resources: Partial<State>[]): Model =>
    modelOf({
        version: 3,
        deployment: {
            resources: [
                {
                    urn: "urn:pulumi:s::p::pulumi:providers:libvirt::lv",
                    type: "pulumi:providers:libvirt",
                    custom: true,
                    inputs: { uri: "qemu:///system" },
                },
                ...resources.map((r): State => ({
                    urn: `urn:pulumi:s::p::${r.type}::${String(r.inputs?.name)}`,
                    type: "",
                    custom: true,
                    inputs: {},
                    provider: "urn:pulumi:s::p::pulumi:providers:libvirt::lv::1",
                    ...r,
                })),
            ],
        },
    });
const network = (inputs: Record<string, unknown>): Network => {
    const [found] = foreign({
        type: "libvirt:index/network:Network",
        inputs: { name: "n", ...inputs },
    }).networks;
    if (found === undefined) {
        throw new Error("no network");
    }
    return found;
};
const domain = (inputs: Record<string, unknown>, ...more: Partial<State>[]): Domain => {
    const [found] = foreign(
        { type: "libvirt:index/domain:Domain", inputs: { name: "d", ...inputs } },
        ...more,
    ).domains;
    if (found === undefined) {
        throw new Error("no domain");
    }
    return found;
};

describe("networks", () => {
    test.each([
        ["0.8 without a mode is NAT", { addresses: ["10.0.0.0/24"] }, "provider-0.8", "nat"],
        ["0.8 mode none is isolated", { mode: "none" }, "provider-0.8", "isolated"],
        ["0.9 without forward is isolated", { bridge: { name: "b" } }, "provider-0.9", "isolated"],
        ["0.9 forward without a mode is libvirt's NAT", { forward: { dev: "eth0" } }, "provider-0.9", "nat"],
        ["0.9 with a mode", { forward: { mode: "route" } }, "provider-0.9", "route"],
    ])("%s", (_, inputs, shape, forward) => {
        const found = network(inputs);
        expect(found.resource.shape).toBe(shape);
        expect(found.forward).toMatchObject({ kind: "known", value: forward });
    });

    test("without a sign of either shape it may be both, and it is not guessed", () => {
        expect(network({}).forward).toMatchObject({ kind: "unknown", candidates: ["nat", "isolated"] });
    });

    test("signs of both shapes are opaque", () => {
        expect(network({ mode: "none", ips: [{ address: "10.0.0.1" }] }).forward.kind).toBe("opaque");
    });

    test("addresses bring DHCP and a resolver with them; `dns.enabled: false` changes nothing in 0.8", () => {
        const found = network({ mode: "none", addresses: ["10.0.0.0/24"], dns: { enabled: false } });
        expect(found.addresses).toMatchObject({ value: [{ family: "ipv4", cidr: "10.0.0.1/24" }] });
        expect([found.dhcp, found.dns]).toMatchObject([{ value: true }, { value: true }]);
        expect(
            network({
                ips: [{ address: "10.0.0.1", prefix: 24 }],
                dns: { enable: "no" },
                forward: { mode: "nat" },
            }).dns,
        ).toMatchObject({ value: false });
    });

    test("a foreign stylesheet hides everything", () => {
        const found = network({ mode: "none", xml: { xslt: "<xsl:stylesheet/>" } });
        expect([found.forward.kind, found.addresses.kind, found.bridge.kind, found.stylesheet.kind]).toEqual([
            "opaque",
            "opaque",
            "opaque",
            "opaque",
        ]);
    });
});

describe("NICs of provider 0.8", () => {
    const attached = (nic: Record<string, unknown>): unknown => {
        const { attachment } = nicsOf(domain({ networkInterfaces: [nic] }))[0] ?? {};
        return attachment?.kind === "known" ? attachment.value : attachment?.kind;
    };

    test.each([
        [{ networkName: "x" }, { to: "undeclared-network", name: "x" }],
        [{ networkId: "u" }, { to: "undeclared-network", name: "u" }],
        [{ bridge: "br0" }, { to: "host-bridge", bridge: "br0" }],
        [{ vepa: "e" }, { to: "direct", device: "e", mode: "vepa" }],
        [{ private: "e" }, { to: "direct", device: "e", mode: "private" }],
        [{ macvtap: "e" }, { to: "direct", device: "e", mode: "bridge" }],
        [{ passthrough: "e" }, { to: "direct", device: "e", mode: "passthrough" }],
        [{ networkName: UNKNOWN }, "unknown"],
        [{}, "opaque"],
    ])("%j", (nic, expected) => {
        expect(attached(nic)).toEqual(expected);
    });

    test("the provider's order of precedence, whatever the order of the keys; the losers are named", () => {
        const all = {
            passthrough: "e",
            macvtap: "e",
            private: "e",
            vepa: "e",
            bridge: "b",
            networkId: "u",
            networkName: "x",
        };
        const keys = ["networkName", "networkId", "bridge", "vepa", "private", "macvtap", "passthrough"];
        keys.forEach((_, i) => {
            const left = Object.fromEntries(Object.entries(all).filter(([key]) => keys.indexOf(key) >= i));
            const [nic] = nicsOf(domain({ networkInterfaces: [left] }));
            expect(nic?.attachment.at.path).toBe(`networkInterfaces[0].${keys[i]}`);
        });
        expect(
            nicsOf(domain({ networkInterfaces: [{ networkName: "x", bridge: "b" }] }))[0]?.shadowed.map(
                (s) => s.at.path,
            ),
        ).toEqual(["networkInterfaces[0].bridge"]);
    });

    test("empty texts, as states have them, are absent", () => {
        expect(attached({ networkName: "", networkId: "", bridge: "br0", mac: "" })).toEqual({
            to: "host-bridge",
            bridge: "br0",
        });
    });
});

describe("NICs of provider 0.9", () => {
    test.each([
        ["bridge", { bridge: "br0" }, { to: "host-bridge", bridge: "br0" }],
        ["direct", { dev: "eth0", mode: "bridge" }, { to: "direct", device: "eth0", mode: "bridge" }],
        ["user", {}, { to: "user" }],
        ["null", {}, { to: "nowhere" }],
        ["hostdev", {}, { to: "hostdev" }],
        ...["ethernet", "vdpa", "vhostUser", "mcast", "udp", "server", "client", "internal", "vds"].map(
            (kind) => [kind, {}, { to: "other", type: kind.toLowerCase() }] as const,
        ),
    ] as const)("%s", (kind, source, expected) => {
        const found = nicsOf(
            domain({ type: "kvm", devices: { interfaces: [{ source: { [kind]: source } }] } }),
        );
        expect(found[0]?.attachment).toMatchObject({ kind: "known", value: expected });
    });

    test("a declared network, and two sources at once", () => {
        const net = { type: "libvirt:index/network:Network", inputs: { name: "x", bridge: { name: "b" } } };
        const [nic] = nicsOf(
            domain(
                {
                    type: "kvm",
                    devices: {
                        interfaces: [
                            { source: { network: { network: "x" } }, portForward: [{ proto: "tcp" }] },
                        ],
                    },
                },
                net,
            ),
        );
        expect(nic?.attachment).toMatchObject({ kind: "known", value: { to: "network" } });
        expect(nic === undefined ? [] : nic.xml.children.map((c) => c.name)).toContain("portforward");
        const [two] = nicsOf(
            domain({
                type: "kvm",
                devices: { interfaces: [{ source: { network: { network: "x" }, user: {} } }] },
            }),
        );
        expect(two?.attachment.kind).toBe("opaque");
    });

    test("flattened and renamed settings read as in libvirt's XML", () => {
        const { xml } = domain({
            type: "kvm",
            onCrash: "destroy",
            memory: 512,
            memoryDumpCore: "off",
            genId: "g",
            features: { pmu: { state: "off" } },
            devices: {},
            os: { type: "hvm", typeMachine: "q35" },
        });
        expect(
            ["onCrash", "memory.dumpCore", "genid", "features.pmu.state", "os.type.machine"].map((path) =>
                describeFact(valueAt(xml, path)),
            ),
        ).toEqual([
            'onCrash = "destroy"',
            'memoryDumpCore = "off"',
            'genId = "g"',
            'features.pmu.state = "off"',
            'os.typeMachine = "q35"',
        ]);
    });
});

test("a bare domain of 0.8 has what the provider and libvirt add", () => {
    const { devices } = domain({ memory: 512, networkInterfaces: [] });
    expect(devices.kind === "known" ? devices.value.map((d) => d.name) : []).toEqual(
        expect.arrayContaining(["channel", "graphics", "video", "rng", "memballoon", "controller", "input"]),
    );
});

test("our stylesheets leave only what they write", () => {
    const model = modelOf(exportOf(planOf()));
    for (const { devices, xml } of model.domains) {
        expect(devices.kind === "known" ? devices.value.map((d) => d.name).sort() : []).toEqual([
            "controller",
            "memballoon",
            "rng",
            "serial",
        ]);
        expect(valueAt(xml, "onCrash")).toMatchObject({ value: "destroy" });
        expect(valueAt(xml, "memory.dumpCore")).toMatchObject({ value: "off" });
    }
    expect(model.domains.map((d) => nicsOf(d).map((n) => n.isolatedPort))).toMatchObject([
        [{ value: false }, { value: false }],
        [{ value: true }],
    ]);
});

describe("disks that a stylesheet of ours makes files of", () => {
    const WS = "shop-dev-default-workstation-ws1";
    const disksOf = (change: (e: Export) => void): string[] => {
        const exported = exportOf(planOf());
        change(exported);
        const found = modelOf(exported).domains.find((d) => d.resource.name === WS);
        return found?.disks.kind === "known"
            ? found.disks.value.map(({ source }) =>
                  source.kind === "known" ? source.value.from : describeFact(source),
              )
            : [];
    };
    const folder = "/var/lib/libvirt/images/shop-dev-default";
    const takes = `its stylesheet takes volumes of pool shop-dev-default in ${folder}`;

    test("are their volumes, when pool, folder, name and id agree", () => {
        expect(disksOf(() => undefined)).toEqual(["volume", "volume"]);
    });

    test.each<[string, (e: Export) => void, string]>([
        [
            "no pool",
            (e) => {
                e.deployment.resources = e.deployment.resources.filter((r) => !r.type.endsWith(":Pool"));
            },
            "no pool of that name is declared on its host",
        ],
        [
            "a pool elsewhere",
            (e) => {
                find(e, "shop-dev-default").inputs.target = { path: "/srv" };
            },
            "that pool's folder is /srv",
        ],
        [
            "a pool on another host",
            (e) => {
                const second = "urn:pulumi:dev::shop::pulumi:providers:libvirt::other";
                e.deployment.resources.push({
                    urn: second,
                    type: "pulumi:providers:libvirt",
                    custom: true,
                    inputs: { uri: "qemu+ssh://h/system" },
                });
                find(e, "shop-dev-default").provider = `${second}::1`;
            },
            "no pool of that name is declared on its host",
        ],
    ])("are nobody's with %s", (_, change, why) => {
        expect(disksOf(change)).toEqual(
            [0, 1].map((i) => `disks[${i}].volumeId is opaque (${takes}, and ${why})`),
        );
    });

    test("one by one: a volume that is another file by the state, and a disk that the provider writes as a file", () => {
        const elsewhere = disksOf((e) => {
            Object.assign(find(e, `${WS}-overlay`), { id: "/srv/x.qcow2" });
            find(e, WS).inputs.disks = [
                { volumeId: "/srv/x.qcow2" },
                (find(e, WS).inputs.disks as unknown[])[1],
            ];
        });
        expect(elsewhere).toEqual([
            `disks[0].volumeId is opaque (${takes}, and volume ${WS}-3f9c02d1.qcow2 is /srv/x.qcow2)`,
            "volume",
        ]);
        const asFile = disksOf((e) => {
            (find(e, WS).inputs.disks as unknown[])[0] = { file: `${folder}/${WS}-3f9c02d1.qcow2` };
        });
        expect(asFile).toEqual([
            expect.stringMatching(
                /^disks\[0\] is opaque \(its stylesheet refuses a disk that is no volume \(digest \w{12}\)\)$/,
            ) as string,
            "volume",
        ]);
    });
});

test("two providers with different URIs and networks of one name are two networks", () => {
    const exported = exportOf(planOf());
    const [provider] = exported.deployment.resources;
    const second = "urn:pulumi:dev::shop::pulumi:providers:libvirt::other";
    exported.deployment.resources.push({
        ...(provider as State),
        urn: second,
        inputs: { uri: "qemu+ssh://h/system" },
    });
    const isolated = find(exported, "shop-dev-default-isolated");
    exported.deployment.resources.push({
        ...isolated,
        urn: `${isolated.urn}2`,
        provider: `${second}::1`,
        inputs: { name: isolated.inputs.name, mode: "nat" },
        outputs: { name: isolated.inputs.name, mode: "nat" },
    });
    const model = modelOf(exported);
    expect(model.problems).toEqual([]);
    expect(nicsOf(model.domains[1] as Domain)[0]?.attachment).toMatchObject({
        value: { network: isolated.urn },
    });
    expect(new Set(model.networks.map((n) => n.host)).size).toBe(2);
});

test("one name twice on one host is a problem and decides nothing", () => {
    const exported = exportOf(planOf());
    const isolated = find(exported, "shop-dev-default-isolated");
    exported.deployment.resources.push({
        ...isolated,
        urn: `${isolated.urn}2`,
        id: `${String(isolated.id)}2`,
    });
    const model = modelOf(exported);
    expect(model.problems[0]?.what).toContain("same name");
    expect(nicsOf(model.domains[1] as Domain)[0]?.attachment.kind).toBe("unknown");
});

describe("policy resources", () => {
    const asPolicy = (
        exported: Export,
        hide: (state: State) => Record<string, unknown>,
    ): PolicyResourceLike[] => {
        const states = exported.deployment.resources;
        const ref = (urn: string): { urn: string } => ({ urn });
        const provider = states[0] as State;
        return states
            .filter((s) => s !== provider)
            .map((s) => ({
                type: s.type,
                urn: s.urn,
                name: s.urn.split("::")[3] ?? "",
                opts: {},
                props: unknownCheckingProxy(hide(s)) as Record<string, unknown>,
                provider: {
                    urn: provider.urn,
                    type: provider.type,
                    name: "p",
                    props: unknownCheckingProxy(provider.inputs) as Record<string, unknown>,
                },
                ...(s.parent === undefined ? {} : { parent: ref(s.parent) }),
                dependencies: (s.dependencies ?? []).map(ref),
                propertyDependencies: Object.fromEntries(
                    Object.entries(s.propertyDependencies ?? {}).map(([key, urns]) => [key, urns.map(ref)]),
                ),
            }));
    };

    test("through the SDK's proxy with unknown disks: read without a throw, seeds known by their dependencies", () => {
        const model = modelOfPolicy(
            asPolicy(exportOf(planOf()), (s) =>
                s.type.includes("domain")
                    ? { ...s.inputs, disks: [{ volumeId: UNKNOWN }, { volumeId: UNKNOWN }] }
                    : s.inputs,
            ),
        );
        expect(model.domains.map(isGateway)).toEqual([true, false]);
        expect(model.domains.map((d) => d.seeds)).toMatchObject([
            { kind: "unknown", candidates: [[{}]] },
            { kind: "unknown", candidates: [[{}]] },
        ]);
        expect(model.hosts).toMatchObject([{ key: "qemu:///system" }]);
    });

    test("an accessor is no value: it is neither run nor taken for absent", () => {
        const props = Object.defineProperty({ name: "d", machine: "q35" }, "networkInterfaces", {
            enumerable: true,
            get: () => {
                throw new Error("must not run");
            },
        });
        const [found] = modelOfPolicy([
            {
                type: "libvirt:index/domain:Domain",
                urn: "urn:pulumi:s::p::libvirt:index/domain:Domain::d",
                name: "d",
                opts: {},
                props,
                dependencies: [],
                propertyDependencies: {},
            },
        ]).domains;
        expect(found?.nics.kind).toBe("opaque");
    });

    test("one resource alone knows its role from its URN", () => {
        const [one] = asPolicy(exportOf(planOf()), (s) => s.inputs).filter((r) => r.type.includes("domain"));
        const { type, props, dependencies, propertyDependencies } = one as PolicyResourceLike;
        const urn = "urn:pulumi:s::p::sallyport:index:Gateway$libvirt:index/domain:Domain::d";
        const [alone] = modelOfPolicy([
            { type, props, dependencies, propertyDependencies, urn, name: "d", opts: {} },
        ]).domains;
        expect(isGateway(alone as Domain)).toBe(true);
    });
});

describe("previews", () => {
    const steps = [
        {
            op: "same",
            urn: "urn:pulumi:s::p::libvirt:index/network:Network::n",
            newState: {
                urn: "urn:pulumi:s::p::libvirt:index/network:Network::n",
                type: "libvirt:index/network:Network",
                custom: true,
                inputs: { name: "n", mode: "none" },
            },
        },
    ];

    test.each([
        ["none", {}],
        ["one that is no object", { changeSummary: 1 }],
    ])("of which it is not known whether they are whole are refused: %s", (_title, more) => {
        expect(() => modelOfPreview(JSON.stringify({ steps, ...more }), "p.json")).toThrow(
            /no `changeSummary`/,
        );
        expect(
            modelOfPreview(JSON.stringify({ steps, changeSummary: { same: 1 } }), "p.json").networks,
        ).toHaveLength(1);
    });
});

describe("volumes of provider 0.8", () => {
    const base = (inputs: Record<string, unknown>): unknown => {
        const volume = (name: string, pool: string, more: Record<string, unknown>): Partial<State> => ({
            type: "libvirt:index/volume:Volume",
            inputs: { name, pool, ...more },
        });
        return foreign(volume("b", "here", {}), volume("b2", "there", {}), volume("o", "here", inputs), {
            type: "libvirt:index/domain:Domain",
            inputs: { name: "d", machine: "q35" },
        }).volumes.at(-1)?.base;
    };
    test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
        [
            "by name, in the volume's own pool",
            { baseVolumeName: "b" },
            { kind: "known", value: { from: "volume" } },
        ],
        [
            "by name, in another pool",
            { baseVolumeName: "b2", baseVolumePool: "there" },
            { kind: "known", value: { from: "volume" } },
        ],
        [
            "by a name that is in another pool",
            { baseVolumeName: "b2" },
            { kind: "known", value: { from: "undeclared" } },
        ],
        [
            "by the right name in the wrong pool",
            { baseVolumeName: "b", baseVolumePool: "there" },
            { kind: "known", value: { from: "undeclared" } },
        ],
        [
            "by a path that is not declared",
            { baseVolumeId: "/srv/b" },
            { kind: "known", value: { from: "undeclared", key: "/srv/b" } },
        ],
        [
            "by a name as if it were a path",
            { baseVolumeId: "b" },
            { kind: "known", value: { from: "undeclared" } },
        ],
        [
            "in a pool that is not known",
            { baseVolumeName: "b", baseVolumePool: UNKNOWN },
            { kind: "unknown" },
        ],
        ["none", {}, { kind: "known", value: undefined }],
    ])("base %s", (_title, inputs, expected) => {
        expect(base(inputs)).toMatchObject(expected);
    });
});

describe("live XML", () => {
    const net = "<network><name>iso</name><uuid>u</uuid><bridge name='b0' stp='off'/></network>";
    const dom = `<domain type='kvm'><name>w</name><on_crash>destroy</on_crash><devices>
        <interface type='network'><mac address='52:54:00:AA:00:01'/><source network='iso'/><port isolated='yes'/></interface>
        <interface type='user'/><disk type='file' device='cdrom'><source file='/x.iso'/><readonly/></disk><hostdev mode='subsystem' type='pci'/></devices></domain>`;

    const REST = {
        next: { domains: [], networks: [] },
        pools: [],
        active: ["iso"],
        kept: [],
        taps: { from: "libvirt" },
    } as const;

    test("attachments, devices and settings", () => {
        const model = readLive([
            {
                uri: "qemu:///system",
                networks: [net],
                domains: [dom],
                ...REST,
                autostart: { domains: ["w"], networks: [] },
            },
        ]);
        expect(model.networks[0]).toMatchObject({ forward: { value: "isolated" }, bridge: { value: "b0" } });
        const [found] = model.domains;
        expect(nicsOf(found as Domain).map((n) => [n.attachment, n.mac, n.isolatedPort])).toMatchObject([
            [{ value: { to: "network" } }, { value: "52:54:00:aa:00:01" }, { value: true }],
            [{ value: { to: "user" } }, {}, { value: false }],
        ]);
        expect(found?.disks).toMatchObject({
            value: [{ device: { value: "cdrom" }, readOnly: { value: true } }],
        });
        expect(found?.devices).toMatchObject({ value: [{ name: "hostdev" }] });
    });

    test("XML that is cut off or of another kind is refused", () => {
        expect(() =>
            readLive([
                {
                    uri: "u",
                    networks: [net.slice(0, 40)],
                    domains: [],
                    ...REST,
                    autostart: { domains: [], networks: [] },
                },
            ]),
        ).toThrow(/XML of network iso/);
        expect(() =>
            readLive([
                { uri: "u", networks: [dom], domains: [], ...REST, autostart: { domains: [], networks: [] } },
            ]),
        ).toThrow("not a <network>");
    });
});
