import { ConfigError } from "../../../config/error";
import { loadPlan } from "../../../plan/load";
import type { EnclavePlan } from "../../../plan/plan";
import { parseConfig } from "../../../config/parse";

const problemsOf = (input: unknown): string[] => {
    try {
        loadPlan("sallyport", "test", input);
    } catch (error) {
        if (error instanceof ConfigError) {
            return error.message.split("\n").slice(1);
        }
        throw error;
    }
    return [];
};

describe("defaults", () => {
    it("is one enclave with one Workstation and 256 MiB for either role", () => {
        const { plan } = loadPlan("sallyport", "test", {});
        expect(plan.enclaves.map((e) => e.name)).toEqual(["default"]);
        const [enclave] = plan.enclaves;
        expect(enclave?.workstations.map((w) => [w.name, w.memoryMiB, w.nic.address])).toEqual([
            ["ws1", 256, "10.152.152.11"],
        ]);
        expect(enclave?.gateway.memoryMiB).toBe(256);
        expect(plan.uri).toBe("qemu:///system");
        expect(enclave?.transparentProxy).toBe(true);
    });

    it("freezes the plan", () => {
        const { plan } = loadPlan("sallyport", "test", {});
        expect(Object.isFrozen(plan.enclaves[0]?.gateway.outer)).toBe(true);
    });

    it("freezes the configuration, whatever part of it was given", () => {
        const unfrozen = (value: unknown, at: string): string[] =>
            typeof value !== "object" || value === null
                ? []
                : [
                      ...(Object.isFrozen(value) ? [] : [at]),
                      ...Object.entries(value).flatMap(([key, inner]) => unfrozen(inner, `${at}.${key}`)),
                  ];
        const relays = { mode: "relay-set", relayFile: "f" };
        const given = {
            virt: { type: "qemu" },
            enclaves: [{ name: "a", egress: relays, workstations: [{ name: "x" }] }, { name: "b" }],
        };
        for (const config of [
            parseConfig({}),
            parseConfig(given),
            loadPlan("sallyport", "test", given, { read: () => "203.0.113.11:5000" }).config,
        ]) {
            expect(unfrozen(config, "config")).toEqual([]);
            expect(() => (config.enclaves as unknown[]).push(1)).toThrow(TypeError);
        }
    });
});

describe("bad input names property, value, what is allowed and the fix", () => {
    const cases: [string, unknown, RegExp][] = [
        [
            "an unknown top level key",
            { enclave: [] },
            /sallyport:enclave: got \[\]; allowed: the keys uri, .*enclaves; fix: call it enclaves in/,
        ],
        [
            "the beginning of a key",
            { virt: { cpu: "x" } },
            /virt\.cpu: got "x"; allowed: the keys type, cpuModel; fix: call it cpuModel in the stack's settings/,
        ],
        [
            "a key that is near no other",
            { colour: "blue" },
            /sallyport:colour: .*; fix: remove it in the stack's settings, Pulumi.STACK.yaml/,
        ],
        [
            "an unknown key of an enclave",
            { enclaves: [{ name: "a", tor: 1 }] },
            /enclaves\[0\]\.tor: got 1; allowed: the keys name, external, .*workstations/,
        ],
        [
            "an unknown key of a bridge network",
            {
                enclaves: [
                    {
                        name: "a",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.9/24",
                            route: "192.0.2.1",
                            subnet: "x",
                        },
                    },
                ],
            },
            /enclaves\[0\]\.external\.subnet: got "x"; allowed: the keys mode, bridge, address, route, mac/,
        ],
        [
            "an unknown mode",
            { enclaves: [{ name: "a", external: { mode: "macvtap" } }] },
            /enclaves\[0\]\.external\S*: got .*; allowed: .*nat.*bridge/,
        ],
        [
            "a bridge name over 15 characters",
            { enclaves: [{ name: "a", isolated: { bridge: "sallyport-bridge" } }] },
            /enclaves\[0\]\.isolated\.bridge: got "sallyport-bridge"; allowed: an interface name of 1 to 15 characters/,
        ],
        [
            "a name in capitals",
            { enclaves: [{ name: "Alpha" }] },
            /enclaves\[0\]\.name: got "Alpha"; allowed: 1 to 24 characters/,
        ],
        ...(
            [
                ["clock", "window", "windowSeconds"],
                ["gateway", "memory", "memoryMiB"],
                ["gateway", "readyTimeout", "readyTimeoutSeconds"],
            ] as const
        ).map(([group, old, now]): [string, unknown, RegExp] => [
            `${group}.${old} by its old name`,
            { enclaves: [{ name: "a", [group]: { [old]: 300 } }] },
            new RegExp(
                `enclaves\\[0\\]\\.${group}\\.${old}: got 300; allowed: the keys .*${now}.*; ` +
                    `fix: call it ${now} in the stack's settings`,
            ),
        ]),
        [
            "a Workstation's memory by its old name",
            { enclaves: [{ name: "a", workstations: [{ name: "b", memory: 300 }] }] },
            /workstations\[0\]\.memory: got 300; allowed: the keys .*; fix: call it memoryMiB in/,
        ],
        [
            "a tunnel's MTU by its old name",
            { enclaves: [{ name: "a", tunnel: { mtu: 1400 } }] },
            /tunnel\.mtu: got a value that is not shown; allowed: the keys .*; fix: call it mtuBytes in/,
        ],
        [
            "processors that are a number",
            { enclaves: [{ name: "a", cpus: 2 }] },
            /enclaves\[0\]\.cpus: got 2; allowed: a value of type string; fix: bin\/pulumi config set --type string --path 'sallyport:enclaves\[0\]\.cpus' VALUE, or quote it in the stack's settings/,
        ],
        ["no enclave", { enclaves: [] }, /enclaves: got \[\]; allowed: at least one enclave/],
        [
            "text for a number",
            { enclaves: [{ name: "a", gateway: { memoryMiB: "much" } }] },
            /enclaves\[0\]\.gateway\.memoryMiB: got "much"; allowed: a whole number of MiB/,
        ],
        ...["/srv/../etc", "/srv/./x", "/srv/.", "/srv/.."].map((path): [string, unknown, RegExp] => [
            `a storage folder spelled ${path}`,
            { storage: { path } },
            /storage\.path: got .*; allowed: an absolute path .*without \/\/, \. and \.\./,
        ]),
        ...["/srv/", "/srv//x", "srv", "/", "/s v"].map((path): [string, unknown, RegExp] => [
            `a storage folder spelled ${path}`,
            { storage: { path } },
            /storage\.path: got .*; allowed: an absolute path out of/,
        ]),
        [
            "too little memory",
            { enclaves: [{ name: "a", gateway: { memoryMiB: 64 } }] },
            /gateway\.memoryMiB: got 64; allowed: at least 192 MiB/,
        ],
        [
            "the host's own CPU model",
            { virt: { cpuModel: "host-passthrough" } },
            /virt\.cpuModel: got "host-passthrough"; allowed: a named CPU model/,
        ],
        [
            "host bits in a subnet",
            { enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.140.7.9/24" } }] },
            /host bits set; write 10\.140\.7\.0\/24/,
        ],
        [
            "a line break in a DirAuthority line",
            { torNetwork: { dirAuthorities: ["a\nControlPort 1"] } },
            /torNetwork\.dirAuthorities\[0\]: got .*; allowed: one line/,
        ],
        [
            "a URI that is none",
            { uri: "localhost" },
            /uri: got "localhost"; allowed: a libvirt connection URI/,
        ],
        [
            "two enclaves of one name",
            { enclaves: [{ name: "a" }, { name: "a" }] },
            /enclaves\[1\]\.name: got "a"; allowed: names that differ; enclaves\[0\]\.name has this one/,
        ],
        [
            "two domains of one name",
            {
                enclaves: [
                    { name: "a", workstations: [{ name: "x-workstation-y" }] },
                    { name: "a-workstation-x", workstations: [{ name: "y" }] },
                ],
            },
            /enclaves\[1\]\.workstations\[0\]\.name: got "sallyport-test-a-workstation-x-workstation-y"; allowed: names that give every domain/,
        ],
        [
            "two pools of one name",
            { enclaves: [{ name: "image" }] },
            /enclaves\[0\]\.name: got "sallyport-test-image"; allowed: names that give every pool/,
        ],
        [
            "overlapping subnets",
            {
                enclaves: [
                    { name: "a", external: { mode: "nat", subnet: "10.140.0.0/16" } },
                    { name: "b", external: { mode: "nat", subnet: "10.140.7.0/24" } },
                ],
            },
            /enclaves\[1\]\.external\.subnet: got "10\.140\.7\.0\/24"; .*overlaps 10\.140\.0\.0\/16 of enclaves\[0\]\.external\.subnet; fix: set external\.subnet/,
        ],
        [
            "a subnet over the isolated network",
            { enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.152.0.0/16" } }] },
            /overlaps 10\.152\.152\.0\/24 of the isolated networks/,
        ],
        [
            "a subnet in tor's .onion range",
            { enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.200.0.0/24" } }] },
            /overlaps 10\.192\.0\.0\/10 of tor's range/,
        ],
        [
            "a NAT subnet in the LAN of another enclave's Gateway",
            {
                enclaves: [
                    { name: "a", external: { mode: "nat", subnet: "192.0.2.0/28" } },
                    {
                        name: "b",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.90/24",
                            route: "192.0.2.1",
                        },
                    },
                ],
            },
            /enclaves\[0\]\.external\.subnet: got "192\.0\.2\.0\/28"; .*overlaps 192\.0\.2\.0\/24 of the LAN of enclaves\[1\]\.external\.address; fix: set external\.subnet/,
        ],
        [
            "the Gateway's inner MAC outside",
            { enclaves: [{ name: "a", external: { mode: "nat", mac: "52:54:00:98:98:0a" } }] },
            /enclaves\[0\]\.external\.mac: got "52:54:00:98:98:0a"; allowed: a MAC that no place of 10\.152\.152\.0\/24 has.*; fix: give the Gateway another external\.mac/,
        ],
        [
            "the MAC of a place that no Workstation has taken",
            {
                enclaves: [
                    {
                        name: "a",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.9/24",
                            route: "192.0.2.1",
                            mac: "52:54:00:98:98:fe",
                        },
                    },
                ],
            },
            /enclaves\[0\]\.external\.mac: got "52:54:00:98:98:fe"; allowed: a MAC that no place/,
        ],
        [
            "two enclaves with one MAC",
            {
                enclaves: [
                    { name: "a", external: { mode: "nat", mac: "52:54:00:00:00:01" } },
                    { name: "b", external: { mode: "nat", mac: "52:54:00:00:00:01" } },
                ],
            },
            /enclaves\[1\]\.external\.mac: got "52:54:00:00:00:01"; .*enclaves\[0\]\.external\.mac has this one/,
        ],
        [
            "two enclaves with one address",
            {
                enclaves: ["a", "b"].map((name) => ({
                    name,
                    external: { mode: "bridge", bridge: "br0", address: "192.0.2.9/24", route: "192.0.2.1" },
                })),
            },
            /enclaves\[1\]\.external\.address: got "192\.0\.2\.9"; .*one external address for each Gateway/,
        ],
        [
            "a route outside the subnet",
            {
                enclaves: [
                    {
                        name: "a",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.9/24",
                            route: "198.51.100.1",
                        },
                    },
                ],
            },
            /external\.route: got "198\.51\.100\.1"; allowed: another address in the subnet of 192\.0\.2\.9\/24/,
        ],
        [
            "two Workstations with one address",
            {
                enclaves: [
                    {
                        name: "a",
                        workstations: [
                            { name: "x", address: "10.152.152.20" },
                            { name: "y", address: "10.152.152.20" },
                        ],
                    },
                ],
            },
            /workstations\[1\]\.address: got "10\.152\.152\.20"; allowed: one address for each Workstation/,
        ],
        [
            "a Workstation on the Gateway's address",
            { enclaves: [{ name: "a", workstations: [{ name: "x", address: "10.152.152.10" }] }] },
            /workstations\[0\]\.address: got "10\.152\.152\.10"; allowed: 10\.152\.152\.11 to \.254/,
        ],
        [
            "one bridge for both networks",
            {
                enclaves: [
                    { name: "a", isolated: { bridge: "br9" }, external: { mode: "nat", bridge: "br9" } },
                ],
            },
            /enclaves\[0\]\.external\.bridge: got "br9"; allowed: one bridge for each network/,
        ],
        [
            "the isolated network on a bridge of the host",
            {
                enclaves: [
                    {
                        name: "a",
                        isolated: { bridge: "br0" },
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.9/24",
                            route: "192.0.2.1",
                        },
                    },
                ],
            },
            /enclaves\[0\]\.external\.bridge: got "br0"; allowed: one bridge for each network; enclaves\[0\]\.isolated\.bridge has this one/,
        ],
        [
            "two Gateways on one bridge of the host",
            {
                enclaves: ["a", "b"].map((name, i) => ({
                    name,
                    external: {
                        mode: "bridge",
                        bridge: "br0",
                        address: `192.0.2.${9 + i}/24`,
                        route: "192.0.2.1",
                    },
                })),
            },
            /enclaves\[1\]\.external\.bridge: got "br0"; allowed: one bridge for each network; enclaves\[0\]\.external\.bridge has this one; fix: .*external\.mode to nat/,
        ],
        [
            "a subnet in the carriers' range",
            { enclaves: [{ name: "a", external: { mode: "nat", subnet: "100.100.0.0/24" } }] },
            /external\.subnet: got "100\.100\.0\.0\/24"; .*overlaps 100\.64\.0\.0\/10 of carriers' shared range/,
        ],
        [
            "libvirt's default subnet",
            { enclaves: [{ name: "a", external: { mode: "nat", subnet: "192.168.122.0/24" } }] },
            /external\.subnet: .*overlaps 192\.168\.122\.0\/24 of libvirt's default network/,
        ],
        ...["virbr0", "docker0", "br-lan", "lxdbr0", "podman1"].map((bridge): [string, unknown, RegExp] => [
            `a bridge that libvirt makes, called ${bridge}`,
            { enclaves: [{ name: "a", external: { mode: "nat", bridge }, isolated: { bridge } }] },
            /external\.bridge: got .*allowed: a name of its own.*\n.*isolated\.bridge: got .*allowed: a name of its own/,
        ]),
        ...["virbr0", "docker0", "br-0123456789ab", "sp01234567i"].map(
            (bridge): [string, unknown, RegExp] => [
                `a bridge of the host's called ${bridge}`,
                {
                    enclaves: [
                        {
                            name: "a",
                            external: { mode: "bridge", bridge, address: "192.0.2.9/24", route: "192.0.2.1" },
                        },
                    ],
                },
                /external\.bridge: got .*allowed: a bridge of the host's LAN/,
            ],
        ),
        ...["host", "max", "HOST", "host-model", "maximum"].map((cpuModel): [string, unknown, RegExp] => [
            `the CPU model ${cpuModel}`,
            { virt: { cpuModel } },
            /virt\.cpuModel: got .*allowed: a named CPU model/,
        ]),
        ...[
            "/",
            "/etc",
            "/usr/lib/x",
            "/tmp",
            "/var/tmp/x",
            "/var",
            "/run/x",
            "/srv/x/",
            "/srv//x",
            "/srv/./x",
            "/srv/../x",
            "srv/x",
            "/srv/a b",
            "/proc/1",
        ].map((path): [string, unknown, RegExp] => [
            `pools in ${path}`,
            { storage: { path } },
            /storage\.path: got .*allowed: an absolute path/,
        ]),
    ];
    it.each(cases)("%s", (_title, input, expected) => {
        const problems = problemsOf(input);
        expect(problems.join("\n")).toMatch(expected);
        for (const problem of problems) {
            expect(problem).toMatch(/^ {2}- sallyport:\S+: got .+; allowed: .+; fix: \S.{9,}$/);
        }
    });

    it("gives the command that sets one value, and the file where there is more to write", () => {
        expect(problemsOf({ enclaves: [{ name: "a", gateway: { memoryMiB: 64 } }] })).toEqual([
            "  - sallyport:enclaves[0].gateway.memoryMiB: got 64; allowed: at least 192 MiB; " +
                "fix: bin/pulumi config set --path 'sallyport:enclaves[0].gateway.memoryMiB' VALUE",
        ]);
        expect(problemsOf({ enclaves: [] }).join()).toMatch(
            /fix: correct enclaves in the stack's settings, Pulumi\.STACK\.yaml$/,
        );
        expect(problemsOf({ enclaves: "a" }).join()).toMatch(/fix: correct enclaves in the stack's settings/);
    });

    it("reports every problem at once", () => {
        expect(problemsOf({ uri: "x", nonsense: 1, enclaves: [{ name: "A" }] })).toHaveLength(3);
    });

    it("accepts what the cases above break", () => {
        const input = {
            enclaves: [
                {
                    name: "a",
                    external: { mode: "nat", subnet: "10.140.7.0/24", mac: "52:54:00:00:00:01" },
                    workstations: [],
                },
                {
                    name: "b",
                    external: { mode: "bridge", bridge: "br0", address: "192.0.2.9/24", route: "192.0.2.1" },
                },
            ],
        };
        expect(problemsOf(input)).toEqual([]);
        expect(parseConfig(input).enclaves).toHaveLength(2);
    });

    it("accepts folders for data, and a host's bridges by any name", () => {
        for (const path of [
            "/var/lib/libvirt/images",
            "/srv/vms",
            "/home/me/vms",
            "/data",
            "/root/lab/.lab/pools",
            "/mnt/disk.1/x",
        ]) {
            expect(problemsOf({ storage: { path } })).toEqual([]);
        }
        for (const bridge of ["br0", "br-lan", "vmbr0", "lan", "bridge0", "ovsbr0", "spare"]) {
            expect(
                problemsOf({
                    enclaves: [
                        {
                            name: "a",
                            external: { mode: "bridge", bridge, address: "192.0.2.9/24", route: "192.0.2.1" },
                        },
                    ],
                }),
            ).toEqual([]);
        }
    });

    it("accepts two Gateways on two bridges, and MACs beside the inner ones", () => {
        const at = (name: string, bridge: string, address: string, mac: string): object => ({
            name,
            external: { mode: "bridge", bridge, address, route: "192.0.2.1", mac },
        });
        expect(
            problemsOf({
                enclaves: [
                    at("a", "br0", "192.0.2.9/24", "52:54:00:98:98:09"),
                    at("b", "br2", "192.0.2.10/24", "52:54:00:98:98:ff"),
                    at("c", "br1", "192.0.2.11/25", "52:54:00:98:99:0a"),
                    { name: "d", external: { mode: "nat", subnet: "192.0.3.0/24" } },
                ],
            }),
        ).toEqual([]);
    });
});

it("points at no source file", () => {
    const wrong = {
        enclaves: [{ name: "A", customSocksPorts: [1], httpTunnelPorts: [1], clock: { windowSeconds: 1 } }],
    };
    expect(problemsOf({ uri: "x", image: "", ...wrong }).join("\n")).not.toMatch(/\.ts\b/);
});

describe("what is kept of a guest", () => {
    const of = (home: unknown, more: object = {}): unknown => ({
        enclaves: [{ name: "default", workstations: [{ name: "ws1", home }] }],
        ...more,
    });
    const enclave = (input: unknown): EnclavePlan | undefined =>
        loadPlan("sallyport", "test", input).plan.enclaves[0];

    it("is a home of 8 GiB and a state of 256 MiB, in a pool of their own", () => {
        expect(enclave({})).toMatchObject({
            dataPool: {
                name: "sallyport-test-default-data",
                path: "/var/lib/libvirt/images/sallyport-test-default-data",
            },
            gateway: { state: { volume: "sallyport-test-default-gateway-state", sizeMiB: 256 } },
            workstations: [
                { home: { volume: "sallyport-test-default-workstation-ws1-home", sizeMiB: 8192 } },
            ],
        });
    });

    it("is nothing with home: false, and what the settings say otherwise", () => {
        expect(enclave(of(false))?.workstations[0]).not.toHaveProperty("home");
        expect(
            enclave(of({ sizeGiB: 20, paths: ["/srv/work", "/opt"] }))?.workstations[0]?.home,
        ).toMatchObject({ sizeMiB: 20480, paths: ["/srv/work", "/opt"] });
    });

    it("may be lost where allowDataLoss names the guest, or its domain", () => {
        const lost = (allowDataLoss: string[]): unknown[] => {
            const found = enclave({ allowDataLoss });
            return [found?.gateway.state?.mayBeLost, found?.workstations[0]?.home?.mayBeLost];
        };
        expect(lost([])).toEqual([undefined, undefined]);
        expect(lost(["default/ws1"])).toEqual([undefined, true]);
        expect(lost(["default/gateway", "old/ws9"])).toEqual([true, undefined]);
        expect(lost(["sallyport-test-default-workstation-ws1", "ws1", "other/ws1"])).toEqual([
            undefined,
            true,
        ]);
    });

    it.each<[unknown, RegExp]>([
        [
            true,
            /workstations\[0\]\.home: got true; allowed: `false`, or the keys sizeGiB and paths; fix: bin\/pulumi config set/,
        ],
        ["8GiB", /workstations\[0\]\.home: got "8GiB"; allowed: `false`, or the keys/],
        [{ sizeGiB: 0 }, /workstations\[0\]\.home\.sizeGiB: got 0; allowed: at least 1 GiB; fix: bin/],
        [{ sizeGiB: "8" }, /workstations\[0\]\.home\.sizeGiB: got "8"; allowed: a whole number of GiB/],
        [{ size: 8 }, /workstations\[0\]\.home\.size: got 8; allowed: the keys sizeGiB, paths; fix/],
        ...[
            "/etc",
            "/home/x",
            "/usr/local",
            "/srv/../etc",
            "/srv//x",
            "/srv/",
            "srv",
            "/srv/a b",
            "/var/lib/tor",
        ].map((path): [unknown, RegExp] => [
            { paths: [path] },
            /home\.paths\[0\]: got "[^"]*"; allowed: a folder of .* fix/,
        ]),
        [
            { paths: ["/srv", "/srv/x"] },
            /home\.paths\[1\]: got "\/srv\/x"; allowed: no folder in another; \/srv is there already/,
        ],
        [{ paths: ["/srv", "/srv"] }, /home\.paths\[1\]/],
    ])("is refused in one line: %j", (home, message) => {
        const problems = problemsOf(of(home));
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatch(message);
    });

    it.each([
        [{ allowDataLoss: ["WS1"] }, /allowDataLoss\[0\]: got "WS1"; allowed: ENCLAVE\/WORKSTATION/],
        [
            of({}, { allowDataLoss: "default/ws1" }),
            /allowDataLoss: got "default\/ws1"; allowed: a value of type array/,
        ],
        [{ enclaves: [{ name: "a" }, { name: "a-data" }] }, /names that give every pool a name of its own/],
        [
            { enclaves: [{ name: "a", gateway: { root: { sizeGiB: 3 } } }] },
            /root\.sizeGiB: got 3; allowed: at least 4 GiB/,
        ],
        [{ enclaves: [{ name: "a", gateway: { state: false } }] }, /gateway\.state: got false/],
    ])("is refused: %j", (input, message) => {
        expect(problemsOf(input).join()).toMatch(message);
    });
});
