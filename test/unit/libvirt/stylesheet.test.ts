/**
 * The stylesheets are run by the real xsltproc over what the provider writes, and over what it might one day
 * write.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import type { Role } from "../../../cloud-init/guest";
import {
    BRIDGE_NETWORK_STYLESHEET,
    DATA_VOLUME_STYLESHEET,
    isolatedNetworkStylesheet,
    natNetworkStylesheet,
    PRIVATE_VOLUME_STYLESHEET,
    domainStylesheet,
} from "../../../libvirt/stylesheet";

let folder: string;
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-"));
});
afterAll(() => {
    rmSync(folder, { recursive: true });
});

function transform(sheet: string, xml: string): string {
    writeFileSync(join(folder, "sheet.xsl"), sheet);
    writeFileSync(join(folder, "in.xml"), xml);
    return execFileSync("xsltproc", [join(folder, "sheet.xsl"), join(folder, "in.xml")], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
    });
}

const parser = new XMLParser({ ignoreAttributes: false, isArray: () => true });
/** Every element's path, once. */
function paths(xml: string): string[] {
    const found = new Set<string>();
    const walk = (node: unknown, path: string): void => {
        if (Array.isArray(node)) {
            node.forEach((n) => walk(n, path));
        } else if (typeof node === "object" && node !== null) {
            for (const [key, value] of Object.entries(node)) {
                if (!key.startsWith("@_") && key !== "#text") {
                    found.add(`${path}/${key}`);
                    walk(value, `${path}/${key}`);
                }
            }
        }
    };
    walk(parser.parse(xml), "");
    return [...found].sort();
}

const nic = (type = "network"): string =>
    `<interface type="${type}"><mac address="52:54:00:98:98:0B"/><source network="cell"/><model type="virtio"/><virtualport type="openvswitch"/></interface>`;
/** A disk as provider 0.8.3 writes it, all of it or its source alone. */
const disk = (source: string, attributes = 'type="volume" device="disk"'): string =>
    `<disk ${attributes}><driver name="qemu" type="qcow2"/>${source.startsWith("<") ? source : `<source ${source}/>`}<target dev="vda" bus="virtio"/></disk>`;
const OVERLAY = 'pool="p" volume="d-0123abcd.qcow2"';
const SEED = 'pool="p" volume="d-0123abcd-seed.iso"';
const DISKS = disk(OVERLAY) + disk(SEED);
/** What provider 0.8.3 gives for a domain, with every device that it adds unasked. */
const provided = (
    extra = "",
    nics = nic(),
    description = "<description>clock-offset=-137</description>",
    disks = DISKS,
): string => `<domain type="kvm"><name>d</name><uuid>6e2b9d1e-0000-4000-8000-000000000001</uuid><metadata>x</metadata>
${description}<title>told by the host</title><memory unit="MiB">256</memory><vcpu>1</vcpu><cpu mode="host-passthrough"/>
<os><type arch="x86_64" machine="q35">hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
${disks}
${nics}<console type="pty"><target type="serial" port="0"/></console><channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
<graphics type="spice"/><video><model type="cirrus"/></video><sound model="ich6"/><memballoon model="virtio"/><rng model="virtio"><backend model="random">/dev/random</backend></rng>
<input type="tablet" bus="usb"/><vsock model="virtio"/><tpm model="tpm-tis"/>${extra}</devices></domain>`;

const POOL = { name: "p", path: "/var/lib/images/p" };
const sheetFor = (role: Role, type: "kvm" | "qemu" = "qemu"): string =>
    domainStylesheet({
        role,
        virt: { type, cpuModel: "qemu64" },
        pool: POOL,
        statusPath: "/var/lib/status",
        ...(role === "workstation" ? { clockWindowSeconds: 180 } : {}),
    });

const ALLOWED = [
    "/domain",
    "/domain/clock",
    "/domain/clock/timer",
    "/domain/cpu",
    "/domain/cpu/model",
    "/domain/devices",
    "/domain/devices/controller",
    "/domain/devices/disk",
    "/domain/devices/disk/driver",
    "/domain/devices/disk/readonly",
    "/domain/devices/disk/source",
    "/domain/devices/disk/target",
    "/domain/devices/interface",
    "/domain/devices/interface/mac",
    "/domain/devices/interface/model",
    "/domain/devices/interface/rom",
    "/domain/devices/interface/source",
    "/domain/devices/memballoon",
    "/domain/devices/rng",
    "/domain/devices/rng/backend",
    "/domain/devices/rng/rate",
    "/domain/devices/serial",
    "/domain/devices/serial/target",
    "/domain/features",
    "/domain/features/acpi",
    "/domain/features/apic",
    "/domain/features/pae",
    "/domain/features/pmu",
    "/domain/features/tcg",
    "/domain/features/tcg/tb-cache",
    "/domain/features/vmport",
    "/domain/memory",
    "/domain/memoryBacking",
    "/domain/memoryBacking/nosharepages",
    "/domain/name",
    "/domain/on_crash",
    "/domain/on_poweroff",
    "/domain/on_reboot",
    "/domain/os",
    "/domain/os/boot",
    "/domain/os/bootmenu",
    "/domain/os/smbios",
    "/domain/os/type",
    "/domain/pm",
    "/domain/pm/suspend-to-disk",
    "/domain/pm/suspend-to-mem",
    "/domain/sysinfo",
    "/domain/sysinfo/baseBoard",
    "/domain/sysinfo/baseBoard/entry",
    "/domain/sysinfo/bios",
    "/domain/sysinfo/bios/entry",
    "/domain/sysinfo/system",
    "/domain/sysinfo/system/entry",
    "/domain/uuid",
    "/domain/vcpu",
];

describe("domain", () => {
    it("holds what is named and nothing else, whatever the provider adds", () => {
        const out = transform(
            sheetFor("workstation"),
            provided("<newdevice/><watchdog model='i6300esb'/><panic/><smartcard mode='host'/>"),
        );
        expect(paths(out)).toEqual(
            [
                ...ALLOWED,
                "/domain/description",
                "/domain/devices/interface/filterref",
                "/domain/devices/interface/port",
            ].sort(),
        );
        expect(out).toContain('<memballoon model="none"/>');
        expect(out).toContain('<controller type="usb" model="none"/>');
        expect(out).not.toMatch(/agent|spice|host-passthrough|told by the host|openvswitch/);
    });

    it("logs the Gateway's console for the readiness gate and no Workstation's", () => {
        expect(transform(sheetFor("gateway"), provided("", nic() + nic()))).toContain(
            '<log file="/var/lib/status/d.status" append="off"/>',
        );
        expect(transform(sheetFor("workstation"), provided())).not.toContain("<log");
    });

    it("isolates Workstations' ports from each other and not the Gateway's", () => {
        expect(transform(sheetFor("workstation"), provided())).toContain('<port isolated="yes"/>');
        expect(transform(sheetFor("gateway"), provided("", nic() + nic()))).not.toContain("<port");
    });

    it("makes the seed read-only and the overlay not", () => {
        const out = transform(sheetFor("workstation"), provided());
        expect(out.match(/<readonly\/>/g)).toHaveLength(1);
        expect(out).toMatch(/d-0123abcd-seed\.iso"\/>\s*<target dev="vdb" bus="virtio"\/>\s*<readonly\/>/);
    });

    it.each([
        ["in the provider's order", DISKS],
        ["in another", disk(SEED) + disk(OVERLAY)],
    ])("makes disks of the files of the pool's volumes, %s", (_, disks) => {
        const out = transform(sheetFor("workstation"), provided("", nic(), undefined, disks));
        expect(
            [
                ...out.matchAll(
                    /<disk type="file" device="disk">\s*<driver name="qemu" type="(\w+)"[^]*?<source file="([^"]*)"\/>\s*<target dev="(\w+)"/g,
                ),
            ]
                .map(([, ...found]) => found.join(" "))
                .sort(),
        ).toEqual([
            "qcow2 /var/lib/images/p/d-0123abcd.qcow2 vda",
            "raw /var/lib/images/p/d-0123abcd-seed.iso vdb",
        ]);
        expect(out).not.toMatch(/pool=|volume=/);
    });

    const volume = (name: string): string => disk(`pool="p" volume="${name}"`);
    it.each<[string, string, RegExp]>([
        ["no disk", "", /exactly two disks/],
        ["an overlay alone", disk(OVERLAY), /exactly two disks/],
        ["a third disk", DISKS + volume("d-0123abce.qcow2"), /exactly two disks/],
        [
            "a third disk of another kind",
            `${DISKS}<disk type="block" device="disk"><source dev="/dev/sda"/></disk>`,
            /exactly two disks/,
        ],
        ["two overlays", disk(OVERLAY) + volume("d-0123abce.qcow2"), /not one overlay/],
        ["two seeds", disk(SEED) + volume("d-0123abce-seed.iso"), /not one overlay/],
        ["one overlay twice", disk(OVERLAY) + disk(OVERLAY), /not one overlay/],
        [
            "a file in place of the seed",
            disk(OVERLAY) + disk('file="/var/lib/images/p/d-0123abcd-seed.iso"', 'type="file" device="disk"'),
            /a disk that is no volume/,
        ],
        [
            "a file that says it is a volume",
            disk(OVERLAY) + disk('file="/x" pool="p" volume="d-0123abcd-seed.iso"'),
            /a disk that is no volume/,
        ],
        [
            "a volume that says it is a file",
            disk(OVERLAY) + disk(SEED, 'type="file" device="disk"'),
            /a disk that is no volume/,
        ],
        ["a CD-ROM", disk(OVERLAY) + disk(SEED, 'type="volume" device="cdrom"'), /a disk that is no volume/],
        ["a disk without a source", disk(OVERLAY) + disk("<source/>"), /a disk that is no volume/],
        [
            "a disk with two sources",
            disk(OVERLAY) + disk(`<source ${SEED}/><source pool="p" volume="other-0123abcd-seed.iso"/>`),
            /a disk that is no volume/,
        ],
        [
            "a source that says how it is mapped",
            disk(OVERLAY) + disk(`${SEED} mode="host"`),
            /a disk that is no volume/,
        ],
        [
            "a volume of another pool",
            disk(OVERLAY) + disk('pool="q" volume="d-0123abcd-seed.iso"'),
            /a volume of another pool than p/,
        ],
        [
            "a volume of a pool whose name only begins so",
            disk('pool="p2" volume="d-0123abcd.qcow2"') + disk(SEED),
            /a volume of another pool than p/,
        ],
        [
            "a volume of no pool",
            disk(OVERLAY) + disk('pool="" volume="d-0123abcd-seed.iso"'),
            /a volume of another pool than p/,
        ],
        ["another guest's overlay", volume("e-0123abcd.qcow2") + disk(SEED), /not one overlay/],
        ["another guest's seed", disk(OVERLAY) + volume("e-0123abcd-seed.iso"), /not one seed/],
        [
            "a seed of a guest whose name begins like this one's",
            disk(OVERLAY) + volume("d-x-0123abcd-seed.iso"),
            /not one seed/,
        ],
        ["a path out of the folder", volume("d-0123abcd/../../etc/x.qcow2") + disk(SEED), /not one overlay/],
        [
            "a path out of the folder, from its beginning",
            volume("../q/d-0123abcd.qcow2") + disk(SEED),
            /not one overlay/,
        ],
        ["a path to another file in it", volume("d-0123abc/.qcow2") + disk(SEED), /not one overlay/],
        ["no name", volume("") + disk(SEED), /not one overlay/],
        ["a parent", volume("..") + disk(SEED), /not one overlay/],
        ["a generation of other digits", volume("d-0123ABCD.qcow2") + disk(SEED), /not one overlay/],
        ["a shorter generation", volume("d-0123abc.qcow2") + disk(SEED), /not one overlay/],
        ["a longer generation", volume("d-0123abcd0.qcow2") + disk(SEED), /not one overlay/],
        [
            "a seed that is an overlay, too",
            disk(OVERLAY) + volume("d-0123abcd-seed.iso.qcow2"),
            /not one seed/,
        ],
        ["a name with something behind it", disk(OVERLAY) + volume("d-0123abcd-seed.iso "), /not one seed/],
        ["the golden image", volume("sallyport-0123456789ab.qcow2") + disk(SEED), /not one overlay/],
    ])("refuses a domain with %s", (_, disks, reason) => {
        for (const role of ["workstation", "gateway"] as const) {
            expect(() =>
                transform(
                    sheetFor(role),
                    provided("", role === "gateway" ? nic() + nic() : nic(), undefined, disks),
                ),
            ).toThrow(reason);
        }
    });

    it.each(["a/../d", "/d", "d/", ".."])(
        "refuses a domain called %s, if its disks are named after it",
        (name) => {
            const named = provided()
                .replaceAll("d-0123abcd", `${name}-0123abcd`)
                .replace("<name>d</name>", `<name>${name}</name>`);
            const run = (): string => transform(sheetFor("workstation"), named);
            if (name.includes("/")) {
                expect(run).toThrow(/not one name without a slash/);
            } else {
                expect(run()).toContain('<source file="/var/lib/images/p/..-0123abcd.qcow2"/>');
            }
            expect(() =>
                transform(
                    sheetFor("workstation"),
                    provided().replace("<name>d</name>", "<name>d</name><name>e</name>"),
                ),
            ).toThrow(/not one name/);
        },
    );

    it.each([
        { name: "p'] or 1=1 or x['", path: "/p" },
        { name: "", path: "/p" },
        { name: "..", path: "/p" },
        { name: "p q", path: "/p" },
        { name: "p/q", path: "/p" },
        ...[
            "",
            "p",
            "p/q",
            "/",
            "//p",
            "/p/",
            "/p//q",
            "/p/./q",
            "/p/../q",
            "/p/..",
            "/p/.",
            "/p{1}",
            '/p"/><x a="',
            "/p q",
            "/p\n",
        ].map((path) => ({ name: "p", path })),
    ])("is not made for the pool %j", (pool) => {
        expect(() =>
            domainStylesheet({
                role: "gateway",
                virt: { type: "kvm", cpuModel: "qemu64" },
                pool,
                statusPath: "/x",
            }),
        ).toThrow(RangeError);
    });

    it.each(["", "/x/../y", "/x/./y", "/x/", "x"])("is not made for a status file in %j", (statusPath) => {
        expect(() =>
            domainStylesheet({
                role: "gateway",
                virt: { type: "kvm", cpuModel: "qemu64" },
                pool: POOL,
                statusPath,
            }),
        ).toThrow(RangeError);
    });

    it("hides nested virtualisation under KVM", () => {
        expect(transform(sheetFor("workstation", "kvm"), provided())).toContain(
            '<feature policy="disable" name="vmx"/>',
        );
    });

    it("sets a Workstation's clock off by what its description says, a Gateway's not at all", () => {
        const off = transform(sheetFor("workstation"), provided());
        expect(off).toContain('<clock offset="variable" adjustment="-137" basis="utc">');
        expect(off).toContain("<description>clock-offset=-137</description>");
        const right = transform(sheetFor("gateway"), provided("", nic() + nic()));
        expect(right).toContain('<clock offset="utc">');
        expect(right).not.toContain("description");
    });

    it.each([0, 1, -1, 180, -180])("takes an offset of %i", (offset) => {
        const out = transform(
            sheetFor("workstation"),
            provided("", nic(), `<description>clock-offset=${offset}</description>`),
        );
        expect(out).toContain(`adjustment="${offset}"`);
    });

    it.each([
        "<description/>",
        "",
        "<description>clock-offset=</description>",
        "<description>clock-offset=181</description>",
        "<description>clock-offset=-181</description>",
        "<description>clock-offset=1.5</description>",
        "<description>clock-offset=1e2</description>",
        "<description>clock-offset=0x10</description>",
        "<description>clock-offset=05</description>",
        "<description>clock-offset=+5</description>",
        "<description>clock-offset=-0</description>",
        "<description>clock-offset= 5</description>",
        "<description>clock-offset=5 </description>",
        "<description>clock-offset=5\n</description>",
        "<description>clock-offset=NaN</description>",
        "<description>clock-offset=Infinity</description>",
        "<description>clock-offset=-Infinity</description>",
        "<description>clock-offset=99999999999999999999</description>",
        "<description>5</description>",
        "<description> clock-offset=5</description>",
        "<description>clock-offset=clock-offset=5</description>",
        "<description>clock-offset=5clock-offset=5</description>",
        "<description>told by the host</description>",
        '<description>clock-offset=5" basis="localtime</description>',
        "<description>clock-offset=5&quot; x=&quot;</description>",
        "<description>Clock-Offset=5</description>",
        "<description>clock-offset=5&lt;/description&gt;</description>",
        "<description>clock-offset=$offset</description>",
        "<description>clock-offset=position()</description>",
        "<description>clock-offset=5</description><description>clock-offset=6</description>",
    ])("refuses a Workstation with %j", (description) => {
        expect(() => transform(sheetFor("workstation"), provided("", nic(), description))).toThrow(
            /sallyport refuses this domain: (its clock offset|its description|it has not one description)/,
        );
    });

    it.each([
        ["workstation", undefined],
        ["workstation", 0],
        ["workstation", 3601],
        ["workstation", NaN],
        ["workstation", 60.5],
        ["gateway", 180],
    ] as const)("is not made for a %s with a window of %s", (role, window) => {
        expect(() =>
            domainStylesheet({
                role,
                virt: { type: "kvm", cpuModel: "qemu64" },
                pool: POOL,
                statusPath: "/x",
                ...(window === undefined ? {} : { clockWindowSeconds: window }),
            }),
        ).toThrow(RangeError);
    });

    it("ties a guest to processors, and not where it is not asked for", () => {
        const sheet = (cpus?: string): string =>
            domainStylesheet({
                role: "gateway",
                virt: { type: "kvm", cpuModel: "qemu64" },
                pool: POOL,
                statusPath: "/x",
                ...(cpus === undefined ? {} : { cpus }),
            });
        const out = (cpus?: string): string =>
            transform(sheet(cpus), provided("<vcpu>2</vcpu>", nic() + nic()));
        expect(out("2-3,5")).toMatch(/<vcpu placement="static" cpuset="2-3,5">/);
        expect(out()).not.toContain("cpuset");
        expect(() => sheet('1"/>')).toThrow(RangeError);
    });

    it.each([
        "hostdev mode='subsystem' type='usb'",
        "filesystem type='mount'",
        "shmem name='x'",
        "redirdev bus='usb'",
    ])("refuses a domain with <%s>", (device) => {
        expect(() => transform(sheetFor("workstation"), provided(`<${device}/>`))).toThrow(
            /sallyport refuses this domain: a device of the host or a shared folder/,
        );
    });

    it.each<[Role, number, string]>([
        ["workstation", 0, ""],
        ["workstation", 2, nic() + nic()],
        ["gateway", 1, nic()],
        ["gateway", 3, nic() + nic() + nic()],
    ])("refuses a %s with %i NICs", (role, _count, nics) => {
        expect(() => transform(sheetFor(role), provided("", nics))).toThrow(/exactly/);
    });

    it.each(["bridge", "direct", "user", "ethernet", "hostdev"])("refuses a NIC of type %s", (type) => {
        expect(() => transform(sheetFor("workstation"), provided("", nic(type)))).toThrow(
            /a NIC that is not on a declared network/,
        );
    });
});

describe("networks and volumes", () => {
    const network = (
        inner: string,
    ): string => `<network ipv6="yes"><name>n</name><uuid>u</uuid>${inner}<bridge name="br" stp="on"/><domain name="d"/>
        <dns><host ip="192.0.2.1"/></dns><ip address="10.1.2.1" family="ipv4" prefix="24"><dhcp><range start="10.1.2.2" end="10.1.2.9"/></dhcp></ip><route/></network>`;

    it("leaves of an isolated network a bridge", () => {
        const out = transform(isolatedNetworkStylesheet(), network('<forward mode="nat"/>'));
        expect(paths(out)).toEqual([
            "/network",
            "/network/bridge",
            "/network/dns",
            "/network/name",
            "/network/uuid",
        ]);
        expect(out).toContain('<dns enable="no"/>');
        expect(out).not.toContain("ipv6");
    });

    it("leaves of a NAT network one address, no DHCP, no resolver", () => {
        const out = transform(natNetworkStylesheet(), network('<forward mode="route"/>'));
        expect(paths(out)).toEqual([
            "/network",
            "/network/bridge",
            "/network/dns",
            "/network/forward",
            "/network/ip",
            "/network/name",
            "/network/uuid",
        ]);
        expect(out).toContain('<forward mode="nat"/>');
    });

    it.each([isolatedNetworkStylesheet, natNetworkStylesheet])(
        "puts a bridge in firewalld's zone, and not where it is not asked for",
        (sheet) => {
            expect(transform(sheet("drop"), network(""))).toMatch(
                /<bridge name="br" stp="off" delay="0" zone="drop"\/>/,
            );
            expect(transform(sheet(), network(""))).not.toContain("zone");
            expect(() => sheet('x"/><route')).toThrow(RangeError);
        },
    );

    it("leaves of a bridged network the bridge's name", () => {
        expect(paths(transform(BRIDGE_NETWORK_STYLESHEET, network('<forward mode="bridge"/>')))).toEqual([
            "/network",
            "/network/bridge",
            "/network/forward",
            "/network/name",
            "/network/uuid",
        ]);
    });

    it("takes a volume from everybody's eyes", () => {
        expect(
            transform(
                PRIVATE_VOLUME_STYLESHEET,
                "<volume><target><permissions><mode>644</mode></permissions></target></volume>",
            ),
        ).toContain("<mode>0600</mode>");
    });
});

describe("a data volume", () => {
    const DATA_POOL = { name: "p-data", path: "/var/lib/images/p-data" };
    const sheet = (role: Role): string =>
        domainStylesheet({
            role,
            virt: { type: "qemu", cpuModel: "qemu64" },
            pool: POOL,
            dataPool: DATA_POOL,
            statusPath: "/var/lib/status",
            ...(role === "workstation" ? { clockWindowSeconds: 180 } : {}),
        });
    const HOME = 'pool="p-data" volume="d-home"';
    const guest = (...disks: string[]): string => provided("", nic(), undefined, disks.join(""));

    it.each(["home first", "home last"])("is the third disk, raw, with its serial: %s", (order) => {
        const list = [disk(OVERLAY), disk(SEED), disk(HOME)];
        const made = transform(
            sheet("workstation"),
            guest(...(order === "home last" ? list : list.reverse())),
        );
        expect(made.replace(/\s+</g, "<")).toContain(
            '<disk type="file" device="disk"><driver name="qemu" type="raw" discard="unmap"/><source file="/var/lib/images/p-data/d-home"/><target dev="vdc" bus="virtio"/><serial>sallyport-home</serial></disk>',
        );
        expect(made.match(/<disk /g)).toHaveLength(3);
        expect(made.match(/<serial>/g)).toHaveLength(1);
    });

    it.each<[string, string]>([
        ["none", DISKS],
        ["of another guest", DISKS + disk('pool="p-data" volume="e-home"')],
        ["of another role", DISKS + disk('pool="p-data" volume="d-state"')],
        ["in the pool of overlays", DISKS + disk('pool="p" volume="d-home"')],
        ["in a pool of others", DISKS + disk('pool="q-data" volume="d-home"')],
        ["in another folder", DISKS + disk('pool="p-data" volume="../p/d-home"')],
        ["two of them", DISKS + disk(HOME) + disk(HOME)],
        ["and a fourth disk", DISKS + disk(HOME) + disk('pool="p-data" volume="d-home2"')],
        [
            "in place of the seed",
            disk(OVERLAY) + disk(HOME) + disk('pool="p-data" volume="d-0123abcd-seed.iso"'),
        ],
        [
            "by its file",
            DISKS + disk('<source file="/var/lib/images/p-data/d-home"/>', 'type="file" device="disk"'),
        ],
        ["as a CD-ROM", DISKS + disk(HOME, 'type="volume" device="cdrom"')],
    ])("is refused: %s", (_, disks) => {
        expect(() => transform(sheet("workstation"), guest(disks))).toThrow(/sallyport refuses this domain/);
    });

    it("is refused of a guest that has none", () => {
        expect(() => transform(sheetFor("workstation"), guest(DISKS, disk(HOME)))).toThrow(
            /exactly two disks/,
        );
    });

    it("has a pool of its own", () => {
        for (const dataPool of [POOL, { name: "p-data", path: POOL.path }, { name: "p", path: "/srv/p" }]) {
            expect(() =>
                domainStylesheet({
                    role: "gateway",
                    virt: { type: "kvm", cpuModel: "qemu64" },
                    pool: POOL,
                    dataPool,
                    statusPath: "/var/lib/status",
                }),
            ).toThrow(RangeError);
        }
    });

    it("is private, and takes room as it is written", () => {
        const volume =
            '<volume><name>d-home</name><capacity unit="bytes">8589934592</capacity><target><format type="raw"/><permissions><mode>644</mode></permissions></target></volume>';
        const made = transform(DATA_VOLUME_STYLESHEET, volume).replace(/\s+</g, "<");
        expect(made).toContain(
            '<capacity unit="bytes">8589934592</capacity><allocation unit="bytes">0</allocation>',
        );
        expect(made).toContain("<mode>0600</mode>");
        const given = volume.replace("<target>", '<allocation unit="bytes">5</allocation><target>');
        expect(transform(DATA_VOLUME_STYLESHEET, given).match(/<allocation/g)).toHaveLength(1);
    });
});
