/**
 * What was read back from the host, where it is not what the program wants. 0.8.3's Read functions, 0.9's
 * generated ones.
 */
import { uuidOf } from "../forms";
import { ofKind, type Props, type State } from "../production";
import { part, remove, unheardOf, anything } from "../targets";
import {
    NETWORK_08,
    of,
    carry,
    reads,
    NETWORK_09,
    nicsOf,
    is08,
    nic08,
    nic09,
    disksOf,
    leaf,
    OWN_WORDS,
} from "./state-reads";

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
