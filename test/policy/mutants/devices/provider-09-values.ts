/** Each device and each setting of provider 0.9 that no guest may have, by the rule that refuses it. */
import { UNKNOWN } from "../mutant";

export type Props = Record<string, unknown>;

/**
 * Every source but `network` (libvirtxml's DomainInterfaceSource); `user` is slirp or passt, and needs no
 * network at all.
 */
export const SOURCES: Readonly<Record<string, unknown>> = {
    user: {},
    bridge: { bridge: "br0" },
    direct: { dev: "eth0", mode: "bridge" },
    ethernet: {},
    hostdev: { pci: {} },
    vdpa: { device: "/dev/vhost-vdpa-0" },
    vHostUser: { dev: {} },
    mCast: { address: "230.0.0.1", port: 5558 },
    udp: { address: "192.0.2.1", port: 1 },
    server: { address: "0.0.0.0", port: 1 },
    client: { address: "192.0.2.1", port: 1 },
    internal: { name: "x" },
    vds: { switchId: "x" },
    null: {},
};

export const NIC: readonly [string, string, Props][] = [
    ["receive filters of its own", "NT-20", { trustGuestRxFilters: "yes" }],
    ["a forwarded port", "NT-25", { portForwards: [{ proto: "tcp", ranges: [{ start: 22 }] }] }],
    ["a VLAN", "NT-25", { vlan: { trunk: "yes", tags: [{ id: 42 }] } }],
    ["a virtual switch", "NT-25", { virtualPort: { params: { openVSwitch: {} } } }],
    ["another model", "DD-15", { model: { type: "e1000" } }],
    ["no model", "DD-15", { model: undefined }],
    ["a boot ROM", "ID-13", { rom: undefined }],
    ["network boot", "DD-18", { boot: { order: 1 } }],
    ["a port group", "NT-25", { source: { network: { network: "cell", portGroup: "trunk" } } }],
    ["a script of the host's", "NT-25", { script: { path: "/tmp/ifup" } }],
    ["a backend of its own", "NT-25", { backend: { tap: "/dev/x", vHost: "/dev/y" } }],
    ["an address of the host's", "NT-25", { ips: [{ address: "192.0.2.1", prefix: 24 }] }],
    ["no MAC", "ID-01", { mac: undefined }],
    ["a foreign MAC", "ID-01", { mac: { address: "00:11:22:33:44:55" } }],
    ["another MAC than its seed's", "DD-17", { mac: { address: "52:54:00:11:22:33" } }],
    ["a network that is not declared", "NT-26", { source: { network: { network: "default" } } }],
    ["a network that is not known", "LC-15", { source: { network: { network: UNKNOWN } } }],
    ["a source that is not known", "LC-15", { source: UNKNOWN }],
    ["two sources", "LC-15", { source: { network: { network: "x" }, user: {} } }],
    ["a type that is not its source's", "LC-15", { type: "user" }],
    ["a source that is not known", "LC-15", { source: { somethingNew: {} } }],
    ["no source", "LC-15", { source: undefined }],
];

export const DEVICES: readonly [string, string, Props][] = [
    [
        "a shared folder",
        "DD-01",
        { filesystems: [{ source: { mount: { dir: "/home" } }, target: { dir: "home" } }] },
    ],
    [
        "an agent",
        "DD-02",
        { channels: [{ source: { unix: {} }, target: { virtIo: { name: "org.qemu.guest_agent.0" } } }] },
    ],
    [
        "SPICE's agent",
        "DD-02",
        { channels: [{ source: { spiceVmc: {} }, target: { virtIo: { name: "com.redhat.spice.0" } } }] },
    ],
    ["a display", "DD-03", { graphics: [{ vnc: { listeners: [{ address: { address: "0.0.0.0" } }] } }] }],
    [
        "a display with a port",
        "DD-03",
        { graphics: [{ spice: { port: 5900, listeners: [{ none: true }] } }] },
    ],
    [
        "a display of two kinds",
        "DD-03",
        { graphics: [{ spice: { listeners: [{ socket: {} }] }, vnc: { listeners: [{ socket: {} }] } }] },
    ],
    [
        "a display with a clipboard",
        "DD-04",
        { graphics: [{ spice: { listeners: [{ socket: {} }], fileTransfer: { enable: "no" } } }] },
    ],
    ["a device of the host's", "DD-05", { hostdevs: [{ subsysUsb: { source: {} } }] }],
    ["a redirected device", "DD-05", { redirDevs: [{ bus: "usb", source: { tcp: {} } }] }],
    ["a smartcard", "DD-05", { smartcards: [{ host: true }] }],
    ["a TPM", "DD-05", { tpms: [{ backend: { emulator: {} } }] }],
    ["shared memory", "DD-05", { shmems: [{ name: "x" }] }],
    ["a socket to the host", "DD-05", { vSock: { cid: { auto: "yes" } } }],
    ["a sound card", "DD-06", { sounds: [{ model: "ich9" }] }],
    ["the host's sound", "DD-06", { audios: [{ pulseAudio: {} }] }],
    ["libvirt's own balloon", "DD-07", { memBalloon: undefined }],
    ["a balloon", "DD-07", { memBalloon: { model: "virtio" } }],
    [
        "a console on a socket",
        "DD-12",
        { serials: [{ source: { tcp: { host: "0.0.0.0", service: "4444" } } }] },
    ],
    [
        "a console whose type hides its source",
        "DD-12",
        { serials: [{ type: "pty", source: { tcp: { host: "192.0.2.1", service: "4444" } } }] },
    ],
    ["a console of two kinds", "DD-12", { serials: [{ source: { pty: {}, tcp: { host: "0.0.0.0" } } }] }],
    ["a console in a file", "DD-12", { consoles: [{ source: { file: { path: "/tmp/x" } } }] }],
    ["another emulator", "DD-10", { emulator: "/tmp/qemu-wrapper" }],
    ["an emulator that is not known", "DD-10", { emulator: UNKNOWN }],
    [
        "an input device of the host's",
        "DD-13",
        { inputs: [{ type: "evdev", source: { evDev: { dev: "/dev/input/event0" } } }] },
    ],
    [
        "an input device handed through",
        "DD-13",
        {
            inputs: [
                {
                    type: "passthrough",
                    bus: "virtio",
                    source: { passthrough: { evDev: "/dev/input/event0" } },
                },
            ],
        },
    ],
    ["a tablet", "DD-13", { inputs: [{ type: "tablet", bus: "usb" }] }],
    [
        "a mouse with a source",
        "DD-13",
        { inputs: [{ type: "mouse", bus: "ps2", source: { evDev: { dev: "/dev/input/event0" } } }] },
    ],
    ["a watchdog", "DD-13", { watchdogs: [{ model: "itco" }] }],
    ["a panic device", "DD-13", { panics: [{ model: "isa" }] }],
    ["memory that is plugged in", "DD-13", { memorydevs: [{ model: "dimm" }] }],
    ["a store for crashes", "DD-13", { pStore: { path: "/tmp/x" } }],
    ["a crypto device", "DD-13", { cryptos: [{ model: "virtio" }] }],
    ["a device that is not known", "DD-13", { somethingNews: [{ model: "x" }] }],
    ["libvirt's own USB controller", "DD-13", { controllers: [{ type: "pci", model: "pcie-root" }] }],
    [
        "random numbers from a daemon",
        "DD-14",
        { rngs: [{ model: "virtio", rate: { bytes: 1 }, backend: { egd: { source: { tcp: {} } } } }] },
    ],
    [
        "random numbers from another device",
        "DD-14",
        { rngs: [{ model: "virtio", rate: { bytes: 1 }, backend: { random: "/dev/hwrng" } }] },
    ],
    [
        "random numbers without a limit",
        "DD-14",
        { rngs: [{ model: "virtio", backend: { random: "/dev/urandom" } }] },
    ],
    [
        "a card with acceleration",
        "DD-24",
        { videos: [{ model: { type: "virtio", accel: { accel3D: "yes" } } }] },
    ],
    ["a display that follows the window", "ID-16", { videos: [{ model: { type: "virtio" } }] }],
    [
        "a graphics card",
        "SH-07",
        { videos: [{ model: { type: "virtio", resolution: { x: 1920, y: 1080 } } }] },
    ],
    ["disks that are not known", "LC-15", { disks: UNKNOWN }],
    ["NICs that are not known", "LC-15", { interfaces: UNKNOWN }],
];

export const SETTINGS: readonly [string, string, Props][] = [
    ["shared pages", "DD-08", { memoryBacking: undefined }],
    ["shared pages, explicitly", "DD-08", { memoryBacking: { memoryNosharepages: false } }],
    [
        "huge pages",
        "DD-08",
        {
            memoryBacking: {
                memoryNosharepages: true,
                memoryHugePages: { hugepages: [{ size: 2, unit: "M" }] },
            },
        },
    ],
    [
        "shared memory",
        "DD-08",
        { memoryBacking: { memoryNosharepages: true, memoryAccess: { mode: "shared" } } },
    ],
    [
        "memory in a file",
        "DD-08",
        { memoryBacking: { memoryNosharepages: true, memorySource: { type: "file" } } },
    ],
    [
        "memory in a memfd",
        "DD-08",
        { memoryBacking: { memoryNosharepages: true, memorySource: { type: "memfd" } } },
    ],
    [
        "shared memory of a NUMA cell",
        "DD-08",
        {
            cpu: {
                mode: "custom",
                model: "qemu64",
                numa: { cells: [{ id: 0, memory: 512, memAccess: "shared" }] },
            },
        },
    ],
    ["a weight of its disks", "DD-22", { blockIoTune: { weight: 500 } }],
    ["shares of the CPU", "DD-22", { cpuTune: { shares: { value: 512 } } }],
    [
        "a processor pinned to one of the host's",
        "DD-22",
        { cpuTune: { vcpuPins: [{ vcpu: 0, cpuset: "3" }] } },
    ],
    ["a NUMA node", "DD-22", { numaTune: { memory: { nodeSet: "0" } } }],
    ["limits of its memory", "DD-22", { memoryTune: { hardLimit: { value: 1 } } }],
    ["encrypted launch", "DD-10", { launchSecurity: { sev: {} } }],
    ["a generation number of its own", "DD-10", { genId: { value: "6d1e2c1e-0000-4000-8000-000000000001" } }],
    ["a UUID for its hardware", "DD-10", { hwUuid: "6d1e2c1e-0000-4000-8000-000000000001" }],
    ["a setting that is not known", "DD-10", { somethingNew: { path: "/tmp/x" } }],
    ["core dumps", "DD-09", { memoryDumpCore: undefined }],
    ["core dumps, explicitly", "DD-09", { memoryDumpCore: "on" }],
    ["raw QEMU arguments", "DD-10", { qemuCommandline: { args: [{ value: "-netdev" }] } }],
    ["sleep", "DD-11", { pm: undefined }],
    [
        "sleep on disk",
        "DD-11",
        { pm: { suspendToMem: { enabled: "no" }, suspendToDisk: { enabled: "yes" } } },
    ],
    ["no confinement", "DD-20", { secLabels: [{ type: "none" }] }],
    ["no relabelling", "DD-20", { secLabels: [{ type: "dynamic", relabel: "no" }] }],
    [
        "QEMU as root",
        "DD-20",
        { secLabels: [{ type: "static", model: "dac", relabel: "yes", label: "root:root" }] },
    ],
    [
        "QEMU as root's number",
        "DD-20",
        { secLabels: [{ type: "static", model: "dac", relabel: "yes", label: "+0:+0" }] },
    ],
    [
        "an unconfined profile",
        "DD-20",
        { secLabels: [{ type: "static", model: "apparmor", relabel: "yes", label: "unconfined" }] },
    ],
    [
        "a dynamic label that says which",
        "DD-20",
        {
            secLabels: [
                {
                    type: "dynamic",
                    model: "selinux",
                    relabel: "yes",
                    label: "system_u:system_r:unconfined_t:s0",
                },
            ],
        },
    ],
    [
        "another type of process",
        "DD-20",
        {
            secLabels: [
                {
                    type: "dynamic",
                    model: "selinux",
                    relabel: "yes",
                    baseLabel: "system_u:system_r:spc_t:s0",
                },
            ],
        },
    ],
    [
        "another label on files",
        "DD-20",
        {
            secLabels: [
                { type: "dynamic", model: "selinux", imageLabel: "system_u:object_r:virt_content_t:s0" },
            ],
        },
    ],
    [
        "root after a good label",
        "DD-20",
        {
            secLabels: [
                { type: "dynamic", model: "apparmor" },
                { type: "dynamic", model: "dac", label: "+0:+0" },
            ],
        },
    ],
    ["a static label of no model", "DD-20", { secLabels: [{ type: "static" }] }],
    ["a security driver that is none", "DD-20", { secLabels: [{ model: "none" }] }],
    ["restart after a crash", "DD-21", { onCrash: "restart" }],
    ["a dump after a crash", "DD-21", { onCrash: "coredump-destroy" }],
    ["another hypervisor", "DD-10", { type: "xen" }],
    [
        "a table of the host's firmware",
        "DD-10",
        {
            os: {
                type: "hvm",
                typeMachine: "pc-q35-6.2",
                acpi: { tables: [{ type: "slic", path: "/sys/firmware/acpi/tables/MSDM" }] },
            },
        },
    ],
    [
        "firmware that the host chooses",
        "DD-10",
        { os: { type: "hvm", typeMachine: "pc-q35-6.2", firmware: "efi" } },
    ],
    ...[
        ["whatever more the host has", { match: "minimum" }],
        ["the host's CPU and no other", { match: "strict" }],
        ["the host's caches", { cache: { mode: "passthrough" } }],
        ["the host's width of addresses", { maxPhysAddr: { mode: "passthrough" } }],
        ["features that the host may have", { features: [{ policy: "optional", name: "avx2" }] }],
        ["a model that the host may change", { modelFallback: "allow" }],
        ["a model of another maker", { modelVendorId: "GenuineIntel" }],
        ["a part that is not known", { somethingNew: "x" }],
    ].map(([title, cpu]): [string, string, Props] => [
        `a CPU with ${title as string}`,
        "ID-07",
        {
            cpu: {
                mode: "custom",
                match: "exact",
                check: "none",
                model: "qemu64",
                modelFallback: "forbid",
                ...(cpu as Props),
            },
        },
    ]),
    ...[
        ["a clock of the host's, off and on", [{ name: "kvmclock", present: "yes" }]],
        ["a counter of a fixed frequency", [{ name: "tsc", frequency: 3_000_000_000 }]],
        ["a timer that is not known", [{ name: "platform" }]],
        ["a timer that follows the host's", [{ name: "rtc", track: "wall" }]],
    ].map(([title, more]): [string, string, Props] => [
        title as string,
        "ID-08",
        {
            clock: {
                offset: "utc",
                timers: [
                    ...["hpet", "kvmclock", "hypervclock"].map((name) => ({ name, present: "no" })),
                    ...(more as Props[]),
                ],
            },
        },
    ]),
    [
        "another hypervisor's clocks",
        "ID-08",
        {
            features: {
                acpi: true,
                pmu: { state: "off" },
                vmPort: { state: "off" },
                hyperV: { mode: "passthrough" },
            },
        },
    ],
    ["a clock that starts when it is told", "ID-09", { clock: { offset: "utc", start: 1_700_000_000 } }],
    ["the host's CPU", "ID-07", { cpu: { mode: "host-passthrough" } }],
    ["counters", "ID-08", { features: { acpi: true, vmPort: { state: "off" } } }],
    ["local time", "ID-09", { clock: { offset: "localtime" } }],
    ["no clock", "ID-09", { clock: undefined }],
    [
        "the host's firmware tables",
        "ID-04",
        { os: { type: "hvm", typeMachine: "pc-q35-6.2", smBios: { mode: "host" } } },
    ],
    [
        "a serial number of its own",
        "ID-04",
        { sysInfos: [{ smbios: { system: { entries: [{ name: "serial", value: "R90ABCDE" }] } } }] },
    ],
    [
        "the stack's name on its board",
        "ID-04",
        { sysInfos: [{ smbios: { baseBoards: [{ entries: [{ name: "asset", value: "alice" }] }] } }] },
    ],
    ["a property named like what every object has", "DD-10", { constructor: "x" }],
    ["firmware strings", "ID-11", { sysInfos: [{ smbios: { oemStrings: { entries: ["alice"] } } }] }],
    [
        "firmware files",
        "ID-11",
        { sysInfos: [{ fwCfg: { entries: [{ name: "opt/x", file: "/etc/passwd" }] } }] },
    ],
    ["a machine without a version", "DD-25", { os: { type: "hvm", typeMachine: "q35" } }],
    [
        "a loader",
        "DD-10",
        {
            os: {
                type: "hvm",
                typeMachine: "pc-q35-6.2",
                loader: "/usr/share/OVMF/OVMF_CODE.fd",
                loaderReadonly: true,
            },
        },
    ],
    ["a kernel", "DD-10", { os: { type: "hvm", typeMachine: "pc-q35-6.2", kernel: "/boot/vmlinuz" } }],
    [
        "network boot",
        "DD-18",
        { os: { type: "hvm", typeMachine: "pc-q35-6.2", bootDevices: [{ dev: "network" }, { dev: "hd" }] } },
    ],
    ["a boot menu", "DD-18", { os: { type: "hvm", typeMachine: "pc-q35-6.2", bootMenu: { enable: "yes" } } }],
    ["a shape of both providers", "LC-15", { networkInterfaces: [{ networkName: "default" }] }],
];

export const DISK: readonly [string, Props][] = [
    [
        "a chain of its own",
        { backingStore: { format: { type: "qcow2" }, source: { file: { file: "/srv/evil.qcow2" } } } },
    ],
    ["a chain that is not known", { backingStore: UNKNOWN }],
    ["a mirror", { mirror: { source: { file: { file: "/srv/copy.qcow2" } } } }],
    [
        "an encryption that the host knows",
        { encryption: { format: "luks", secrets: [{ type: "passphrase", uuid: "x" }] } },
    ],
    ["another driver", { driver: { name: "tap", type: "qcow2" } }],
    ["a part that is not known", { somethingNew: "x" }],
];
