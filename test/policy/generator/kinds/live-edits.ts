/** Single edits of libvirt's XML that a guest, a network or a machine next to them could have on a host. */
import { DOMAIN, ofType } from "../../mutants/mutant";
import { fileOf } from "../forms";
import { filesOf } from "../live-host";
import { type Base, type Live, type Props } from "../production";
import type { Random } from "../random";

export const nameIn = (xml: string): string => /<name>([^<]*)</.exec(xml)?.[1] ?? "";

export const bridgeIn = (xml: string): string => /<bridge name='([^']*)'/.exec(xml)?.[1] ?? "";

export const mine = (xml: string): boolean => nameIn(xml).startsWith("sallyport-");

/** Change one of the stack's own, and see to it that something changed. */
export function edit(
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

export const guest = (): boolean => true;

export const workstation = (xml: string): boolean => nameIn(xml).includes("-workstation-");

export const gateway = (xml: string): boolean => nameIn(xml).endsWith("-gateway");

export const isolated = (xml: string): boolean => nameIn(xml).endsWith("-isolated");

export const own = (host: Live): string[] => host.networks.filter(mine);

export const inDevices = (xml: string, device: string): string =>
    xml.replace("</devices>", `${device}</devices>`);

export const inDomain = (xml: string, element: string): string =>
    xml.replace(/<\/domain>\s*$/, `${element}</domain>`);

/** Devices of formatdomain, as `virsh attach-device` takes them. */
export const device = (r: Random): string =>
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
export const nic = (r: Random, host: Live): string => {
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
export function byOtherName(r: Random, file: string): string {
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
export function files(base: Base): File[] {
    const file = (p: Props): File => ({ path: fileOf(p), pool: String(p["pool"]), name: String(p["name"]) });
    return ofType(base.stack, DOMAIN).flatMap((d) => {
        const { overlay, seed, image } = filesOf(base.stack, d);
        return [overlay, seed, image].map(file);
    });
}

export const stranger = (r: Random, devices: string, more = ""): string =>
    "<domain type='kvm' " +
    `id='${r.int(8, 99)}'><name>${r.word(3, 9)}</name>${more}<devices>${devices}</devices></domain>`;

/** A network of no enclave that ends on the same wire. */
export function undeclared(r: Random, bridge: string): readonly [name: string, xml: string] {
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

export const labels = (r: Random): string => {
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

export const settings = (r: Random): string =>
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
export const edits: readonly (readonly [
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

export const networkEdits: readonly (readonly [string, string, (r: Random, xml: string) => string])[] = [
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
