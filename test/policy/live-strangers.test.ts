/**
 * Strangers on the host of a stack that runs: whatever touches what is the stack's is found, and a harmless
 * one raises nothing.
 */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { readLive, type LiveHost } from "../../model/adapters";
import type { Model } from "../../model";
import { seclabel } from "../support/live-hosts";
import { CONFIGS } from "./fixtures/good";
import { pool, world } from "./fixtures/live-world";

jest.setTimeout(120_000);

let declared: Model;
let host: LiveHost;
let expected: string;
const found = (live: LiveHost): string[] => {
    const model = readLive([live], declared);
    return [
        ...model.problems.map(({ what }) => `INPUT ${what}`),
        ...runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`),
    ];
};
beforeAll(async () => {
    ({ declared, host } = await world());
    expected = JSON.stringify(found(host));
});

const ISOLATED = "sallyport-test-default-isolated";
const WORKSTATION = "sallyport-test-default-workstation-ws1";
/**
 * Names and paths of the stack's in a stranger's XML: BRIDGE and UPLINK, TAP, OVERLAY, SEED, FOLDER, IMAGES,
 * STATUS.
 */
function filled(xml: string): string {
    const bridge = (name: string): string =>
        new RegExp(`<name>[^<]*-${name}</name>[^]*?<bridge name='([^']*)'`).exec(
            host.networks.find((n) => n.includes(`-${name}</name>`)) ?? "",
        )?.[1] ?? "";
    const own = host.domains.find((d) => d.includes(`<name>${WORKSTATION}<`)) ?? "";
    const gateway = host.domains.find((d) => d.includes("-gateway<")) ?? "";
    const disk = (suffix: string): string =>
        new RegExp(`<source file='([^']*${suffix})'`).exec(own)?.[1] ?? "";
    const words: Readonly<Record<string, string>> = {
        BRIDGE: bridge("isolated"),
        UPLINK: bridge("external"),
        TAP: /<target dev='(vnet\d+)'/.exec(own)?.[1] ?? "",
        OVERLAY: disk("[0-9a-f]{8}\\.qcow2"),
        SEED: disk("-seed\\.iso"),
        FOLDER: disk("[0-9a-f]{8}\\.qcow2").replace(/\/[^/]*$/, ""),
        FILE: disk("-seed\\.iso").replace(/.*\//, ""),
        STATUS: /<log file='([^']*)'/.exec(gateway)?.[1] ?? "",
        LABEL: `libvirt-${/<uuid>([^<]*)/.exec(own)?.[1] ?? ""}`,
    };
    return xml.replace(/\b(BRIDGE|UPLINK|TAP|OVERLAY|SEED|FOLDER|FILE|STATUS|LABEL)\b/g, (word) => {
        expect(words[word]).toMatch(/./);
        return words[word] ?? "";
    });
}
const domain = (devices: string, more = "", id = " id='77'"): string =>
    filled(
        "<domain " +
            `type='kvm'${id}><name>stranger</name><uuid>00000000-0000-4000-8000-00000000aaaa</uuid>${more}<devices>${devices}</devices></domain>`,
    );
const network = (inside: string): string =>
    filled(`<network><name>lan</name><uuid>00000000-0000-4000-8000-00000000bbbb</uuid>${inside}</network>`);
const withDomain = (xml: string, live = host): LiveHost => ({ ...live, domains: [...live.domains, xml] });
const nic = (type: string, source: string, more = ""): string =>
    `<interface type='${type}'><mac address='52:54:00:aa:bb:cc'/>${source}${more}</interface>`;
const file = (path: string): string =>
    `<disk type='file' device='disk'><source file='${path}'/><target dev='vda' bus='virtio'/></disk>`;
const DEFAULT_NET =
    "<network><name>default</name><uuid>00000000-0000-4000-8000-00000000cccc</uuid><forward " +
    "mode='nat'/><bridge name='virbr0'/><ip address='192.168.122.1' prefix='24'/></network>";

/** Rows of one length: jest hands a callback to a test that takes more than its row has. */
const triples = (rows: readonly [string, string, string?][]): [string, string, string][] =>
    rows.map(([title, devices, more = ""]) => [title, devices, more]);

const WIRES: [string, string][] = [
    ["a bridge of ours", nic("bridge", "<source bridge='BRIDGE'/>")],
    ["the external bridge", nic("bridge", "<source bridge='UPLINK'/>")],
    ["macvtap on our bridge", nic("direct", "<source dev='BRIDGE' mode='bridge'/>")],
    ["macvtap in another mode", nic("direct", "<source dev='BRIDGE' mode='passthrough'/>")],
    ["macvtap on a VLAN of our bridge", nic("direct", "<source dev='BRIDGE.100' mode='vepa'/>")],
    ["macvtap on a guest's tap", nic("direct", "<source dev='TAP' mode='private'/>")],
    ["a VLAN of a tap", nic("bridge", "<source bridge='TAP.7'/>")],
    ["our network", nic("network", `<source network='${ISOLATED}'/>`)],
    ["a network whose tap is on our bridge", nic("network", "<source network='default' bridge='BRIDGE'/>")],
    [
        "a network that is shown as macvtap on our bridge",
        nic("direct", "<source network='default' dev='BRIDGE' mode='bridge'/>"),
    ],
    ["a tap that is not libvirt's", nic("ethernet", "<target dev='tap0' managed='no'/>")],
    ["a vhost-user socket", nic("vhostuser", "<source type='unix' path='/run/ovs.sock' mode='client'/>")],
    ["a kind of NIC of the future", nic("teleport", "<source to='x'/>")],
    ["a NIC of no type", "<interface><source bridge='x'/></interface>"],
    ["a bridge that is not named", nic("bridge", "<source/>")],
    ["a script of its own", nic("bridge", "<source bridge='virbr0'/>", "<script path='/etc/up'/>")],
    ["a network that is not there", nic("network", "<source network='gone'/>")],
    ["passt bound to our bridge", nic("user", "<source dev='UPLINK'/>", "<backend type='passt'/>")],
    [
        "a screen that listens on our network",
        `<graphics type='vnc'><listen type='network' network='${ISOLATED}'/></graphics>`,
    ],
    [
        "a container's device",
        "<hostdev mode='capabilities' type='net'><source><interface>BRIDGE</interface></source></hostdev>",
    ],
    ["an element of the future", "<wiretap><on>BRIDGE</on></wiretap>"],
];
it.each(WIRES)("a stranger on what is ours is found: %s", (_title, devices) => {
    expect(found(withDomain(domain(devices)))).toContainEqual(
        expect.stringMatching(/^NT-10\[stranger devices/),
    );
});
it.each(WIRES.filter(([title]) => title !== "a network that is not there"))(
    "and so it is while it does not run: %s",
    (_title, devices) => {
        expect(found(withDomain(domain(devices, "", "")))).toContainEqual(
            expect.stringMatching(/^NT-10\[stranger devices/),
        );
    },
);

const FILES: [string, string, string?][] = [
    ["an overlay", file("OVERLAY")],
    ["a seed", file("SEED")],
    ["its path in another spelling", file("FOLDER/./FILE")],
    ["two slashes", file("FOLDER//FILE")],
    ["two at the start", file("/FOLDER/FILE")],
    ["a path through another folder", file("FOLDER/x/../FILE")],
    ["any other file of our folder", file("FOLDER/new.qcow2")],
    ["a block device by that path", "<disk type='block'><source dev='OVERLAY'/></disk>"],
    ["a folder as a disk", "<disk type='dir'><source dir='FOLDER'/></disk>"],
    [
        "a volume of our pool",
        `<disk type='volume'><source pool='sallyport-test-default' volume='FILE'/></disk>`,
    ],
    [
        "a volume of another pool with our folder",
        `<disk type='volume'><source pool='mirror' volume='FILE'/></disk>`,
    ],
    [
        "a volume that leads out of its pool",
        "<disk type='volume'><source pool='default' volume='sallyport-test-default/FILE'/></disk>",
    ],
    ["a volume of a pool that is not there", "<disk type='volume'><source pool='gone' volume='x'/></disk>"],
    [
        "our overlay below its own",
        "<disk type='file'><source file='/srv/x'/><backingStore type='file'><source " +
            "file='OVERLAY'/><backingStore/></backingStore></disk>",
    ],
    [
        "two layers down",
        "<disk type='file'><source file='/srv/x'/><backingStore type='file'><source " +
            "file='/srv/y'/><backingStore type='file'><source " +
            "file='SEED'/></backingStore></backingStore></disk>",
    ],
    [
        "a mirror",
        "<disk type='file'><source file='/srv/x'/><mirror type='file'><source " +
            "file='FOLDER/copy'/></mirror></disk>",
    ],
    [
        "a data file",
        "<disk type='file'><source file='/srv/x'><dataStore type='file'><source " +
            "file='OVERLAY'/></dataStore></source></disk>",
    ],
    [
        "JSON in a path",
        file('json:{"driver":"qcow2","file":{"filename":"OVERLAY"}}'.replaceAll('"', "&quot;")),
    ],
    ["a path that is none", file("disk.qcow2")],
    ["a detour", file("/proc/1/root/srv/x")],
    ["a detour spelled otherwise", file("//proc/./self/fd/7")],
    ["an open file", file("/dev/fd/3")],
    [
        "a share of our folder",
        "<filesystem type='mount'><source dir='FOLDER'/><target dir='x'/></filesystem>",
    ],
    ["a share of all folders", "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>"],
    [
        "a share of a folder above",
        "<filesystem type='mount'><source dir='/var/lib/libvirt/'/><target dir='x'/></filesystem>",
    ],
    [
        "a share that another program serves",
        "<filesystem type='mount'><source socket='/run/virtiofsd.sock'/><target dir='x'/></filesystem>",
    ],
    ["a console that writes our status file", "<serial type='file'><source path='STATUS'/></serial>"],
    ["a log there", "<serial type='pty'><log file='STATUS' append='on'/></serial>"],
    ["firmware variables there", "", "<os><type>hvm</type><nvram>FOLDER/x.fd</nvram></os>"],
    ["a kernel there", "", "<os><type>hvm</type><kernel>OVERLAY</kernel></os>"],
    ["a table of the firmware", "", "<sysinfo type='fwcfg'><entry name='opt/x' file='SEED'/></sysinfo>"],
    [
        "QEMU's own disk",
        "",
        "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg " +
            "value='-drive'/><qemu:arg value='file=OVERLAY,if=virtio'/></qemu:commandline>",
    ],
    [
        "QEMU's own network",
        "",
        "<qemu:commandline xmlns:qemu='x'><qemu:arg value='-netdev'/><qemu:arg " +
            "value='bridge,id=x,br=br7'/></qemu:commandline>",
    ],
    [
        "an argument behind a harmless one",
        "",
        "<qemu:commandline xmlns:qemu='x'><qemu:arg value='-cpu'/><qemu:arg " +
            "value='-hda'/></qemu:commandline>",
    ],
    [
        "a disk that this host serves",
        "<disk type='network'><source protocol='nbd' name='x'><host name='127.0.0.1' " +
            "port='10809'/></source></disk>",
    ],
    [
        "a socket that serves one",
        "<disk type='network'><source protocol='nbd'><host transport='unix' " +
            "socket='/run/nbd'/></source></disk>",
    ],
    ["a disk by vhost-user", "<disk type='vhostuser'><source type='unix' path='/run/spdk'/></disk>"],
    ["a disk of the future", "<disk type='hologram'><source x='y'/></disk>"],
    ["a guest's label", "", seclabel("apparmor", "LABEL").replace("dynamic", "static")],
    [
        "every guest's categories",
        "",
        seclabel("selinux", "system_u:system_r:svirt_t:s0-s0:c0.c1023").replace("dynamic", "static"),
    ],
];
it.each(triples(FILES))("a stranger with files of ours is found: %s", (_title, devices, more) => {
    const live = { ...host, pools: [...host.pools, pool("mirror", filled("FOLDER/."))] };
    expect(found(withDomain(domain(devices, more), live))).toContainEqual(
        expect.stringMatching(/^SH-01\[stranger files/),
    );
});

it.each([
    ["on our bridge", "<forward mode='bridge'/><bridge name='BRIDGE'/>"],
    ["that makes our bridge", "<bridge name='BRIDGE'/>"],
    ["with our bridge for a device", "<forward dev='BRIDGE' mode='bridge'/>"],
    ["that lets out by our bridge alone", "<forward mode='nat' dev='UPLINK'/><bridge name='virbr9'/>"],
    [
        "with a pool of devices",
        "<forward mode='bridge'><interface dev='eth0'/><interface dev='BRIDGE'/></forward>",
    ],
    ["with a physical function", "<forward mode='hostdev'><pf dev='TAP'/></forward>"],
    ["on a VLAN", "<forward mode='private'><interface dev='BRIDGE.12'/></forward>"],
])("an undeclared network %s is found, and so is who is on it", (_title, inside) => {
    const live = { ...host, networks: [...host.networks, network(inside)] };
    expect(found(live)).toContainEqual(expect.stringMatching(/^NT-10\[lan network/));
    expect(found(withDomain(domain(nic("network", "<source network='lan'/>")), live))).toContainEqual(
        expect.stringMatching(/^NT-10\[stranger devices/),
    );
});

it("what a stranger, or a network, will be at its next start counts as well", () => {
    const stranger = domain(nic("network", "<source network='default'/>"));
    const live = withDomain(stranger, { ...host, networks: [...host.networks, DEFAULT_NET] });
    expect(JSON.stringify(found(live))).toBe(expected);
    expect(
        found({
            ...live,
            next: { ...live.next, domains: [domain(nic("bridge", "<source bridge='BRIDGE'/>"), "", "")] },
        }),
    ).toContainEqual(expect.stringMatching(/^NT-10\[stranger devices/));
    const next = filled(DEFAULT_NET.replace("virbr0", "BRIDGE"));
    expect(found({ ...live, next: { ...live.next, networks: [next] } })).toContainEqual(
        expect.stringMatching(/^NT-10\[default network/),
    );
});

it.each([
    ["netfs", "/var/lib/libvirt/images"],
    ["fs", "/var"],
    ["disk", "/"],
    ["", "FOLDER"],
])("a pool that may put something over our folder is found: %s at %s", (type, path) => {
    const over = pool("mirror", filled(path)).replace("type='dir'", type === "" ? "" : `type='${type}'`);
    expect(found({ ...host, pools: [...host.pools, over] })).toContainEqual(
        expect.stringMatching(/^INPUT the pool's folder .* is over or in .*, which is this stack's/),
    );
});
it.each(["/dev/loop0", "/dev/nbd1p1", "/dev/disk/by-loop-ref/x"])(
    "what may be any file is one that cannot be decided: %s",
    (device) => {
        expect(
            found(withDomain(domain(`<disk type='block' device='disk'><source dev='${device}'/></disk>`))),
        ).toContainEqual(
            expect.stringContaining(`whether ${device} is one of this stack's files cannot be decided`),
        );
    },
);
it.each(["FOLDER", "FOLDER/", "FOLDER/./x", "/FOLDER"])(
    "a stranger's pool in our folder is found: %s",
    (path) => {
        expect(found({ ...host, pools: [...host.pools, pool("mirror", filled(path))] })).toContainEqual(
            expect.stringMatching(/^INPUT the pool's folder .* is in .*, which is this stack's/),
        );
    },
);

const HARMLESS: [string, string, string?][] = [
    [
        "on its own NAT network",
        nic("network", "<source network='default' portid='x' bridge='virbr0'/>", "<target dev='vnet9'/>"),
    ],
    [
        "on a bridge and a card of the host's",
        nic("bridge", "<source bridge='br0'/>") +
            nic("direct", "<source dev='eth0.100' mode='bridge'/>") +
            nic("user", "") +
            nic("hostdev", "<source><address type='pci'/></source>"),
    ],
    [
        "with disks of its own",
        file("/var/lib/libvirt/images/debian.qcow2") +
            file("/var/lib/libvirt/images/sallyport-test-default.qcow2") +
            "<disk type='block'><source dev='/dev/vg0/x'/></disk><disk type='file' device='cdrom'/>",
    ],
    [
        "with a volume of the default pool",
        "<disk type='volume'><source pool='default' volume='x.qcow2'/></disk>",
    ],
    [
        "with a disk in a cluster",
        "<disk type='network'><source protocol='rbd' name='pool/x'><host name='192.0.2.7' " +
            "port='6789'/></source></disk>",
    ],
    [
        "with a folder of its own",
        "<filesystem type='mount'><source dir='/var/lib/libvirt/images/other'/><target " +
            "dir='/'/></filesystem>",
    ],
    [
        "with firmware and a screen",
        "<graphics type='spice'><listen type='address' address='127.0.0.1'/></graphics><tpm " +
            "model='tpm-crb'><backend type='emulator'/></tpm><rng model='virtio'><backend " +
            "model='random'>/dev/urandom</backend></rng>",
        "<os><type>hvm</type><loader " +
            "readonly='yes'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram>/var/lib/libvirt/qemu/nvram/x.fd</nvram></os><title>BRIDGE " +
            "OVERLAY</title><metadata><x:y xmlns:x='u'>FOLDER</x:y></metadata>",
    ],
    [
        "with labels of its own",
        "",
        "<resource><partition>/machine</partition></resource>" +
            seclabel("apparmor", "libvirt-00000000-0000-4000-8000-00000000aaaa") +
            seclabel("selinux", "system_u:system_r:svirt_t:s0:c1,c2").replace("dynamic", "static"),
    ],
    [
        "with another CPU",
        "",
        "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg " +
            "value='-cpu'/><qemu:arg value='host,kvm=off'/></qemu:commandline>",
    ],
];
/** All of another stack of this project's on this host, with what a host gives each guest of its own. */
const neighbour = async (config = CONFIGS["two enclaves, three Workstations"]): Promise<LiveHost> => {
    const other = (await world(undefined, config, "prod")).host;
    const asGiven = (xml: string): string =>
        xml
            .replaceAll("00000000-0000-4000-8000-0000000000", "00000000-0000-4000-8000-0000000001")
            .replaceAll("vnet", "vnet2");
    return { ...other, domains: other.domains.map(asGiven), networks: other.networks.map(asGiven) };
};
const beside = (one: LiveHost, other: LiveHost): LiveHost => ({
    ...one,
    domains: [...one.domains, ...other.domains],
    networks: [...one.networks, ...other.networks],
    pools: [...one.pools, ...other.pools],
    active: [...one.active, ...other.active],
    next: {
        domains: [...one.next.domains, ...other.next.domains],
        networks: [...one.next.networks, ...other.next.networks],
    },
});

it("another stack of this project's on the host raises nothing", async () => {
    const other = await neighbour();
    expect(other.domains).toHaveLength(5);
    expect(JSON.stringify(found(beside(host, other)))).toBe(expected);
    expect(
        JSON.stringify(found(beside(host, await neighbour(CONFIGS["one enclave, one Workstation"])))),
    ).toBe(expected);
});

it("one of its guests on this stack's network, or with this stack's disk, is found", async () => {
    const other = await neighbour(CONFIGS["one enclave, one Workstation"]);
    const edited = (from: string | RegExp, to: string): string[] => {
        const domains = other.domains.map((xml) => xml.replace(from, filled(to)));
        expect(domains).not.toEqual(other.domains);
        return found(beside(host, { ...other, domains }));
    };
    expect(
        edited(/(?<=source network='sallyport-prod-default-isolated' [^>]*bridge=')[^']*/, "BRIDGE"),
    ).toContainEqual(expect.stringMatching(/^NT-10\[sallyport-prod-default-/));
    expect(edited(/file='[^']*-seed\.iso'/, "file='SEED'")).toContainEqual(
        expect.stringMatching(/^SH-01\[sallyport-prod-default-/),
    );
});

it.each(triples(HARMLESS))("a harmless stranger %s raises nothing", (_title, devices, more) => {
    const live = { ...host, networks: [...host.networks, DEFAULT_NET] };
    expect(JSON.stringify(found(withDomain(domain(devices, more), live)))).toBe(expected);
    expect(JSON.stringify(found(withDomain(domain(devices, more, ""), live)))).toBe(expected);
});

it("one that cannot start, for want of its network or pool, raises nothing", () => {
    expect(
        JSON.stringify(
            found(
                withDomain(
                    domain(
                        nic("network", "<source network='gone'/>") +
                            "<disk type='volume'><source pool='gone' volume='x'/></disk>",
                        "",
                        "",
                    ),
                ),
            ),
        ),
    ).toBe(expected);
});

it("three thousand harmless strangers raise nothing", () => {
    const devices = HARMLESS.map(([, inside]) => inside).join("");
    const many = Array.from({ length: 3000 }, (_, i) =>
        domain(devices).replace("<name>stranger<", `<name>stranger${i}<`),
    );
    expect(
        JSON.stringify(
            found({
                ...host,
                networks: [...host.networks, DEFAULT_NET],
                domains: [...host.domains, ...many],
            }),
        ),
    ).toBe(expected);
});

it("a guest on a bridge of the host's is a neighbour of its Gateway, and is found", async () => {
    const lan = await world(undefined, CONFIGS["a bridge of the host's, emulated"]);
    const neighbour =
        "<domain type='kvm' id='9'><name>n</name><devices><interface type='bridge'><source " +
        "bridge='br0'/></interface></devices></domain>";
    const model = readLive([withDomain(neighbour, lan.host)], lan.declared);
    expect(model.domains.map((d) => d.resource.name)).toContain("n");
});
