/** Devices and settings of provider 0.9 that no guest of the stack may have, by the rule that refuses them. */
import { type Props } from "../production";
import type { Random } from "../random";
import { anything, unheardOf } from "../targets";

type Values = (r: Random) => Props;

const pci = (r: Random): Props => ({ domain: 0, bus: r.int(0, 9), slot: r.int(0, 9), function: 0 });

const service = (r: Random): Props => ({
    mode: r.pick(["bind", "connect"]),
    host: r.pick(["0.0.0.0", r.ipv4()]),
    service: String(r.int(1, 65535)),
});

/** One more of a list, by libvirt's formatdomain, "Devices". */
export const LISTS: readonly (readonly [string, string, readonly Values[]])[] = [
    [
        "filesystems",
        "a folder of the host's",
        [(r) => ({ accessMode: "mapped", source: { mount: { dir: r.path() } }, target: { dir: r.word() } })],
    ],
    [
        "channels",
        "the host trusts what an agent says",
        [
            (r) => ({
                source: { [r.pick(["unix", "spiceVMC", "pty", "tcp", "dbus"])]: {} },
                target: { virtIO: { name: `org.${r.word()}.0` } },
            }),
        ],
    ],
    [
        "graphics",
        "a display that listens",
        [
            (r) => ({ vnc: { listen: r.ipv4(), port: r.int(5900, 5999) } }),
            () => ({ spice: { listen: "127.0.0.1", autoPort: true } }),
            () => ({ vnc: { listeners: [{ address: { address: "0.0.0.0" } }] } }),
            () => ({ eglHeadless: { gl: { renderNode: "/dev/dri/renderD128" } } }),
            () => ({ dbus: { p2p: "yes" } }),
            () => ({ rdp: { port: 3389 } }),
            () => ({ sdl: { display: ":0" } }),
        ],
    ],
    [
        "videos",
        "memory that is shared",
        [
            (r) => ({
                model: {
                    type: r.pick(["virtio", "qxl", "vga", "bochs", "cirrus"]),
                    accel: { accel3d: r.pick(["yes", "no"]) },
                },
            }),
        ],
    ],
    ["sounds", "a sensor in the room", [(r) => ({ model: r.pick(["ich9", "hda", "virtio", "usb"]) })]],
    [
        "hostdevs",
        "a device of the host's",
        [
            (r) => ({ managed: "yes", subsysPci: { source: { address: pci(r) } } }),
            (r) => ({ subsysUsb: { source: { vendor: { id: `0x${r.hex(4)}` } } } }),
            (r) => ({ subsysMdev: { model: "vfio-pci", source: { address: { uuid: r.uuid() } } } }),
            () => ({ subsysScsi: { source: { host: {} } } }),
            (r) => ({ capsNet: { source: { interface: r.word() } } }),
            (r) => ({ capsStorage: { source: { block: r.path() } } }),
            (r) => ({ capsMisc: { source: { char: r.path() } } }),
        ],
    ],
    [
        "redirDevs",
        "a device of the viewer's",
        [(r) => ({ bus: "usb", source: { [r.pick(["spiceVMC", "tcp", "unix"])]: {} } })],
    ],
    [
        "smartcards",
        "a card of the host's",
        [
            () => ({ host: {} }),
            () => ({ passthrough: { tcp: {} } }),
            (r) => ({ hostCerts: [{ file: r.word() }] }),
        ],
    ],
    [
        "tpms",
        "state that outlives the guest, or the host's own",
        [
            () => ({ backend: { passthrough: { device: { path: "/dev/tpm0" } } } }),
            () => ({ backend: { emulator: { version: "2.0" } } }),
        ],
    ],
    [
        "shmems",
        "memory that others see",
        [(r) => ({ name: r.word(), model: { type: r.pick(["ivshmem-plain", "ivshmem-doorbell"]) } })],
    ],
    [
        "watchdogs",
        "an action of the guest's on the host",
        [(r) => ({ model: r.pick(["i6300esb", "ib700"]), action: r.pick(["dump", "inject-nmi", "pause"]) })],
    ],
    [
        "parallels",
        "a line to the host",
        [
            () => ({ source: { dev: { path: "/dev/parport0" } } }),
            (r) => ({ source: { file: { path: r.path() } } }),
            (r) => ({ source: { tcp: service(r) } }),
        ],
    ],
    [
        "serials",
        "a line to the host",
        [
            (r) => ({ source: { tcp: service(r) } }),
            (r) => ({ source: { udp: { connectHost: r.ipv4() } } }),
            (r) => ({ source: { unix: { path: r.path() } } }),
            (r) => ({ source: { [r.pick(["file", "pipe", "dev"])]: { path: r.path() } } }),
            (r) => ({ source: { [r.pick(["stdio", "vc", "spiceVMC"])]: {} } }),
        ],
    ],
    [
        "consoles",
        "a line to the host",
        [
            (r) => ({ source: { tcp: service(r) }, target: { type: "virtio" } }),
            (r) => ({ source: { file: { path: r.path() } } }),
            (r) => ({ source: { unix: { mode: "bind", path: r.path() } } }),
        ],
    ],
    [
        "memorydevs",
        "memory that is backed by a file",
        [(r) => ({ model: r.pick(["nvdimm", "virtio-pmem", "dimm"]), source: { path: r.path() } })],
    ],
    [
        "cryptos",
        "a backend of the host's",
        [() => ({ model: "virtio", type: "qemu", backend: { model: "builtin" } })],
    ],
    ["panics", "a device that tells the host", [() => ({ model: "pvpanic" })]],
    [
        "leases",
        "a lock of the host's",
        [(r) => ({ key: r.word(), lockspace: r.word(), target: { path: r.path() } })],
    ],
    ["hubs", "USB", [() => ({ type: "usb" })]],
    [
        "controllers",
        "a bus that brings devices",
        [
            (r) => ({ type: "usb", model: r.pick(["qemu-xhci", "ich9-ehci1", "piix3-uhci"]) }),
            (r) => ({ type: r.pick(["scsi", "ccid", "fdc", "xenbus"]) }),
        ],
    ],
    [
        "inputs",
        "a device of the host's",
        [
            () => ({ type: "evdev", source: { evdev: { dev: "/dev/input/event0" } } }),
            () => ({ type: "tablet", bus: "usb" }),
            () => ({
                type: "passthrough",
                bus: "virtio",
                source: { passthrough: { evdev: "/dev/input/event0" } },
            }),
        ],
    ],
    [
        "audios",
        "sound of the host's",
        [
            (r) => ({
                id: 1,
                [r.pick(["pulseAudio", "alsa", "pipeWire", "spice", "oss", "jack", "file"])]: {},
            }),
        ],
    ],
    [
        "rngs",
        "DD-14: numbers from somebody else, or without a limit",
        [
            (r) => ({
                model: "virtio",
                rate: { bytes: 1 },
                backend: { egd: { source: { tcp: service(r) } } },
            }),
            (r) => ({ model: "virtio", rate: { bytes: 1 }, backend: { random: r.path() } }),
            () => ({ model: "virtio", backend: { random: "/dev/urandom" } }),
        ],
    ],
    [
        "disks",
        "DD-13, NT-26: content from elsewhere",
        (
            [
                (r) => ({ file: { file: r.path() } }),
                () => ({ block: { dev: "/dev/sdb" } }),
                (r) => ({ dir: { dir: r.path() } }),
                (r) => ({
                    network: {
                        protocol: r.pick(["nbd", "http", "iscsi", "rbd"]),
                        name: r.word(),
                        hosts: [{ name: r.ipv4() }],
                    },
                }),
                () => ({ nvme: { namespace: 1, type: "pci" } }),
                (r) => ({ vhostUser: { type: "unix", path: r.path() } }),
                (r) => ({ vhostVdpa: { dev: r.path() } }),
                (r) => ({ volume: { pool: "default", volume: r.word() } }),
            ] satisfies readonly Values[] as readonly Values[]
        ).map((source): Values => (r) => ({
            device: r.pick(["disk", "cdrom", "floppy", "lun"]),
            target: { dev: "vdc", bus: "virtio" },
            source: source(r),
        })),
    ],
];

/** Devices of which there is one. */
export const SINGLE: readonly (readonly [string, string, Values])[] = [
    [
        "a vsock",
        "a socket to the host",
        (r) => ({ vSock: { model: "virtio", cid: { auto: "no", address: r.int(3, 9) } } }),
    ],
    ["an IOMMU", "DD-05", () => ({ iommu: { model: "intel" } })],
    [
        "a memory balloon",
        "DD-07: tells the guest of the host's memory",
        (r) => ({ memBalloon: { model: r.pick(["virtio", "xen", "virtio-transitional"]) } }),
    ],
    [
        "an emulator of its own",
        "DD-10: a wrapper around QEMU",
        (r) => ({
            emulator: r.pick([
                `${r.path()}/qemu-system-x86_64`,
                "/usr/local/bin/qemu-system-x86_64",
                "/usr/bin/../../home/qemu-system-x86_64",
                "/bin/sh",
                `/usr/bin/${r.word()}`,
            ]),
        }),
    ],
    [
        "a device that is not known",
        "what libvirt learns tomorrow is on no list",
        (r) => ({ [unheardOf(r)]: anything(r) }),
    ],
];

/** Settings of the whole domain. */
export const SETTINGS: readonly (readonly [string, string, Values])[] = [
    [
        "arguments for QEMU",
        "drvqemu: passed past libvirt",
        (r) => ({ qemuCommandline: { args: [{ value: `-netdev user,id=${r.word()}` }] } }),
    ],
    [
        "variables for QEMU",
        "drvqemu",
        (r) => ({ qemuCommandline: { envs: [{ name: r.word(), value: r.word() }] } }),
    ],
    [
        "a device that is overridden",
        "drvqemu",
        (r) => ({
            qemuOverride: { devices: [{ alias: "net0", frontend: { properties: [{ name: r.word() }] } }] },
        }),
    ],
    ["capabilities of QEMU", "drvqemu", (r) => ({ qemuCapabilities: { del: [{ name: r.word() }] } })],
    ["starts with the host", "LC-02: before its Gateway", () => ({ autostart: true })],
    [
        "another hypervisor",
        "DD-10",
        (r) => ({ type: r.pick(["xen", "lxc", "hvf", "bhyve", "vz", "test", "KVM"]) }),
    ],
    [
        "goes on after it is switched off",
        "LC-07",
        (r) => ({ onPoweroff: r.pick(["restart", "preserve", "rename-restart"]) }),
    ],
    [
        "goes on after a crash",
        "DD-21",
        (r) => ({
            onCrash: r.pick([
                "restart",
                "preserve",
                "coredump-destroy",
                "coredump-restart",
                "rename-restart",
            ]),
        }),
    ],
    ["memory in core dumps", "DD-09", (r) => ({ memoryDumpCore: r.pick(["on", "", r.word()]) })],
    ["memory that is merged", "DD-08", () => ({ memoryBacking: {} })],
    [
        "memory that is shared",
        "DD-08",
        (r) => ({
            memoryBacking: {
                memoryNosharepages: true,
                ...r.pick<Props>([
                    { memorySource: { type: r.pick(["file", "memfd"]) } },
                    { memoryAccess: { mode: "shared" } },
                    { memoryHugePages: { hugepages: [{ size: 2048 }] } },
                ]),
            },
        }),
    ],
    [
        "sleep",
        "DD-11: memory on the host's disk",
        (r) => ({ pm: { [r.pick(["suspendToMem", "suspendToDisk"])]: { enabled: "yes" } } }),
    ],
    [
        "processors of the host's",
        "DD-22",
        (r) => ({ cpuTune: { vcpuPin: [{ vcpu: 0, cpuset: String(r.int(0, 7)) }] } }),
    ],
    [
        "memory nodes of the host's",
        "DD-22",
        (r) => ({ numaTune: { memory: { mode: "strict", nodeset: String(r.int(0, 3)) } } }),
    ],
    [
        "weights",
        "DD-22",
        (r) => ({
            [r.pick(["blockIoTune", "memoryTune"])]: {
                weight: r.int(100, 900),
                hardLimit: { value: r.int(1, 9) },
            },
        }),
    ],
    ["another boot loader", "DD-10", (r) => ({ bootloader: r.path() })],
    [
        "an offset to UTC",
        "ID-09",
        (r) => ({
            clock: { offset: r.pick(["localtime", "timezone", "absolute"]), timezone: "Europe/Berlin" },
        }),
    ],
    [
        "a setting that is not known",
        "what libvirt learns tomorrow is on no list",
        (r) => ({ [unheardOf(r)]: anything(r) }),
    ],
];

/** Parts of a domain: a value in place of what is there, or beside it. Undefined takes away. */
export const PARTS: readonly (readonly [string, string, string, Values])[] = [
    [
        "os",
        "foreign firmware or kernel",
        "DD-10",
        (r) => ({ [r.pick(["kernel", "initrd", "cmdline", "dtb", "loader", "init"])]: r.path() }),
    ],
    ["os", "memory of firmware", "DD-10", (r) => ({ nvRam: { nvRam: r.path(), template: r.path() } })],
    ["os", "tables of ACPI", "DD-10", (r) => ({ acpi: { tables: [{ type: "slic", path: r.path() }] } })],
    [
        "os",
        "boots from elsewhere",
        "DD-18",
        (r) => ({
            bootDevices: r.pick([["network"], ["cdrom"], ["hd", "network"], ["fd"]]).map((dev) => ({ dev })),
        }),
    ],
    ["os", "a menu at boot", "DD-18", () => ({ bootMenu: { enable: "yes" } })],
    ["os", "the host's serial numbers", "ID-04", () => ({ smBios: { mode: "host" } })],
    [
        "os",
        "another machine",
        "DD-25",
        (r) => ({
            typeMachine: r.pick([
                "q35",
                "pc",
                "pc-i440fx-7.2",
                `pc-q35-${r.int(8, 11)}.${r.int(0, 2)}`,
                "microvm",
            ]),
        }),
    ],
    [
        "features",
        "clocks of other hypervisors",
        "ID-08",
        (r) => ({ [r.pick(["hyperV", "kvm", "xen", "pvSpinlock", "smm", "vmCoreInfo"])]: { state: "on" } }),
    ],
    [
        "features",
        "performance counters",
        "ID-08",
        (r) => ({ [r.pick(["pmu", "vmPort"])]: r.pick<unknown>([{ state: "on" }, {}, undefined]) }),
    ],
    [
        "cpu",
        "the host's own processor",
        "ID-07",
        (r) => ({ mode: r.pick(["host-passthrough", "host-model", "maximum"]) }),
    ],
    [
        "cpu",
        "the host's own model",
        "ID-07",
        (r) => ({ model: r.pick(["host", "max", "host-passthrough", r.recased("host")]) }),
    ],
    [
        "cpu",
        "more than its model",
        "ID-07",
        (r) =>
            r.pick<Props>([
                { match: r.pick(["minimum", "strict"]) },
                { cache: { mode: "passthrough" } },
                { maxPhysAddr: { mode: "passthrough" } },
                { modelFallback: "allow" },
                { modelVendorId: "GenuineIntel" },
                { features: [{ policy: r.pick(["optional", "force"]), name: "invtsc" }] },
            ]),
    ],
    [
        "cpu",
        "cells of memory",
        "DD-08",
        (r) => ({
            numa: { cells: [{ id: 0, cpus: "0", memory: 1, memAccess: r.pick(["shared", "private"]) }] },
        }),
    ],
];
