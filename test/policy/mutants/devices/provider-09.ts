/** Provider 0.9: every kind of NIC source, what it can say about devices, and its networks. */
import type { FixtureResource } from "../../fixtures/resources";
import {
    COMMAND,
    DOMAIN,
    NETWORK,
    POOL,
    UNKNOWN,
    VOLUME,
    edit,
    ofType,
    set,
    short,
    type Mutant,
} from "../mutant";

type Props = Record<string, unknown>;
const devices = (props: Props): Record<string, Props[]> => props["devices"] as Record<string, Props[]>;
const nic = (props: Props): Props => devices(props)["interfaces"]?.[0] ?? {};

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

const NIC: readonly [string, string, Props][] = [
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

const DEVICES: readonly [string, string, Props][] = [
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

const SETTINGS: readonly [string, string, Props][] = [
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

const DISK: readonly [string, Props][] = [
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

/** Change a part in place; undefined removes. */
function merge(target: Props, values: Props): void {
    for (const [key, value] of Object.entries(values)) {
        if (value === undefined) {
            Reflect.deleteProperty(target, key);
        } else {
            target[key] = value;
        }
    }
}

function domain(resource: FixtureResource): Mutant[] {
    const at = resource.urn;
    const mine = `0.9: ${short(resource)}`;
    const gateway = resource.name.endsWith("-gateway");
    const [onNothing, oneMore] = gateway ? ["NT-09", "NT-24"] : ["NT-07", "NT-07"];
    const second = (change: (disk: Props) => void) => edit(at, (p) => change(devices(p)["disks"]?.[1] ?? {}));
    return [
        ...Object.entries(SOURCES).map(([kind, source]): Mutant => ({
            title: `${mine}: a NIC on ${kind}`,
            rule: kind === "null" ? onNothing : "NT-24",
            change: edit(at, (p) => {
                nic(p)["source"] = { [kind]: source };
            }),
        })),
        ...Object.entries(SOURCES).map(([kind, source]): Mutant => ({
            title: `${mine}: one more NIC on ${kind}`,
            rule: gateway && kind === "null" ? "DD-17" : oneMore,
            change: edit(at, (p) => {
                devices(p)["interfaces"]?.push({
                    ...structuredClone(nic(p)),
                    mac: { address: "52:54:00:00:00:01" },
                    source: { [kind]: source },
                });
            }),
        })),
        ...NIC.map(([title, rule, values]): Mutant => ({
            title: `${mine}: a NIC with ${title}`,
            rule,
            change: edit(at, (p) => merge(nic(p), values)),
        })),
        ...DEVICES.map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: edit(at, (p) => merge(p["devices"] as Props, values)),
        })),
        ...SETTINGS.map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: edit(at, (p) => merge(p, values)),
        })),
        ...(resource.props["type"] === "kvm"
            ? [
                  {
                      title: `${mine}: nested virtualisation`,
                      rule: "DD-23",
                      change: edit(at, (p: Props) => {
                          Reflect.deleteProperty(p["cpu"] as Props, "features");
                      }),
                  },
              ]
            : []),
        {
            title: `${mine}: devices that are not known`,
            rule: "LC-15",
            change: set(at, { devices: UNKNOWN }),
        },
        {
            title: `${mine}: a seed that it can write`,
            rule: "DD-19",
            change: second((disk) => {
                disk["readOnly"] = false;
            }),
        },
        {
            title: `${mine}: a shareable disk`,
            rule: "LC-13",
            change: second((disk) => {
                disk["shareable"] = true;
            }),
        },
        {
            title: `${mine}: a disk with a serial number`,
            rule: "ID-13",
            change: second((disk) => {
                disk["serial"] = "x";
            }),
        },
        ...DISK.map(([title, values]): Mutant => ({
            title: `${mine}: a disk with ${title}`,
            rule: "DD-13",
            change: edit(at, (p) => merge(devices(p)["disks"]?.[0] ?? {}, values)),
        })),
        {
            title: `${mine}: a disk with a store of its own behind it`,
            rule: "DD-13",
            change: edit(at, (p) => {
                Object.assign(devices(p)["disks"]?.[0]?.["source"] ?? {}, {
                    dataStore: { source: { file: { file: "/srv/x.raw" } } },
                });
            }),
        },
        {
            title: `${mine}: a disk from a file`,
            rule: "NT-26",
            change: second((disk) => {
                disk["source"] = { file: { file: "/srv/data.img" } };
            }),
        },
        {
            title: `${mine}: a disk of the host's`,
            rule: "NT-26",
            change: second((disk) => {
                disk["source"] = { block: { dev: "/dev/sdb" } };
            }),
        },
        {
            title: `${mine}: no seed`,
            rule: "DD-19",
            change: edit(at, (p) => {
                devices(p)["disks"]?.splice(1, 1);
            }),
        },
    ];
}

const ISOLATED: readonly [string, string, Props][] = [
    ["forward nat", "NT-01", { forward: { mode: "nat" } }],
    ["forward without a mode", "NT-01", { forward: { dev: "eth0" } }],
    ["forward route", "NT-01", { forward: { mode: "route" } }],
    ["forward open", "NT-01", { forward: { mode: "open" } }],
    ["forward not known", "LC-15", { forward: UNKNOWN }],
    ["forward hostdev", "NT-06", { forward: { mode: "hostdev", pfs: [{ dev: "eth0" }] } }],
    ["forward bridge", "NT-06", { forward: { mode: "bridge" } }],
    ["an address", "NT-02", { ips: [{ address: "10.9.9.1", prefix: 24 }] }],
    ["an IPv6 address", "NT-02", { ips: [{ address: "fd00:9::1", family: "ipv6", prefix: 64 }] }],
    [
        "DHCP",
        "NT-03",
        {
            ips: [
                {
                    address: "10.9.9.1",
                    prefix: 24,
                    dhcp: { ranges: [{ start: "10.9.9.2", end: "10.9.9.9" }] },
                },
            ],
        },
    ],
    ["TFTP", "NT-03", { ips: [{ address: "10.9.9.1", prefix: 24, tftp: { root: "/srv" } }] }],
    ["a forwarder", "NT-03", { dns: { forwarders: [{ addr: "192.0.2.53" }] } }],
    ["a DNS host", "NT-03", { dns: { hosts: [{ ip: "192.0.2.1", hostnames: ["x"] }] } }],
    ["IPv6 among guests", "NT-04", { ipv6: "yes" }],
    ["a route", "NT-05", { routes: [{ address: "192.0.2.0", prefix: 24, gateway: "10.9.9.1" }] }],
    ["a domain", "NT-05", { domain: { name: "example.test" } }],
    ["dnsmasq's options", "NT-05", { dnsmasqOptions: { options: [{ value: "server=192.0.2.53" }] } }],
    ["receive filters of its guests", "NT-20", { trustGuestRxFilters: "yes" }],
    ["STP", "NT-22", { bridge: { name: "spx", stp: "on" } }],
    ["a bridge without a name", "NT-21", { bridge: { stp: "off" } }],
    ["libvirt's first bridge", "NT-21", { bridge: { name: "virbr0", stp: "off" } }],
    [
        "a port group",
        "NT-25",
        { portGroups: [{ name: "x", default: "yes", virtualPort: { params: { openVSwitch: {} } } }] },
    ],
    ["a VLAN", "NT-25", { vlan: { tags: [{ id: 42 }] } }],
    ["a virtual switch", "NT-25", { virtualPort: { params: { openVSwitch: {} } } }],
    ["a setting that is not known", "NT-05", { somethingNew: { x: "y" } }],
    ["every port isolated", "NT-18", { portOptions: { isolated: "yes" } }],
    ["a shape of both providers", "LC-15", { mode: "none" }],
];

const EXTERNAL: readonly [string, string, Props][] = [
    [
        "DHCP",
        "NT-12",
        {
            ips: [
                {
                    address: "10.9.9.1",
                    prefix: 24,
                    dhcp: { ranges: [{ start: "10.9.9.2", end: "10.9.9.9" }] },
                },
            ],
        },
    ],
    ["a resolver", "NT-12", { dns: undefined }],
    [
        "IPv6",
        "NT-13",
        {
            ips: [
                { address: "10.9.9.1", prefix: 24 },
                { address: "fd00:9::1", family: "ipv6", prefix: 64 },
            ],
        },
    ],
    ["a port group", "NT-25", { portGroups: [{ name: "x", default: "yes", vlan: { tags: [{ id: 42 }] } }] }],
    ["TFTP", "NT-12", { ips: [{ address: "10.9.9.1", prefix: 24, tftp: { root: "/" } }] }],
    ["a forwarder", "NT-12", { dns: { enable: "no", forwarders: [{ addr: "192.0.2.53" }] } }],
    ["a route", "NT-12", { routes: [{ address: "10.152.152.0", prefix: 24, gateway: "10.9.9.2" }] }],
    ["a domain of the host's", "NT-12", { domain: { name: "lan", register: "yes" } }],
    ["raw dnsmasq options", "NT-12", { dnsMasqOptions: { options: [{ value: "dhcp-script=/tmp/x" }] } }],
    ["mode open", "NT-11", { forward: { mode: "open" } }],
    ["isolated", "NT-09", { forward: undefined }],
];

const networks = (
    stack: readonly FixtureResource[],
    name: RegExp,
    changes: readonly (readonly [string, string, Props])[],
): Mutant[] =>
    ofType(stack, NETWORK, name).flatMap((n) =>
        changes.map(([title, rule, values]): Mutant => ({
            title: `0.9: ${short(n)}: ${title}`,
            rule,
            change: set(n.urn, values),
        })),
    );

/** @param stack a good one of provider 0.9 */
export const mutants09 = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, DOMAIN).flatMap(domain),
    ...ofType(stack, POOL).map((pool): Mutant => ({
        title: `0.9: ${short(pool)}: a source of its own`,
        rule: "SH-04",
        change: set(pool.urn, { source: { device: [{ path: "/dev/sda" }] } }),
    })),
    ...networks(stack, /-isolated$/, ISOLATED),
    ...networks(
        stack.filter((n) => (n.props["forward"] as Props | undefined)?.["mode"] === "nat"),
        /-external$/,
        EXTERNAL,
    ),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap((g): Mutant[] => [
        // Protected, filled from a file whose sum is checked: still a disk that may be labelled as a seed is.
        {
            title: `0.9: ${short(g)}: a third disk`,
            rule: "DD-19",
            change: (s) => {
                const sum = "e".repeat(64);
                const [pool] = ofType(s, POOL);
                s.push({
                    urn: `${g.urn}-check`,
                    type: COMMAND,
                    name: "check",
                    props: { create: `bin/sallyport verify-image --image /tmp/evil.iso --sha256 ${sum}` },
                    dependencies: [],
                    propertyDependencies: {},
                });
                s.push({
                    urn: `${g.urn}-evil`,
                    type: VOLUME,
                    name: "evil",
                    props: {
                        name: `evil-${sum.slice(0, 12)}.iso`,
                        pool: pool?.props["name"],
                        target: { format: { type: "raw" }, permissions: { mode: "0600" } },
                        create: { content: { url: "/tmp/evil.iso" } },
                    },
                    dependencies: [`${g.urn}-check`],
                    propertyDependencies: {},
                    protect: true,
                    deleteBeforeReplace: true,
                });
                edit(g.urn, (p) => {
                    devices(p)["disks"]?.push({
                        device: "disk",
                        source: {
                            volume: { pool: pool?.props["name"], volume: `evil-${sum.slice(0, 12)}.iso` },
                        },
                        target: { dev: "vdc", bus: "virtio" },
                    });
                })(s);
            },
        },
        {
            title: `0.9: ${short(g)}: a third disk without anything in it`,
            rule: "DD-19",
            change: edit(g.urn, (p) => {
                devices(p)["disks"]?.push({ device: "disk", target: { dev: "vdc", bus: "virtio" } });
            }),
        },
    ]),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((w): Mutant[] => [
        {
            title: `0.9: ${short(w)}: port not isolated`,
            rule: "NT-18",
            change: edit(w.urn, (p) => {
                Reflect.deleteProperty(nic(p), "portOptions");
            }),
        },
        {
            title: `0.9: ${short(w)}: starts anew when it is switched off`,
            rule: "LC-07",
            change: set(w.urn, { onPoweroff: "restart" }),
        },
        {
            title: `0.9: ${short(w)}: its console is written down`,
            rule: "DD-12",
            change: edit(w.urn, (p) => {
                Object.assign(devices(p)["serials"]?.[0] ?? {}, { log: { file: "/tmp/x" } });
            }),
        },
        {
            title: `0.9: ${short(w)}: slirp, and no network at all`,
            rule: "PATH-outside",
            change: edit(w.urn, (p) => {
                nic(p)["source"] = { user: {} };
            }),
        },
    ]),
    ...ofType(stack, VOLUME).map((v): Mutant => ({
        title: `0.9: ${short(v)}: readable by all`,
        rule: "HS-17",
        change: edit(v.urn, (p) => {
            Object.assign(p["target"] as Props, { permissions: { mode: "0644" } });
        }),
    })),
    ...ofType(stack, VOLUME, /-overlay$/).flatMap((v): Mutant[] => [
        {
            title: `0.9: ${short(v)}: on an image that is not declared`,
            rule: "NT-26",
            change: edit(v.urn, (p, r) => {
                p["backingStore"] = { path: "/srv/evil.qcow2", format: { type: "qcow2" } };
                r.propertyDependencies = {};
            }),
        },
        {
            title: `0.9: ${short(v)}: on an image that is not known`,
            rule: "NT-26",
            change: edit(v.urn, (p, r) => {
                p["backingStore"] = { path: UNKNOWN };
                r.propertyDependencies = {};
            }),
        },
    ]),
    ...ofType(stack, VOLUME, /-seed-volume$/).map((v): Mutant => ({
        title: `0.9: ${short(v)}: filled from an address`,
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "https://example.test/seed.iso" } } }),
    })),
    ...ofType(stack, VOLUME, /-image-volume$/).map((v): Mutant => ({
        title: "0.9: the image from an address",
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "https://example.test/debian.qcow2" } } }),
    })),
    ...ofType(stack, VOLUME, /-image-volume$/).map((v): Mutant => ({
        title: "0.9: the image from another file than was checked",
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "/tmp/evil.qcow2" } } }),
    })),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap((g): Mutant[] =>
        ["/etc/cron.d/x", "/var/lib/libvirt/images/elsewhere/x.status"].map((file): Mutant => ({
            title: `0.9: ${short(g)}: its status line goes to ${file}`,
            rule: "DD-12",
            change: edit(g.urn, (p) => {
                Object.assign(devices(p)["serials"]?.[0] ?? {}, { log: { file, append: "off" } });
            }),
        })),
    ),
    {
        title: "0.9: two domains with one UUID",
        rule: "ID-05",
        change: (s) => {
            ofType(s, DOMAIN).forEach((d) => {
                d.props["uuid"] = "6d1e2c1e-0000-4000-8000-000000000001";
            });
        },
    },
];
