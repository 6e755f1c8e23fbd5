import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { planOf } from "../../../cli/live/lab-stack-config";
import type { Role } from "../../../cloud-init/guest";
import { type Declared, declaredDomains } from "../../../model/declared-domain";
import { UNCONFINED, domainFindings } from "../../../model/live-domain";
import { HOSTS, WATCHDOG_XML, onHost, seclabel, withDataDisk, type HostKind } from "../../support/live-hosts";

/** Live XML of hardened domains, as libvirt 9.0 shows it. */
const recorded = (role: Role): string =>
    withDataDisk(readFileSync(join(__dirname, "testdata", `${role}.xml`), "utf8"));
const xml = (role: Role): string => onHost(recorded(role), HOSTS["Debian 12, libvirt 9.0"] as HostKind);
const roles: Role[] = ["gateway", "workstation"];

/** What the plan of those domains' stack says. */
function declared(role: Role, virt: Partial<Declared["virt"]> = {}): Declared {
    const stack = planOf("demo", { virt: { type: "qemu", ...virt } });
    const found = stack.enclaves
        .flatMap((enclave) => declaredDomains(stack, enclave))
        .find((d) => d.role === role);
    expect(found).toBeDefined();
    return found as Declared;
}
const findings = (text: string, role: Role): string[] => domainFindings(text, declared(role));

/** Replace something that must be there, so that a test can't pass by changing nothing. */
function change(text: string, from: string | RegExp, to: string): string {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    return changed;
}
const withDevice = (role: Role, device: string): string =>
    change(xml(role), "</devices>", `${device}</devices>`);

describe.each(Object.entries(HOSTS))("%s", (_, host) => {
    test.each(roles)("a hardened %s has no finding", (role) => {
        expect(findings(onHost(recorded(role), host), role)).toEqual([]);
    });
});

/** What a recording says beside the names and numbers of its own stack. */
const without = (text: string): string =>
    text
        .replace(/<backingStore type='file'[^]*?<\/backingStore>/, "<backingStore/>")
        .replace(/>\s+/g, ">")
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
        .replace(/sallyport-[\w-]+/g, "NAME")
        .replace(
            /(52:54:00)(:[0-9a-f]{2}){3}|sp[0-9a-f]{8}[ix]|vnet\d+|pts\/\d+|-?\b\d+(?=<\/description>|' basis)| id='\d+'/g,
            "OWN",
        );

describe("a fresh Debian 13 (libvirt 11.3, AppArmor enforcing), as it was recorded", () => {
    const trixie = (role: Role): string =>
        withDataDisk(readFileSync(join(__dirname, "testdata", `trixie-${role}.xml`), "utf8"));
    const stack = planOf("host-try", {
        virt: { type: "qemu" },
        enclaves: [{ name: "lab", workstations: [{ name: "ws1" }] }],
    });
    test.each(roles)("its %s has no finding", (role) => {
        const own = stack.enclaves
            .flatMap((enclave) => declaredDomains(stack, enclave))
            .find((d) => d.role === role);
        expect(domainFindings(trixie(role), own as Declared)).toEqual([]);
    });
    test("its Gateway is what test/support/live-hosts makes of the embedded lab's", () => {
        expect(without(trixie("gateway"))).toBe(
            without(onHost(recorded("gateway"), HOSTS["Debian 13, libvirt 11.3"] as HostKind)),
        );
    });
});

test.each(roles)("a %s of the embedded lab is not confined, and passes only where that is said", (role) => {
    expect(domainFindings(recorded(role), declared(role), UNCONFINED)).toEqual([]);
    expect(findings(recorded(role), role)).toEqual([
        "/domain/seclabel: it runs with 0 labels of AppArmor or SELinux; exactly one is needed",
        '/domain/seclabel: seclabel of model dac has label "+0:+0" and imagelabel "+0:+0"; a user and a group that are not root\'s are allowed',
    ]);
});

const OWN = "libvirt-d56bedc7-d127-445c-ac0b-f996e53af328";
const SELINUX = ["system_u:system_r:svirt_t:s0:c1,c2", "system_u:object_r:svirt_image_t:s0:c1,c2"] as const;
const DAC = seclabel("dac", "+64055:+64055");
test.each<[string, string]>([
    ["no label", ""],
    ["AppArmor's alone", seclabel("apparmor", OWN)],
    ["a user's alone", DAC],
    ["two of AppArmor's", seclabel("apparmor", OWN).repeat(2) + DAC],
    ["AppArmor's and SELinux's", seclabel("apparmor", OWN) + seclabel("selinux", ...SELINUX) + DAC],
    ["no confinement", `<seclabel type='none' model='apparmor'/>${DAC}`],
    ["model none", `<seclabel type='none' model='none'/>${DAC}`],
    ...[
        "unconfined",
        "libvirt-00000000-0000-4000-8000-000000000001",
        "libvirt",
        `${OWN}//&amp;unconfined`,
        `${OWN}x`,
        "",
    ].map((label): [string, string] => [`AppArmor's ${label}`, seclabel("apparmor", label) + DAC]),
    ["AppArmor's with another's image", seclabel("apparmor", OWN, "unconfined") + DAC],
    ...[
        "system_u:system_r:unconfined_t:s0",
        "system_u:system_r:spc_t:s0:c1,c2",
        "system_u:system_r:svirt_t:s0",
        "system_u:system_r:svirt_t:s0-s0:c0.c1023",
        "system_u:system_r:svirt_t:s0:c1,c1",
        "system_u:system_r:svirt_t:s0:c1,c3",
    ].map((label): [string, string] => [`SELinux's ${label}`, seclabel("selinux", label, SELINUX[1]) + DAC]),
    [
        "SELinux's with another type of file",
        seclabel("selinux", SELINUX[0], "system_u:object_r:virt_image_t:s0:c1,c2") + DAC,
    ],
    ...[
        "+0:+0",
        "root:root",
        "+64055:+0",
        "+0:+64055",
        "0:0",
        "+00:+64055",
        "+4294967296:+64055",
        "+4294967295:+64055",
        "64055:64055",
        "libvirt-qemu:kvm",
        "+64055",
    ].map((label): [string, string] => [`user ${label}`, seclabel("apparmor", OWN) + seclabel("dac", label)]),
    ["a user's files root's", seclabel("apparmor", OWN) + seclabel("dac", "+64055:+64055", "+0:+0")],
    ["a static label", seclabel("apparmor", OWN).replace("dynamic", "static") + DAC],
    ["files that are not labelled", seclabel("apparmor", OWN).replace("'yes'", "'no'") + DAC],
    [
        "a base for the label",
        seclabel("apparmor", OWN).replace("<label>", "<baselabel>x</baselabel><label>") + DAC,
    ],
    [
        "a label twice",
        seclabel("apparmor", OWN).replace("</seclabel>", `<label>${OWN}</label></seclabel>`) + DAC,
    ],
])("a guest that runs with %s is a finding", (_, labels) => {
    expect(findings(change(xml("gateway"), /<seclabel[^]*<\/seclabel>/, labels), "gateway").join()).toContain(
        "seclabel",
    );
});

test.each([
    "<watchdog model='itco' action='dump'/>",
    "<watchdog model='itco' action='pause'/>",
    "<watchdog model='itco' action='inject-nmi'/>",
    "<watchdog model='i6300esb' action='reset'/>",
    "<watchdog model='itco'/>",
    "<watchdog action='reset'/>",
    "<watchdog model='itco' action='reset'><address type='pci'/></watchdog>",
    WATCHDOG_XML.repeat(2),
])("the watchdog that libvirt adds is one of one kind: %s", (device) => {
    expect(findings(withDevice("gateway", device), "gateway").join()).toContain("watchdog");
});

test("one role's domain is not the other's", () => {
    expect(findings(xml("gateway"), "workstation")).toContain(
        "/domain/devices/interface: 2 of them, must be 1",
    );
    expect(findings(xml("workstation"), "gateway")).toContain(
        "/domain/devices/interface/port is not allowed",
    );
});

test("a NIC of a network that stands for a bridge of the host's is a Gateway's, and names the network", () => {
    const bridged = (role: Role): string =>
        change(xml(role), /<interface type='network'>/, "<interface type='bridge'>");
    const standing: Declared = {
        ...declared("gateway"),
        nics: declared("gateway").nics.map((nic, i) => ({ ...nic, bridged: i === 0 })),
    };
    expect(domainFindings(bridged("gateway"), standing)).toEqual([]);
    expect(findings(bridged("gateway"), "gateway")).toEqual(['/domain/devices/interface has type="bridge"']);
    expect(findings(bridged("workstation"), "workstation")).toEqual([
        '/domain/devices/interface has type="bridge"',
    ]);
    expect(domainFindings(change(bridged("gateway"), / network='[^']*'/, ""), standing)).toEqual([
        "/domain/devices/interface/source has no network",
    ]);
});

test("processors of the host that a plan names are the guest's, and no others", () => {
    const pinned: Declared = { ...declared("gateway"), cpus: "2-3" };
    const on = (cpuset: string): string =>
        change(xml("gateway"), /<vcpu placement='static'>/, `<vcpu placement='static' cpuset='${cpuset}'>`);
    expect(domainFindings(on("2-3"), pinned)).toEqual([]);
    expect(domainFindings(on("0-3"), pinned)).toEqual(['/domain/vcpu has cpuset="0-3"']);
    expect(domainFindings(xml("gateway"), pinned)).toEqual(["/domain/vcpu has no cpuset"]);
    expect(findings(on("2-3"), "gateway")).toEqual(['/domain/vcpu has cpuset="2-3"']);
});

const DEVICES = [
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    "<channel type='spicevmc'/>",
    "<graphics type='spice' port='5900'/>",
    "<graphics type='vnc'/>",
    "<video><model type='cirrus'/></video>",
    "<sound model='ich9'/>",
    "<hostdev mode='subsystem' type='usb'/>",
    "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>",
    "<redirdev bus='usb' type='spicevmc'/>",
    "<shmem name='x'/>",
    "<vsock model='virtio'><cid auto='yes'/></vsock>",
    "<tpm model='tpm-tis'/>",
    "<smartcard mode='host'/>",
    "<watchdog model='diag288' action='reset'/>",
    "<panic model='isa'/>",
    "<input type='tablet' bus='usb'/>",
    "<controller type='virtio-serial' index='0'/>",
    "<controller type='usb' index='1' model='qemu-xhci'/>",
    "<memballoon model='virtio'/>",
    "<rng model='virtio'><backend model='egd' type='tcp'/></rng>",
    "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></serial>",
    "<parallel type='pty'/>",
    "<audio id='2' type='pulseaudio'/>",
    "<iommu model='intel'/>",
    "<memory model='dimm'/>",
    "<crypto model='virtio' type='qemu'/>",
    "<disk type='network' device='disk'/>",
    "<disk type='file' device='cdrom'><source file='/etc/passwd'/></disk>",
    "<disk type='block' device='disk'><source dev='/dev/sda'/></disk>",
    "<interface type='user'/>",
    "<interface type='bridge'><source bridge='br0'/></interface>",
    "<interface type='direct'/>",
    "<interface type='hostdev'/>",
    "<some-device-of-the-future/>",
];
test.each(roles.flatMap((role) => DEVICES.map((device) => [role, device] as const)))(
    "%s with %s",
    (role, device) => {
        expect(findings(withDevice(role, device), role).length).toBeGreaterThan(0);
    },
);

const CHANGES: [string, string | RegExp, string][] = [
    ["host-passthrough", "mode='custom'", "mode='host-passthrough'"],
    // As libvirt shows mode host-model.
    [
        "the host's CPU model",
        "<model fallback='forbid'>qemu64<",
        "<model fallback='forbid'>Skylake-Client-IBRS<",
    ],
    [
        "another model than the plan's",
        "<model fallback='forbid'>qemu64<",
        "<model fallback='forbid'>Nehalem<",
    ],
    ["a model that libvirt may replace", "<model fallback='forbid'>", "<model fallback='allow'>"],
    ["the host's vendor of CPUs", "<feature policy='require' name='lahf_lm'/>", "<vendor>Intel</vendor>"],
    ["nested virtualisation of Intel's", "name='lahf_lm'", "name='vmx'"],
    ["nested virtualisation of AMD's", "name='lahf_lm'", "name='svm'"],
    ["the host's invariant clock", "name='lahf_lm'", "name='invtsc'"],
    ["a feature of the host's CPU", "name='lahf_lm'", "name='avx2'"],
    [
        "a feature that the host's CPU lacks",
        "<feature policy='require' name='lahf_lm'/>",
        "<feature policy='disable' name='cx16'/>",
    ],
    ["a feature that is forced", "policy='require' name='lahf_lm'", "policy='force' name='lahf_lm'"],
    ["what KVM alone adds", "name='lahf_lm'", "name='x2apic'"],
    [
        "the host's topology",
        "<feature policy='require' name='lahf_lm'/>",
        "<topology sockets='1' dies='1' cores='4' threads='2'/>",
    ],
    ["the host's cache", "<feature policy='require' name='lahf_lm'/>", "<cache mode='passthrough'/>"],
    [
        "the host's address width",
        "<feature policy='require' name='lahf_lm'/>",
        "<maxphysaddr mode='passthrough'/>",
    ],
    ["another accelerator", "<domain type='qemu'", "<domain type='kvm'"],
    ["another name", "<name>sallyport-demo-", "<name>sallyport-other-"],
    ["more memory", "<memory dumpCore='off' unit='KiB'>262144<", "<memory dumpCore='off' unit='KiB'>524288<"],
    ["another unit of memory", "<currentMemory unit='KiB'>", "<currentMemory unit='MiB'>"],
    ["another processor", "<vcpu placement='static'>1<", "<vcpu placement='static'>2<"],
    ["another partition", "<partition>/machine<", "<partition>/elsewhere<"],
    ["a partition below", "<partition>/machine<", "<partition>/machine/other<"],
    [
        "an appid",
        "<partition>/machine</partition>",
        "<partition>/machine</partition><fibrechannel appid='x'/>",
    ],
    [
        "a disk of another domain",
        /sallyport-demo-default-[a-z0-9-]*-3f9c02d1\.qcow2'/,
        "sallyport-demo-default-other-3f9c02d1.qcow2'",
    ],
    ["a disk of another pool", "/images/sallyport-demo-default/", "/images/default/"],
    [
        "a disk in another pool's folder",
        "/images/sallyport-demo-default/",
        "/images/sallyport-demo-default-status/",
    ],
    [
        "its folder in another spelling",
        "/images/sallyport-demo-default/",
        "/images/./sallyport-demo-default/",
    ],
    ["its folder with a slash more", "/images/sallyport-demo-default/", "/images/sallyport-demo-default//"],
    ["a path through its folder", "/images/sallyport-demo-default/", "/images/sallyport-demo-default/../x/"],
    [
        "a file in a folder of its folder",
        "/images/sallyport-demo-default/",
        "/images/sallyport-demo-default/x/",
    ],
    ["a data disk of another serial", /<serial>sallyport-(home|state)/, "<serial>S0123"],
    ["a data disk without a serial", /<serial>[^]*?<\/serial>(?=<alias name='virtio-disk2')/, ""],
    ["a data disk of another guest", /-(home|state)' index='3'/, "x-$1' index='3'"],
    ["a data disk of another pool", /-data\/(?=[^']*' index='3')/, "-other/"],
    ["a data disk by a path with .. in it", /\/(?=[^'/]*' index='3')/, "/../x/"],
    ["a data disk in qcow2", "type='raw' discard", "type='qcow2' discard"],
    ["a data disk on another bus", "dev='vdc' bus='virtio'", "dev='vdc' bus='sata'"],
    ["no data disk", /<disk type='file' device='disk'>(?:(?!<disk )[^])*?index='3'[^]*?<\/disk>/, ""],
    ["a file of the host's as a disk", /<source file='[^']*'/, "<source file='/etc/shadow'"],
    [
        "a disk by pool and volume, which no host confines",
        /<disk type='file' device='disk'>([^]*?)<source file='[^']*\/([^/']*)'/,
        "<disk type='volume' device='disk'>$1<source pool='sallyport-demo-default' volume='$2'",
    ],
    ["a disk of no file", /<source file='[^']*' index='\d'\/>/, ""],
    ["another seed", "-3f9c02d1-seed.iso'", "-3f9c02d1.iso'"],
    [
        "a chain that ends elsewhere",
        "<backingStore/>",
        "<backingStore type='file'><format type='qcow2'/><source file='/etc/shadow'/><backingStore/></backingStore>",
    ],
    [
        "a chain under its seed",
        /(<source [^>]*-seed\.iso'[^>]*>\s*)<backingStore\/>/,
        "$1<backingStore type='file'><format type='qcow2'/><source file='/var/lib/libvirt/images/sallyport-demo-image/sallyport-0123456789ab.qcow2'/></backingStore>",
    ],
    ["another MAC", /52:54:00:98:98:0[ab]/, "52:54:00:98:98:77"],
    ["a NIC on another network", /network='sallyport-demo-default-isolated'/, "network='default'"],
    ["a NIC on another bridge", /bridge='sp0c61d04fi'/, "bridge='virbr0'"],
    [
        "a console that is a file",
        "<serial type='pty'>\n      <source path='/dev/pts/0'/>",
        "<serial type='pty'>\n      <source path='/etc/shadow'/>",
    ],
    ["a console on another terminal", "tty='/dev/pts/0'", "tty='/dev/tty1'"],
    ["a device by a name with a path", "<alias name='serial0'/>", "<alias name='/dev/sda'/>"],
    ["an unknown confinement", "model='dac'", "model='none'"],
    ["a confinement that says more", "<label>+64055:+64055<", "<label>+64055:+64055 of the user's laptop<"],
    ["the host's SMBIOS", "<smbios mode='sysinfo'/>", "<smbios mode='host'/>"],
    ["an SMBIOS string", "<entry name='manufacturer'>Generic<", "<entry name='manufacturer'>Dell Inc.<"],
    ["core dumps with memory", " dumpCore='off'", ""],
    ["shared pages", "<nosharepages/>", ""],
    ["huge pages", "<nosharepages/>", "<nosharepages/><hugepages/>"],
    ["a local clock", /clock offset='\w+'/, "clock offset='localtime'"],
    ["a clock that follows the host's", " track='guest'", ""],
    ["kvmclock", "<timer name='kvmclock' present='no'/>", ""],
    ["kvmclock present", "<timer name='kvmclock' present='no'/>", "<timer name='kvmclock' present='yes'/>"],
    ["a boot ROM", "<rom enabled='no'/>", ""],
    ["network boot", "<boot dev='hd'/>", "<boot dev='network'/><boot dev='hd'/>"],
    ["USB by default", /<controller type='usb'[^]*?<\/controller>/, ""],
    [
        "USB model left out",
        "<controller type='usb' index='0' model='none'>",
        "<controller type='usb' index='0'>",
    ],
    ["no statement on the balloon", "<memballoon model='none'/>", ""],
    ["a writable seed", "<readonly/>", ""],
    ["another NIC model", "<model type='virtio'/>", "<model type='e1000'/>"],
    ["a port forward", "<rom enabled='no'/>", "<rom enabled='no'/><portForward proto='tcp'/>"],
    ["restart after a crash", "<on_crash>destroy<", "<on_crash>restart<"],
    [
        "a raw command line",
        "<seclabel",
        "<qemu:commandline xmlns:qemu='x'><qemu:arg value='-s'/></qemu:commandline><seclabel",
    ],
    ["no confinement", "<seclabel type='dynamic'", "<seclabel type='none'"],
    ["a loader", "<os>", "<os><loader>/x</loader>"],
    ["another emulator", "/usr/bin/qemu-system-x86_64", "/tmp/qemu-system-x86_64"],
];
test.each(roles.flatMap((role) => CHANGES.map(([name, from, to]) => [role, name, from, to] as const)))(
    "%s with %s",
    (role, _, from, to) => {
        expect(findings(change(xml(role), from, to), role).length).toBeGreaterThan(0);
    },
);

test("the image under an overlay is fine, where libvirt shows it", () => {
    const chain =
        "<backingStore type='file' index='3'><format type='qcow2'/><source file='/var/lib/libvirt/images/sallyport-demo-image/sallyport-0123456789ab.qcow2'/><backingStore/></backingStore>";
    expect(findings(change(xml("workstation"), "<backingStore/>", chain), "workstation")).toEqual([]);
});

test("another model has no more features than every guest has; KVM adds one", () => {
    const nehalem = (role: Role): string =>
        change(xml(role), "<model fallback='forbid'>qemu64<", "<model fallback='forbid'>Nehalem<");
    expect(domainFindings(nehalem("gateway"), declared("gateway", { cpuModel: "Nehalem" }))).toEqual([
        '/domain/cpu/feature has name="lahf_lm"',
    ]);
    const kvm = change(
        change(xml("gateway"), "<domain type='qemu'", "<domain type='kvm'"),
        "name='lahf_lm'/>",
        "name='x2apic'/><feature policy='disable' name='svm'/>",
    );
    expect(domainFindings(kvm, declared("gateway", { type: "kvm" }))).toEqual([]);
});

test("two NICs on one network", () => {
    const twice = change(
        change(xml("gateway"), "52:54:00:05:98:07", "52:54:00:98:98:0a"),
        /network='sallyport-demo-default-external'( [^>]*) bridge='sp0c61d04fx'/,
        "network='sallyport-demo-default-isolated'$1 bridge='sp0c61d04fi'",
    );
    expect(findings(twice, "gateway")).toEqual([
        "/domain/devices has no interface with MAC 52:54:00:05:98:07 on sallyport-demo-default-external",
    ]);
});

test("a Workstation with another NIC's filter", () => {
    expect(
        findings(
            change(
                xml("workstation"),
                "filterref filter='sallyport-demo-default-isolated'",
                "filterref filter='clean-traffic'",
            ),
            "workstation",
        ),
    ).toEqual(['/domain/devices/interface/filterref has filter="clean-traffic"']);
});

test("a Gateway whose console is logged elsewhere", () => {
    expect(
        findings(
            change(
                xml("gateway"),
                "log file='/var/lib/libvirt/images/sallyport-demo-default-status/",
                "log file='/tmp/",
            ),
            "gateway",
        ),
    ).toHaveLength(1);
});

test("a Workstation whose port is not isolated, or whose console is logged", () => {
    expect(findings(change(xml("workstation"), "<port isolated='yes'/>", ""), "workstation")).toContain(
        "/domain/devices/interface/port: 0 of them, must be 1",
    );
    const logged = change(
        xml("workstation"),
        "<serial type='pty'>",
        "<serial type='pty'><log file='/x.status' append='off'/>",
    );
    expect(findings(logged, "workstation")).toEqual(["/domain/devices/serial/log is not allowed"]);
});

test.each([
    ["the host's clock", "<clock offset='variable' adjustment='-137' basis='utc'>", "<clock offset='utc'>"],
    ["another offset than was drawn", "adjustment='-137'", "adjustment='0'"],
    ["an offset from local time", "basis='utc'", "basis='localtime'"],
    ["a description that says nothing", /<description>.*<\/description>/, ""],
    ["a description that says more", "clock-offset=-137<", "clock-offset=-137; the user's laptop<"],
])("a Workstation with %s", (_, from, to) => {
    expect(findings(change(xml("workstation"), from, to), "workstation").length).toBeGreaterThan(0);
});

test("a Gateway whose clock is off, or that is described", () => {
    expect(
        findings(
            change(
                xml("gateway"),
                "<clock offset='utc'>",
                "<clock offset='variable' adjustment='-137' basis='utc'>",
            ),
            "gateway",
        ).length,
    ).toBeGreaterThan(0);
    expect(
        findings(
            change(xml("gateway"), "<memory ", "<description>clock-offset=1</description><memory "),
            "gateway",
        ).length,
    ).toBeGreaterThan(0);
});

test("what can't be read is a finding", () => {
    for (const text of ["", "nonsense", "<domain>", "<network/>", "<domain type='kvm'/>"]) {
        expect(findings(text, "gateway").length).toBeGreaterThan(0);
    }
    expect(findings(`${xml("gateway")}<domain/>`, "gateway").length).toBeGreaterThan(0);
});

test("no element or attribute can be added anywhere unseen", () => {
    const text = xml("workstation");
    const ends = [...text.matchAll(/<\/(?!domain>)[a-z-]+>/gi)].map((m) => m.index);
    const tags = [...text.matchAll(/<[a-z][\w-]*/gi)].map((m) => m.index + m[0].length);
    fc.assert(
        fc.property(fc.nat(ends.length - 1), fc.constantFrom("channel", "graphics", "x"), (n, name) => {
            const at = ends[n] ?? 0;
            expect(
                findings(`${text.slice(0, at)}<${name}/>${text.slice(at)}`, "workstation").length,
            ).toBeGreaterThan(0);
        }),
    );
    fc.assert(
        fc.property(fc.nat(tags.length - 1), (n) => {
            const at = tags[n] ?? 0;
            expect(
                findings(`${text.slice(0, at)} surprise='1'${text.slice(at)}`, "workstation").length,
            ).toBeGreaterThan(0);
        }),
    );
});
