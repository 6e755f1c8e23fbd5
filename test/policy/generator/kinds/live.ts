/** What a person did on the host behind the stack's back: libvirt's XML of guests, networks and strangers. */
import { DOMAIN, ofType } from "../../mutants/mutant";
import { fileOf } from "../forms";
import { filesOf } from "../live-host";
import { ofKind, type Base, type Live, type Props } from "../production";
import type { Random } from "../random";
import { enclaveOf } from "../targets";
import { twoEnclaves } from "../bases";

const nameIn = (xml: string): string => /<name>([^<]*)</.exec(xml)?.[1] ?? "";
const bridgeIn = (xml: string): string => /<bridge name='([^']*)'/.exec(xml)?.[1] ?? "";
const mine = (xml: string): boolean => nameIn(xml).startsWith("sallyport-");

/** Change one of the stack's own, and see to it that something changed. */
function edit(
    r: Random,
    list: string[],
    which: (xml: string) => boolean,
    change: (xml: string) => string,
): void {
    const i = r.pick([...list.keys()].filter((k) => mine(list[k] ?? "") && which(list[k] ?? "")));
    const made = change(list[i] ?? "");
    if (made === list[i]) {
        throw new Error("nothing has changed");
    }
    list[i] = made;
}

const guest = (): boolean => true;
const workstation = (xml: string): boolean => nameIn(xml).includes("-workstation-");
const gateway = (xml: string): boolean => nameIn(xml).endsWith("-gateway");
const isolated = (xml: string): boolean => nameIn(xml).endsWith("-isolated");
const own = (host: Live): string[] => host.networks.filter(mine);

const inDevices = (xml: string, device: string): string => xml.replace("</devices>", `${device}</devices>`);
const inDomain = (xml: string, element: string): string =>
    xml.replace(/<\/domain>\s*$/, `${element}</domain>`);

/** Devices of formatdomain, as `virsh attach-device` takes them. */
const device = (r: Random): string =>
    r.pick([
        `<filesystem type='mount'><source dir='${r.path()}'/><target dir='x'/></filesystem>`,
        `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`,
        `<graphics type='vnc' port='5901' listen='0.0.0.0'/>`,
        `<hostdev mode='subsystem' type='usb'><source><vendor id='0x${r.hex(4)}'/></source></hostdev>`,
        `<video><model type='virtio'/></video>`,
        `<sound model='ich9'/>`,
        `<redirdev bus='usb' type='tcp'/>`,
        `<shmem name='${r.word()}'/>`,
        `<tpm model='tpm-tis'><backend type='emulator'/></tpm>`,
        `<vsock model='virtio'><cid auto='yes' address='3'/></vsock>`,
        `<serial type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></serial>`,
        `<console type='file'><source path='${r.path()}'/></console>`,
        `<memory model='nvdimm'><source><path>${r.path()}</path></source></memory>`,
        `<${r.word(4, 9)}x/>`,
        `<disk type='file' device='disk'><source file='${r.path()}'/><target dev='vdc' bus='virtio'/></disk>`,
        `<disk type='block' device='disk'><source dev='/dev/sda'/><target dev='vdc'/></disk>`,
        `<disk type='network' device='cdrom'><source protocol='http' name='${r.word()}'><host ` +
            `name='${r.ipv4()}'/></source><target dev='sda'/></disk>`,
        `<input type='evdev'><source dev='/dev/input/event0'/></input>`,
        `<smartcard mode='host'/>`,
        `<rng model='virtio'><backend model='egd' type='tcp'/></rng>`,
        `<watchdog model='i6300esb' action='dump'/>`,
        `<crypto model='virtio' type='qemu'><backend model='builtin'/></crypto>`,
        `<lease><key>x</key></lease>`,
        `<controller type='usb' model='qemu-xhci'/>`,
        `<parallel type='dev'><source path='/dev/parport0'/></parallel>`,
    ]);

/** NICs of formatdomain that lead anywhere but into the enclave. */
const nic = (r: Random, host: Live): string => {
    const net = r.pick(own(host));
    const mac = `<mac address='${r.mac()}'/>`;
    return r.pick([
        `<interface type='user'>${mac}</interface>`,
        `<interface type='network'>${mac}<source network='default' bridge='virbr0'/></interface>`,
        `<interface type='network'>${mac}<source network='${nameIn(net)}' ` +
            `bridge='${bridgeIn(net)}'/></interface>`,
        `<interface type='bridge'>${mac}<source bridge='${r.word()}'/></interface>`,
        `<interface type='direct'>${mac}<source dev='${r.word()}' ` +
            `mode='${r.pick(["bridge", "vepa", "private", "passthrough"])}'/></interface>`,
        `<interface type='ethernet'>${mac}<target dev='${r.word()}' managed='no'/></interface>`,
        `<interface type='hostdev' managed='yes'>${mac}<source><address type='pci'/></source></interface>`,
        `<interface type='vhostuser'>${mac}<source type='unix' path='${r.path()}' ` +
            "mode='client'/></interface>",
        `<interface type='server'>${mac}<source address='${r.ipv4()}' port='1'/></interface>`,
        `<interface type='mcast'>${mac}<source address='230.0.0.1' port='1'/></interface>`,
        `<interface type='vdpa'>${mac}<source dev='/dev/vhost-vdpa-0'/></interface>`,
        `<interface type='${r.word()}x'>${mac}<source x='y'/></interface>`,
    ]);
};

/** Other paths by which a stranger comes to a file. */
function byOtherName(r: Random, file: string): string {
    const parts = file.split("/");
    const at = r.int(1, parts.length - 2);
    return r.pick([
        file,
        `/${file}`,
        [...parts.slice(0, at), ".", ...parts.slice(at)].join("/"),
        [...parts.slice(0, at), r.word(), "..", ...parts.slice(at)].join("/"),
        [...parts.slice(0, at), "", ...parts.slice(at)].join("/"),
    ]);
}

interface File {
    readonly path: string;
    readonly pool: string;
    readonly name: string;
}

/** Disks and seeds of the stack; what a guest boots, and what it is told. */
function files(base: Base): File[] {
    const file = (p: Props): File => ({ path: fileOf(p), pool: String(p["pool"]), name: String(p["name"]) });
    return ofType(base.stack, DOMAIN).flatMap((d) => {
        const { overlay, seed, image } = filesOf(base.stack, d);
        return [overlay, seed, image].map(file);
    });
}

const stranger = (r: Random, devices: string, more = ""): string =>
    "<domain type='kvm' " +
    `id='${r.int(8, 99)}'><name>${r.word(3, 9)}</name>${more}<devices>${devices}</devices></domain>`;

/** A network of no enclave that ends on the same wire. */
function undeclared(r: Random, bridge: string): readonly [name: string, xml: string] {
    const name = r.word(3, 9);
    const head = `<network><name>${name}</name><uuid>${r.uuid()}</uuid>`;
    const mode = r.pick(["bridge", "vepa", "private", "passthrough"]);
    return [
        name,
        r.pick([
            `${head}<forward mode='bridge'/><bridge name='${bridge}'/></network>`,
            `${head}<forward mode='${mode}'><interface dev='${bridge}'/></forward></network>`,
            `${head}<forward mode='${mode}' dev='${bridge}'/></network>`,
            `${head}<forward mode='${mode}' dev='${bridge}'><interface dev='${bridge}'/></forward></network>`,
            `${head}<forward mode='${mode}'><interface dev='${r.word()}'/><interface ` +
                `dev='${bridge}'/></forward></network>`,
            `${head}<bridge name='${bridge}' stp='on' delay='0'/><ip address='${r.ipv4()}' ` +
                "prefix='24'/></network>",
            `${head}<forward mode='passthrough'><pf dev='${bridge}'/></forward></network>`,
        ]),
    ];
}

const labels = (r: Random): string => {
    const root = r.pick(["+0:+0", "root:root", "+0:+64055", "0:0", "root"]);
    const of = (type: string, model: string, label: string, image = label): string =>
        `<seclabel type='${type}' model='${model}' ` +
        `relabel='yes'><label>${label}</label><imagelabel>${image}</imagelabel></seclabel>`;
    const dac = of("dynamic", "dac", "+64055:+64055");
    const uuid = r.uuid();
    return r.pick([
        "",
        dac,
        of("dynamic", "dac", root),
        `<seclabel type='none'/>`,
        `<seclabel type='none' model='apparmor'/>${dac}`,
        of("static", "apparmor", "unconfined") + dac,
        of("dynamic", "apparmor", "unconfined") + dac,
        of("dynamic", "apparmor", r.word()) + dac,
        of("dynamic", "apparmor", `libvirt-${uuid}`) + of("dynamic", "dac", root),
        of(
            "dynamic",
            "selinux",
            `system_u:system_r:${r.pick(["unconfined_t", "spc_t", r.word()])}:s0:c1,c2`,
        ) + dac,
        of("static", "selinux", "system_u:system_r:svirt_t:s0") + dac,
        of("dynamic", r.word(), r.word()),
        of(r.word(), "apparmor", `libvirt-${uuid}`) + dac,
        of("dynamic", "apparmor", `libvirt-${uuid}`),
        `<seclabel type='dynamic' model='apparmor' relabel='yes'/>${dac}`,
        of("dynamic", "apparmor", `libvirt-${uuid}`) + dac + of("static", "selinux", "x"),
    ]);
};

const settings = (r: Random): string =>
    r.pick([
        "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg " +
            "value='-netdev'/><qemu:arg value='user,id=x'/></qemu:commandline>",
        `<launchSecurity type='sev'/>`,
        `<cputune><vcpupin vcpu='0' cpuset='${r.int(0, 7)}'/></cputune>`,
        `<numatune><memory mode='strict' nodeset='0'/></numatune>`,
        `<bootloader>${r.path()}</bootloader>`,
        `<resource><partition>${r.path()}</partition></resource>`,
        `<keywrap/>`,
        `<${r.word(4, 9)}x/>`,
        `<idmap><uid start='0' target='1000' count='10'/></idmap>`,
        `<blkiotune><weight>${r.int(100, 900)}</weight></blkiotune>`,
    ]);

/** Places of a guest's own XML, and what is then there. */
const edits: readonly (readonly [
    string,
    string,
    (xml: string) => boolean,
    (r: Random, xml: string) => string,
])[] = [
    [
        "a port that is not isolated",
        "NT-18",
        workstation,
        (r, xml) => xml.replace("<port isolated='yes'/>", r.pick(["", "<port isolated='no'/>", "<port/>"])),
    ],
    [
        "another filter, or none",
        "DD-16",
        workstation,
        (r, xml) =>
            xml.replace(
                /<filterref filter='[^']*'\/>/,
                r.pick([
                    "",
                    "<filterref filter='clean-traffic'/>",
                    `<filterref filter='${r.word()}'/>`,
                    `<filterref filter='${nameIn(xml)}'><parameter name='IP' ` +
                        `value='${r.ipv4()}'/></filterref>`,
                ]),
            ),
    ],
    [
        "another MAC",
        "ID-01",
        guest,
        (r, xml) => xml.replace(/<mac address='[^']*'\/>/, `<mac address='${r.mac()}'/>`),
    ],
    [
        "a guest that boots from elsewhere",
        "DD-18",
        guest,
        (r, xml) => xml.replace("<boot dev='hd'/>", `<boot dev='${r.pick(["network", "cdrom", "fd"])}'/>`),
    ],
    [
        "firmware, kernel or tables of others",
        "DD-10",
        guest,
        (r, xml) =>
            xml.replace(
                "<boot dev='hd'/>",
                `<${r.pick(["kernel", "initrd", "loader", "dtb"])}>${r.path()}</x>`.replace(
                    /<(\w+)>(.*)<\/x>/,
                    "<$1>$2</$1>",
                ) + "<boot dev='hd'/>",
            ),
    ],
    [
        "an emulator of its own",
        "DD-10",
        guest,
        (r, xml) =>
            xml.replace(
                /<emulator>[^<]*</,
                `<emulator>${r.pick([`${r.path()}/qemu-system-x86_64`, "/usr/local/bin/qemu-system-x86_64"])}<`,
            ),
    ],
    [
        "a guest that goes on after a crash",
        "DD-21",
        guest,
        (r, xml) =>
            xml.replace(
                "<on_crash>destroy<",
                `<on_crash>${r.pick(["restart", "preserve", "coredump-destroy"])}<`,
            ),
    ],
    [
        "a Workstation that starts anew",
        "LC-07",
        workstation,
        (r, xml) => xml.replace("<on_poweroff>destroy<", `<on_poweroff>${r.pick(["restart", "preserve"])}<`),
    ],
    [
        "memory in dumps, merged or shared",
        "DD-08, DD-09",
        guest,
        (r, xml) =>
            r.pick([
                () => xml.replace(" dumpCore='off'", ""),
                () => xml.replace("<nosharepages/>", ""),
                () => xml.replace("<nosharepages/>", "<nosharepages/><access mode='shared'/>"),
                () => xml.replace("<nosharepages/>", "<nosharepages/><hugepages/>"),
            ])(),
    ],
    [
        "counters and clocks of the host",
        "ID-08",
        guest,
        (r, xml) =>
            r.pick([
                () => xml.replace("<pmu state='off'/>", ""),
                () => xml.replace("name='kvmclock' present='no'", "name='kvmclock' present='yes'"),
                () => xml.replace("<acpi/>", "<acpi/><hyperv><relaxed state='on'/></hyperv>"),
                () => xml.replace(/<clock offset='\w+'/, "<clock offset='localtime'"),
            ])(),
    ],
    [
        "the host's own processor",
        "ID-07",
        guest,
        (r, xml) =>
            r.pick([
                () => xml.replace("<cpu mode='custom'", "<cpu mode='host-passthrough'"),
                () => xml.replace(/<model fallback='forbid'>\w+</, "<model fallback='allow'>max<"),
                () => xml.replace("match='exact'", "match='minimum'"),
            ])(),
    ],
    [
        "tables that tell something",
        "ID-04",
        guest,
        (r, xml) =>
            r.pick([
                () => xml.replace("<smbios mode='sysinfo'/>", "<smbios mode='host'/>"),
                () => xml.replace("<entry name='serial'>0<", `<entry name='serial'>${r.word()}<`),
                () =>
                    xml.replace(
                        "</sysinfo>",
                        `<oemStrings><entry>${r.word()}</entry></oemStrings></sysinfo>`,
                    ),
            ])(),
    ],
    ["a seed that the guest writes", "DD-19", guest, (_, xml) => xml.replace("<readonly/>", "")],
    [
        "a disk that is shared, or told apart",
        "formatdomain <disk>",
        guest,
        (r, xml) =>
            xml.replace(
                /<target dev='vda' bus='virtio'\/>/,
                (t) =>
                    t +
                    r.pick([
                        "<shareable/>",
                        `<serial>${r.word()}</serial>`,
                        `<mirror type='file' job='copy'><source file='${r.path()}'/></mirror>`,
                        `<iotune><total_iops_sec>1</total_iops_sec></iotune>`,
                        `<encryption format='luks'/>`,
                    ]),
            ),
    ],
    [
        "another base below a disk, or a layer more",
        "DD-13",
        guest,
        (r, xml) =>
            xml.replace(/<backingStore type='file' index='3'>[^]*?<\/backingStore>/, (s) =>
                r.pick([
                    "<backingStore type='file' index='3'><format type='qcow2'/><source " +
                        `file='${r.path()}'/><backingStore/></backingStore>`,
                    s.replace(
                        "<backingStore/>",
                        "<backingStore type='file'><format type='raw'/><source " +
                            `file='${r.path()}'/><backingStore/></backingStore>`,
                    ),
                    "<backingStore type='network' index='3'><format type='qcow2'/><source " +
                        "protocol='nbd' name='x'/><backingStore/></backingStore>",
                    "<backingStore type='block' index='3'><format type='raw'/><source " +
                        "dev='/dev/sda'/><backingStore/></backingStore>",
                ]),
            ),
    ],
    [
        "another disk in the place of its own",
        "NT-26",
        guest,
        (r, xml) => {
            const sources = [...xml.matchAll(/<source (file|pool)='[^>]*\/>/g)].filter((m) =>
                /index='[12]'/.test(m[0]),
            );
            const [found = ""] = r.pick(sources);
            return xml.replace(found, `<source file='${r.path()}' index='1'/>`);
        },
    ],
    [
        "a line to elsewhere",
        "DD-12",
        guest,
        (r, xml) =>
            xml.replace(
                "<serial type='pty'>",
                r.pick(["<serial type='tcp'>", "<serial type='unix'>", "<serial type='file'>"]),
            ),
    ],
    [
        "a line that is written down elsewhere",
        "DD-12",
        guest,
        (r, xml) =>
            xml.includes("<log file")
                ? xml.replace(/<log file='[^']*'/, `<log file='${r.path()}'`)
                : xml.replace(
                      "<target type='isa-serial'",
                      `<log file='${r.path()}' append='on'/><target type='isa-serial'`,
                  ),
    ],
    [
        "sleep",
        "DD-11",
        guest,
        (r, xml) =>
            xml.replace(new RegExp(`<suspend-to-${r.pick(["mem", "disk"])} enabled='no'/>`), (s) =>
                s.replace("'no'", "'yes'"),
            ),
    ],
    [
        "a NIC of another model, or with something behind it",
        "NT-25, DD-15",
        guest,
        (r, xml) =>
            xml.replace(
                "<model type='virtio'/>",
                r.pick([
                    "<model type='e1000'/>",
                    "<model type='virtio'/><virtualport type='openvswitch'/>",
                    "<model type='virtio'/><vlan><tag id='7'/></vlan>",
                    "<model type='virtio'/><backend type='passt'/>",
                    "<model type='virtio'/><script path='/x'/>",
                    "<model type='virtio'/><ip address='10.0.0.1'/>",
                    `<model type='virtio'/><${r.word(4, 8)}x/>`,
                    "<model type='virtio'/><boot order='1'/>",
                ]),
            ),
    ],
    [
        "receive filters that the guest sets",
        "NT-20",
        guest,
        (_, xml) =>
            xml.replace("<interface type='network'>", "<interface type='network' trustGuestRxFilters='yes'>"),
    ],
    [
        "a NIC whose card speaks at boot",
        "ID-13",
        guest,
        (r, xml) =>
            xml.replace(
                "<rom enabled='no'/>",
                r.pick(["", "<rom enabled='yes'/>", `<rom file='${r.path()}'/>`]),
            ),
    ],
    ["a fewer NIC", "NT-09", gateway, (_, xml) => xml.replace(/<interface[^]*?<\/interface>/, "")],
];

const inNetwork = (xml: string, element: string): string => xml.replace("</network>", `${element}</network>`);
const networkEdits: readonly (readonly [string, string, (r: Random, xml: string) => string])[] = [
    [
        "forwards",
        "NT-01",
        (r, xml) =>
            inNetwork(
                xml,
                r.pick([
                    "<forward/>",
                    `<forward mode='${r.pick(["nat", "route", "open", "bridge", "private", "hostdev"])}'/>`,
                    `<forward dev='${r.word()}'/>`,
                ]),
            ),
    ],
    [
        "has an address of the host's",
        "NT-02",
        (r, xml) =>
            inNetwork(
                xml,
                `<ip address='${r.pick([r.ipv4(), "10.152.152.1"])}' ` +
                    `${r.pick(["prefix='24'", "netmask='255.255.255.0'"])}>${r.pick(["", "<dhcp><range start='10.9.9.2' end='10.9.9.3'/></dhcp>", "<tftp root='/'/>"])}</ip>`,
            ),
    ],
    [
        "has a resolver",
        "NT-03",
        (r, xml) => xml.replace("<dns enable='no'/>", `<dns><forwarder addr='${r.ipv4()}'/></dns>`),
    ],
    [
        "has routes or a domain",
        "NT-05",
        (r, xml) =>
            inNetwork(
                xml,
                r.pick([
                    `<route address='${r.ipv4()}' prefix='32' gateway='${r.ipv4()}'/>`,
                    `<domain name='${r.word()}'/>`,
                ]),
            ),
    ],
    [
        "is on another bridge",
        "NT-16, NT-21",
        (r, xml) =>
            xml.replace(
                /<bridge name='[^']*'/,
                `<bridge name='${r.pick(["virbr0", "br0", "docker0", r.word(3, 9)])}'`,
            ),
    ],
    [
        "is in an open zone",
        "NT-27",
        (r, xml) =>
            xml
                .replace("<bridge ", `<bridge zone='${r.pick(["trusted", "libvirt", "home"])}' `)
                .replace(/( zone='[^']*'[^>]*) zone='[^']*'/, "$1"),
    ],
    [
        "has port groups, VLANs or a switch",
        "NT-25",
        (r, xml) =>
            inNetwork(
                xml,
                r.pick([
                    `<portgroup name='x' default='yes'/>`,
                    `<vlan><tag id='7'/></vlan>`,
                    `<virtualport type='openvswitch'/>`,
                ]),
            ),
    ],
    [
        "speaks IPv6, or something unknown",
        "NT-04, NT-05",
        (r, xml) =>
            r.pick([
                () => xml.replace("<network>", "<network ipv6='yes'>"),
                () => inNetwork(xml, `<${r.word(4, 9)}x/>`),
                () => xml.replace("<network>", "<network trustGuestRxFilters='yes'>"),
                () => xml.replace("stp='off'", "stp='on'"),
                () =>
                    inNetwork(
                        xml,
                        "<dnsmasq:options " +
                            "xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><dnsmasq:option " +
                            "value='dhcp-script=/x'/></dnsmasq:options>",
                    ),
            ])(),
    ],
];

export default ofKind("live", [
    {
        on: "live",
        name: "a NIC whose tap is on another bridge than its network's",
        why: "formatdomain: the active XML's bridge is where the tap is plugged",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => {
                const found = r.pick([...xml.matchAll(/ bridge='[^']*'/g)]);
                return (
                    `${xml.slice(0, found.index)} ` +
                    `bridge='${r.pick(["virbr0", "br99", r.word(3, 9)])}'${xml.slice(found.index + found[0].length)}`
                );
            });
        },
    },
    {
        on: "live",
        name: "a NIC whose tap is on its guest's other network's bridge",
        why: "formatdomain: the active XML's bridge is where the tap is plugged",
        change: (r, host) => {
            edit(r, host.domains, gateway, (xml) => {
                const [a = "", b = ""] = [...xml.matchAll(/ bridge='[^']*'/g)].map((m) => m[0]);
                const [from, to] = r.shuffled([a, b]) as [string, string];
                return xml.replace(from, to);
            });
        },
    },
    {
        on: "live",
        name: "a guest with one NIC more",
        why: "virsh attach-interface",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDevices(xml, nic(r, host)));
        },
    },
    {
        on: "live",
        name: "a guest whose NIC is somewhere else",
        why: "virsh update-device",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => {
                const found = r.pick([...xml.matchAll(/<interface[^]*?<\/interface>/g)]);
                return xml.replace(found[0], nic(r, host));
            });
        },
    },
    {
        on: "live",
        name: "a guest with one device more",
        why: "virsh attach-device; formatdomain",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDevices(xml, device(r)));
        },
    },
    {
        on: "live",
        name: "a guest with a setting more",
        why: "virsh edit; formatdomain",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDomain(xml, settings(r)));
        },
    },
    {
        on: "live",
        name: "a guest whose labels do not confine",
        why: "DD-20: QEMU runs as root, or in no profile",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => xml.replace(/<seclabel[^]*<\/seclabel>/, labels(r)));
        },
    },
    {
        on: "live",
        name: "a guest with another guest's profile",
        why: "DD-20: the profile names the disks of the other one",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) =>
                xml.replace(/libvirt-[0-9a-f-]{36}/g, `libvirt-${r.uuid()}`),
            );
        },
    },
    ...edits.map(([name, why, which, change]) => ({
        on: "live" as const,
        name,
        why: `${why}; formatdomain`,
        change: (r: Random, host: Live) => {
            edit(r, host.domains, which, (xml) => change(r, xml));
        },
    })),
    ...networkEdits.map(([name, why, change]) => ({
        on: "live" as const,
        name: `an isolated network that ${name}`,
        why: `${why}; formatnetwork`,
        change: (r: Random, host: Live) => {
            edit(r, host.networks, isolated, (xml) => change(r, xml));
        },
    })),
    {
        on: "live",
        name: "guests and networks that start with the host",
        why: "LC-02: a Workstation before its Gateway",
        change: (r, host) => {
            host.autostart.domains.push(nameIn(r.pick(host.domains.filter(mine))));
        },
    },
    {
        on: "live",
        name: "a stranger on a network of the stack",
        why: "NT-10: ARP and direct packets to Workstations and Gateway",
        change: (r, host) => {
            const net = r.pick(own(host));
            const mac = `<mac address='${r.mac()}'/>`;
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<interface type='network'>${mac}<source network='${nameIn(net)}' ` +
                            `bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='network'>${mac}<source network='${nameIn(net)}'/></interface>`,
                        `<interface type='bridge'>${mac}<source bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='direct'>${mac}<source dev='${bridgeIn(net)}' ` +
                            `mode='${r.pick(["bridge", "vepa", "private", "passthrough"])}'/></interface>`,
                        `<interface type='network'>${mac}<source network='default' ` +
                            `bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='bridge'>${mac}<source ` +
                            `bridge='${bridgeIn(net)}'/><virtualport type='openvswitch'/></interface>`,
                        `<interface type='direct'>${mac}<source dev='${bridgeIn(net)}'/></interface>`,
                    ]),
                ),
            );
        },
        needs: (base) => !base.title.includes("of the host's"),
    },
    {
        on: "live",
        name: "a stranger on an undeclared network that ends on a wire of the stack",
        why: "formatnetwork: a network may be any bridge, and any device",
        change: (r, host) => {
            const [name, xml] = undeclared(r, bridgeIn(r.pick(own(host).filter(isolated))));
            host.networks.push(xml);
            host.domains.push(
                stranger(
                    r,
                    `<interface type='network'><mac address='${r.mac()}'/><source ` +
                        `network='${name}'/></interface>`,
                ),
            );
        },
    },
    {
        on: "live",
        name: "an undeclared network on a bridge of the stack",
        why: "formatnetwork: the host gets an address there, or forwards",
        change: (r, host) => {
            const bridge = bridgeIn(r.pick(own(host).filter(isolated)));
            host.networks.push(
                `<network><name>${r.word(3, 9)}</name>${r.pick(["", "<forward mode='nat'/>"])}<bridge ` +
                    `name='${bridge}'/><ip address='10.152.152.1' prefix='24'/></network>`,
            );
        },
    },
    {
        on: "live",
        name: "a stranger with a disk of the stack's",
        why: "SH-01: it reads the seed's keys, or writes what the guest boots",
        change: (r, host, base) => {
            const file = r.pick(files(base));
            const path = byOtherName(r, file.path);
            const target = "<target dev='vda' bus='virtio'/>";
            const folder = path.replace(/\/[^/]*$/, "");
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<disk type='file' device='disk'><source file='${path}'/>${target}</disk>`,
                        `<disk type='volume' device='disk'><source pool='${file.pool}' ` +
                            `volume='${file.name}'/>${target}</disk>`,
                        `<disk type='block' device='disk'><source dev='${path}'/>${target}</disk>`,
                        "<disk type='file' device='cdrom'><source " +
                            `file='${path}'/>${target}<readonly/></disk>`,
                        `<disk type='dir' device='disk'><source dir='${folder}'/>${target}</disk>`,
                        `<filesystem type='mount'><source dir='${folder}'/><target dir='x'/></filesystem>`,
                        "<disk type='file' device='disk'><source " +
                            `file='${r.path()}'/><backingStore type='file'><source ` +
                            `file='${path}'/></backingStore>${target}</disk>`,
                        `<disk type='file' device='disk'><source file='${r.path()}'/><mirror ` +
                            `type='file'><source file='${path}'/></mirror>${target}</disk>`,
                        "<filesystem type='mount'><source dir='/var/lib/libvirt'/><target " +
                            "dir='x'/></filesystem>",
                        `<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>`,
                    ]),
                ),
            );
        },
    },
    {
        on: "live",
        name: "a stranger that writes a status file of the stack's",
        why: 'LC-01: it says "ready" for the Gateway',
        change: (r, host) => {
            const file = /<log file='([^']*)'/.exec(host.domains.find(gateway) ?? "")?.[1] ?? "";
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<serial type='file'><source path='${file}'/><target port='0'/></serial>`,
                        `<serial type='pty'><log file='${file}' append='on'/><target port='0'/></serial>`,
                        `<console type='pty'><log file='${file}'/></console>`,
                        `<disk type='file' device='disk'><source file='${file}'/><target dev='vda'/></disk>`,
                    ]),
                ),
            );
        },
    },
    {
        on: "live",
        name: "a guest of the stack with the other's disk",
        why: "SH-01, NT-26",
        change: (r, host, base) => {
            const others = r.shuffled(files(base));
            edit(r, host.domains, guest, (xml) => {
                const file = r.pick(others.filter((f) => !xml.includes(f.name)));
                return xml.replace(
                    /<source (pool='[^']*' volume='[^']*'|file='[^']*') index='[12]'\/>/,
                    "<source " +
                        `${r.pick([`pool='${file.pool}' volume='${file.name}'`, `file='${byOtherName(r, file.path)}'`])} ` +
                        "index='2'/>",
                );
            });
        },
    },
    {
        on: "live",
        name: "a guest or network that is another one from its next start on",
        why: "virsh edit changes what is defined, not what runs: formatdomain, --inactive",
        change: (r, host) => {
            if (r.chance(0.5)) {
                const xml = r.pick(host.domains.filter(mine));
                host.next.domains.push(
                    r.pick([inDevices(xml, r.pick([nic(r, host), device(r)])), inDomain(xml, settings(r))]),
                );
            } else {
                const xml = r.pick(host.networks.filter((n) => mine(n) && isolated(n)));
                host.next.networks.push(r.pick(networkEdits)[2](r, xml));
            }
        },
    },
    {
        on: "live",
        name: "a pool of the stack's that is somewhere else",
        why: "formatstorage: its volumes are then other files",
        change: (r, host) => {
            edit(r, host.pools, guest, (xml) =>
                r.pick([
                    () => xml.replace(/<path>[^<]*</, `<path>${r.path()}<`),
                    () => xml.replace("type='dir'", "type='netfs'"),
                    () => xml.replace("<target>", "<source><host name='x'/></source><target>"),
                ])(),
            );
        },
    },
    {
        on: "live",
        name: "a pool of a stranger's in a folder of the stack's",
        why: "its owner lists, reads and removes the stack's files: formatstorage",
        change: (r, host) => {
            const path = /<path>([^<]*)</.exec(r.pick(host.pools.filter(mine)))?.[1] ?? "";
            const name = r.word(3, 9);
            host.pools.push(
                "<pool " +
                    `type='dir'><name>${name}</name><target><path>${byOtherName(r, path)}</path></target></pool>`,
            );
            const volume = `${r.word()}.qcow2`;
            host.domains.push(
                stranger(
                    r,
                    `<disk type='volume' device='disk'><source pool='${name}' ` +
                        `volume='${volume}'/><target dev='vda'/></disk>`,
                ),
            );
            const [file] = [
                ...(host.domains.find(guest) ?? "").matchAll(/<source file='([^']*)' index='2'/g),
            ].map((m) => m[1] ?? "");
            host.pools.push(
                "<pool " +
                    `type='dir'><name>${name}x</name><target><path>${(file ?? "").replace(/\/[^/]*$/, "")}</path></target></pool>`,
            );
            host.domains.push(
                stranger(
                    r,
                    `<disk type='volume' device='disk'><source pool='${name}x' ` +
                        `volume='${(file ?? "").split("/").at(-1) ?? ""}'/><target dev='vda'/></disk>`,
                ),
            );
        },
    },
    {
        on: "live",
        name: "a guest of which something was kept",
        why: "a snapshot or a managed save holds its memory on the host's disk",
        change: (r, host) => {
            host.kept.push(nameIn(r.pick(host.domains.filter(mine))));
        },
    },
    {
        on: "live",
        name: "a tap that the kernel has on another bridge",
        why: "`ip link set … master`: libvirt does not see it",
        change: (r, host) => {
            const taps = host.domains
                .filter(mine)
                .flatMap((xml) =>
                    [...xml.matchAll(/bridge='([^']*)'\/>[^]*?<target dev='(vnet\d+)'/g)].map(
                        (m, i) => [`${m[2] ?? ""}${i}`, m[1] ?? ""] as const,
                    ),
                );
            const bridges = Object.fromEntries(taps);
            host.taps = { from: "kernel", bridges };
            host.domains = host.domains.map((xml) => {
                let i = -1;
                return mine(xml)
                    ? xml.replace(
                          /<target dev='(vnet\d+)'/g,
                          (_, dev: string) => `<target dev='${dev}${(i += 1)}'`,
                      )
                    : xml;
            });
            bridges[r.pick(Object.keys(bridges))] = r.pick(["", "virbr0", r.word(3, 9)]);
        },
    },
    {
        on: "live",
        needs: twoEnclaves,
        name: "a guest of the stack on another enclave's network",
        why: "NT-17",
        change: (r, host) => {
            edit(r, host.domains, workstation, (xml) => {
                const other = r.pick(
                    own(host).filter((n) => isolated(n) && enclaveOf(nameIn(n)) !== enclaveOf(nameIn(xml))),
                );
                return xml.replace(
                    /<source network='[^']*' portid='([^']*)' bridge='[^']*'/,
                    `<source network='${nameIn(other)}' portid='$1' bridge='${bridgeIn(other)}'`,
                );
            });
        },
    },
]);
