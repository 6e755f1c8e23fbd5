/**
 * What was read back from the host, where it is not what the program wants. 0.8.3's Read functions, 0.9's
 * generated ones.
 */
import { refreshedInputs, uuidOf } from "../forms";
import { ofKind, type Props, type State } from "../production";
import type { Random } from "../random";
import { part, remove, unheardOf, anything } from "../targets";

const of = (states: State[], type: string, name = /./): State[] =>
    states.filter(
        (s) =>
            s.type === `libvirt:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}` &&
            name.test(s.urn),
    );

/** Outputs as a refresh would leave them; then inputs follow, as far as the bridge carries them over. */
function reads(state: State, change: (outputs: Props) => void, carried: boolean): void {
    change(state.outputs);
    if (carried) {
        state.inputs = refreshedInputs(state.inputs, state.outputs);
    }
}

/** Values of the network's that 0.8.3 sets from libvirt's XML (resource_libvirt_network.go, Read). */
const NETWORK_08: readonly ((r: Random) => Props)[] = [
    (r) => ({
        mode: r.pick(["nat", "route", "open", "bridge", "private", "vepa", "passthrough", "hostdev"]),
    }),
    (r) => ({ addresses: [`${r.ipv4()}/24`] }),
    (r) => ({ addresses: [`fd00:${r.hex(4)}::/64`] }),
    () => ({ dhcp: { enabled: true } }),
    (r) => ({
        dns: {
            enabled: true,
            forwarders: [{ address: r.ipv4(), domain: "" }],
            hosts: [],
            localOnly: false,
            srvs: [],
        },
    }),
    (r) => ({
        dns: {
            enabled: false,
            forwarders: [],
            hosts: [{ hostname: r.word(), ip: r.ipv4() }],
            localOnly: false,
            srvs: [],
        },
    }),
    (r) => ({ routes: [{ cidr: `${r.ipv4()}/32`, gateway: r.ipv4() }] }),
    (r) => ({ domain: r.word() }),
    (r) => ({ bridge: r.word() }),
    (r) => ({ mode: "nat", addresses: ["10.152.152.0/24"], dhcp: { enabled: true }, bridge: r.word() }),
    (r) => ({ mode: "bridge", bridge: `br${r.int(0, 9)}` }),
];

const NETWORK_09: readonly ((r: Random) => Props)[] = [
    (r) => ({ forward: { mode: r.pick(["nat", "route", "open", "bridge", "hostdev"]) } }),
    (r) => ({ ips: [{ address: r.ipv4(), prefix: 24 }] }),
    (r) => ({ dns: { enable: "yes", forwarders: [{ addr: r.ipv4() }] } }),
    (r) => ({ routes: [{ address: r.ipv4(), gateway: r.ipv4() }] }),
    (r) => ({ domain: { name: r.word() } }),
    (r) => ({ bridge: { name: r.word(), stp: "on" } }),
    () => ({ ipv6: "yes" }),
    (r) => ({ portGroups: [{ name: r.word(), default: "yes" }] }),
    (r) => ({ [unheardOf(r)]: anything(r) }),
];

const NIC = {
    addresses: [],
    bridge: "",
    hostname: "",
    macvtap: "",
    networkId: "",
    networkName: "",
    passthrough: "",
    private: "",
    vepa: "",
    waitForLease: false,
};
const where = (r: Random): Props =>
    r.pick<Props>([
        { networkName: "default", networkId: r.uuid() },
        { bridge: r.word() },
        { macvtap: r.word() },
        { vepa: r.word() },
        { private: r.word() },
        { passthrough: r.word() },
        {},
        { networkName: "sallyport-test-default-external", networkId: r.uuid() },
    ]);
/** A NIC of type user, hostdev, … : Read knows no source for it, and leaves all empty. */
const nic08 = (r: Random): Props => ({ ...NIC, ...where(r), mac: r.mac().toUpperCase() });
const nic09 = (r: Random): Props => ({
    mac: { address: r.mac() },
    model: { type: "virtio" },
    source: r.pick<Props>([
        { network: { network: "default" } },
        { bridge: { bridge: r.word() } },
        { direct: { dev: r.word(), mode: "bridge" } },
        { user: {} },
        { hostdev: {} },
    ]),
});
const nicsOf = (outputs: Props): Props[] =>
    (outputs["networkInterfaces"] ?? (outputs["devices"] as Props)["interfaces"]) as Props[];
const disksOf = (outputs: Props): Props[] =>
    (outputs["disks"] ?? (outputs["devices"] as Props)["disks"]) as Props[];
const is08 = (state: State): boolean => state.outputs["networkInterfaces"] !== undefined;

const carry = (r: Random): boolean => r.chance(0.7);

/** A leaf of what was read, which an input declares as well, to another value. */
function leaf(r: Random, inputs: Props, outputs: Props, skip: readonly string[]): void {
    const places: (() => void)[] = [];
    const walk = (wished: unknown, read: unknown): void => {
        if (typeof wished !== "object" || wished === null || typeof read !== "object" || read === null) {
            return;
        }
        for (const [key, value] of Object.entries(wished)) {
            const held = (read as Props)[key];
            if (skip.includes(key) || held === undefined) {
                continue;
            }
            if (typeof held === "object") {
                walk(value, held);
            } else {
                places.push(() => {
                    if (typeof held === "number") {
                        (read as Props)[key] = held + r.int(1, 99);
                    } else {
                        (read as Props)[key] = typeof held === "boolean" ? !held : `${r.word(3, 9)}x`;
                    }
                });
            }
        }
    };
    walk(inputs, outputs);
    r.pick(places)();
}

/** Not read back, or what the provider and the host may well say otherwise. */
const OWN_WORDS = [
    "xml",
    "running",
    "machine",
    "id",
    "uuid",
    "mac",
    "memory",
    "vcpu",
    "memoryUnit",
    "consoles",
    "cpu",
    "type",
    "dhcp",
    "dns",
    "source",
    "create",
    "path",
    "autostart",
    "format",
    "description",
    "check",
    "match",
];

export default ofKind("state", [
    {
        on: "export",
        shapes: ["0.8"],
        name: "a network that the host has otherwise",
        why: "0.8.3 resource_libvirt_network.go:500-640 sets what libvirt shows",
        change: (r, states) => {
            const values = r.pick(NETWORK_08)(r);
            const name = Object.keys(values).every((k) => ["mode", "addresses", "dhcp"].includes(k))
                ? /-isolated$/
                : /-(isolated|external)$/;
            const s = r.pick(of(states, "Network", name));
            const carried = carry(r);
            // In outputs and inputs alike, a free name is safe: a program may choose it (NT-21), and libvirt starts
            // no network whose bridge is there already. These names are not free.
            if (carried && Object.keys(values).join() === "bridge") {
                values["bridge"] = r.pick([
                    `virbr${r.int(0, 9)}`,
                    "docker0",
                    `br-${r.hex(12)}`,
                    ...of(states, "Network")
                        .filter((other) => other !== s)
                        .map((other) => other.outputs["bridge"]),
                ]);
            }
            reads(
                s,
                (o) => {
                    Object.assign(o, values);
                },
                carried,
            );
        },
        needs: (base) =>
            !base.title.includes("bridge of the host") && !base.title.includes("bridges of the host"),
    },
    {
        on: "export",
        shapes: ["0.9"],
        name: "a network that the host has otherwise",
        why: "0.9 network_resource.go Read",
        change: (r, states) => {
            reads(
                r.pick(of(states, "Network", /-isolated$/)),
                (o) => {
                    Object.assign(o, r.pick(NETWORK_09)(r));
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a guest with one NIC more than the program wants",
        why:
            "0.8.3 resource_libvirt_domain.go:990-1066 lists every NIC; the bridge's extractInputs " +
            "walks the old inputs' list",
        change: (r, states) => {
            const s = r.pick(of(states, "Domain"));
            reads(
                s,
                (o) => {
                    const nics = nicsOf(o);
                    nics.splice(
                        r.chance(0.7) ? nics.length : r.int(0, nics.length),
                        0,
                        is08(s) ? nic08(r) : nic09(r),
                    );
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a guest whose NIC is somewhere else",
        why: "0.8.3 resource_libvirt_domain.go: names, bridges and devices as libvirt has them",
        change: (r, states) => {
            const s = r.pick(of(states, "Domain"));
            reads(
                s,
                (o) => {
                    const nics = nicsOf(o);
                    nics[r.int(0, nics.length - 1)] = is08(s) ? { ...nic08(r) } : nic09(r);
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a guest without a NIC that the program wants, or with them in another order",
        why: "the Gateway's firewall names the other wire",
        change: (r, states) => {
            const s = r.pick(of(states, "Domain", /-gateway$/));
            const other = r.chance(0.5);
            reads(
                s,
                (o) => {
                    const nics = nicsOf(o);
                    if (other) {
                        nics.reverse();
                    } else {
                        nics.splice(r.int(0, 1), 1);
                    }
                },
                !other && carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a guest with another disk, or one more",
        why: "0.8.3 resource_libvirt_domain.go:880-950",
        change: (r, states) => {
            const s = r.pick(of(states, "Domain"));
            const empty = { blockDevice: "", file: "", scsi: false, url: "", volumeId: "", wwn: "" };
            const disk = is08(s)
                ? {
                      ...empty,
                      ...r.pick<Props>([
                          { volumeId: r.path() },
                          { file: r.path() },
                          { blockDevice: "/dev/sda" },
                          { url: `http://${r.word()}.test/x` },
                      ]),
                  }
                : {
                      device: "disk",
                      target: { dev: "vdc" },
                      source: r.pick<Props>([
                          { file: { file: r.path() } },
                          { block: { dev: "/dev/sda" } },
                          { volume: { pool: "default", volume: r.word() } },
                      ]),
                  };
            reads(
                s,
                (o) => {
                    const disks = disksOf(o);
                    disks.splice(r.int(0, disks.length), r.int(0, 1), disk);
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        shapes: ["0.8"],
        name: "a guest with unwanted folders, firmware or settings",
        why: "0.8.3 resource_libvirt_domain.go Read: filesystem, kernel, initrd, cmdline, firmware, emulator",
        change: (r, states) => {
            reads(
                r.pick(of(states, "Domain")),
                (o) => {
                    Object.assign(
                        o,
                        r.pick<Props>([
                            {
                                filesystems: [
                                    {
                                        accessmode: "mapped",
                                        source: r.path(),
                                        target: r.word(),
                                        readonly: false,
                                    },
                                ],
                            },
                            { kernel: r.path() },
                            { initrd: r.path() },
                            { cmdlines: [{ init: r.path() }] },
                            { firmware: r.path() },
                            { emulator: r.path() },
                            { autostart: true },
                            { emulator: "/usr/local/bin/qemu-system-x86_64" },
                            { nvram: { file: r.path() } },
                            { cpu: { mode: "host-passthrough" } },
                        ]),
                    );
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        shapes: ["0.9"],
        name: "a guest with unwanted devices or settings",
        why: "0.9 domain_resource.go Read: generated.DomainFromXML",
        change: (r, states) => {
            reads(
                r.pick(of(states, "Domain")),
                (o) => {
                    r.pick<() => void>([
                        () => {
                            part(o, "devices")[
                                r.pick([
                                    "filesystems",
                                    "hostdevs",
                                    "channels",
                                    "graphics",
                                    "shmems",
                                    "redirDevs",
                                    unheardOf(r),
                                ])
                            ] = [anything(r)];
                        },
                        () => {
                            part(o, "os")[r.pick(["kernel", "initrd", "loader"])] = r.path();
                        },
                        () => {
                            o["secLabels"] = [{ type: "none" }];
                        },
                        () => {
                            o["qemuCommandline"] = { args: [{ value: r.word() }] };
                        },
                        () => {
                            o["autostart"] = true;
                        },
                        () => {
                            o[unheardOf(r)] = anything(r);
                        },
                        () => {
                            (nicsOf(o)[0] ?? {})["filterRef"] = { filter: r.word() };
                        },
                        () => {
                            (nicsOf(o)[0] ?? {})["virtualPort"] = { params: { openVSwitch: {} } };
                        },
                        () => {
                            o[r.pick(["launchSecurity", "keyWrap", unheardOf(r)])] = r.chance(0.5)
                                ? {}
                                : { [r.word()]: {} };
                        },
                        () => {
                            part(o, "features")[unheardOf(r)] = {};
                        },
                    ])();
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a seed with other words on the host",
        why: "0.8.3 resource_libvirt_cloud_init.go:75-92 reads the ISO back",
        change: (r, states) => {
            const s = r.pick(of(states, "CloudinitDisk"));
            const key = r.pick(["userData", "networkConfig", "metaData"]);
            reads(
                s,
                (o) => {
                    o[key] = r.pick([
                        `#!/bin/sh\n${r.path()}\n`,
                        "",
                        `#cloud-config\nruncmd: [[${r.word()}]]\n`,
                    ]);
                },
                carry(r),
            );
        },
    },
    {
        on: "export",
        name: "a volume or pool that is somewhere else",
        why: "0.8.3 Read of volumes and pools sets pool, name, path and type",
        change: (r, states) => {
            const s = r.pick([...of(states, "Volume"), ...of(states, "Pool")]);
            reads(
                s,
                (o) => {
                    if (s.type.endsWith("Pool")) {
                        r.pick<() => void>([
                            () => {
                                part(o, "target")["path"] = r.path();
                            },
                            () => {
                                o["type"] = "netfs";
                            },
                            () => {
                                o["name"] = r.word();
                            },
                        ])();
                    } else {
                        Object.assign(o, r.pick<Props>([{ pool: "default" }, { name: r.word() }]));
                    }
                },
                r.chance(0.5),
            );
        },
    },
    {
        on: "export",
        name: "anything that is declared, and read back as something else",
        why: "the wish says nothing about the host where the two differ",
        change: (r, states) => {
            const s = r.pick(
                states.filter((x) => /:(Domain|Network|Pool)$/.test(x.type) && x.type.startsWith("libvirt:")),
            );
            leaf(r, s.inputs, s.outputs, OWN_WORDS);
        },
    },
    {
        on: "export",
        name: "what was read is no list, or not known",
        why: "what cannot be read could be anything",
        change: (r, states) => {
            const s = r.pick(of(states, r.pick(["Domain", "Network"])));
            const keys = Object.keys(s.outputs).filter((k) =>
                [
                    "networkInterfaces",
                    "disks",
                    "devices",
                    "mode",
                    "addresses",
                    "ips",
                    "bridge",
                    "filesystems",
                ].includes(k),
            );
            s.outputs[r.pick(keys)] = r.pick<unknown>([
                "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
                r.word(),
                { "4dabf18193072939515e22adb298388d": r.word() },
                { [r.word()]: r.word() },
            ]);
        },
    },
    {
        on: "export",
        name: "another guest or network behind the id",
        why: "the id is what the provider asks for: step.go; the name is only a name",
        change: (r, states) => {
            const s = r.pick(of(states, r.pick(["Domain", "Network"])));
            if (r.chance(0.5) && s.outputs["networkInterfaces"] !== undefined) {
                r.pick(nicsOf(s.outputs))["networkId"] = uuidOf(r.word());
            } else {
                reads(
                    s,
                    (o) => {
                        o["name"] = r.word();
                    },
                    r.chance(0.5),
                );
            }
            remove(s, "modified");
        },
    },
    {
        on: "export",
        name: "a guest, network or volume behind another one's id, or behind none",
        why: "the id is what the provider asks for: of two with one id, one guest is not judged",
        change: (r, states) => {
            const [one, other] = of(states, r.pick(["Domain", "Network", "Volume"])) as [State, State];
            if (r.chance(0.5)) {
                one["id"] = other["id"];
            } else {
                remove(one, "id");
            }
        },
    },
]);
