import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Role, domainFindings } from "../../../proof/live-domain";

/** Live XML of hardened domains, as libvirt 9.0 shows it. */
const xml = (role: Role): string => readFileSync(join(__dirname, "testdata", `${role}.xml`), "utf8");
const roles: Role[] = ["gateway", "workstation"];

/** Replace something that must be there, so that a test can't pass by changing nothing. */
function change(text: string, from: string | RegExp, to: string): string {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    return changed;
}
const withDevice = (role: Role, device: string): string => change(xml(role), "</devices>", `${device}</devices>`);

test.each(roles)("a hardened %s has no finding", (role) => {
    expect(domainFindings(xml(role), role)).toEqual([]);
});

test("one role's domain is not the other's", () => {
    expect(domainFindings(xml("gateway"), "workstation")).toContain("/domain/devices/interface: 2 of them, must be 1");
    expect(domainFindings(xml("workstation"), "gateway")).toContain("/domain/devices/interface/port is not allowed");
});

test("a NIC of a network that stands for a bridge of the host's is a Gateway's, and names the network", () => {
    const bridged = (role: Role): string => change(xml(role), /<interface type='network'>/, "<interface type='bridge'>");
    expect(domainFindings(bridged("gateway"), "gateway")).toEqual([]);
    expect(domainFindings(bridged("workstation"), "workstation")).toEqual(['/domain/devices/interface has type="bridge"']);
    expect(domainFindings(change(bridged("gateway"), / network='[^']*'/, ""), "gateway")).toEqual(["/domain/devices/interface/source has no network"]);
});

const DEVICES = [
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>", "<channel type='spicevmc'/>",
    "<graphics type='spice' port='5900'/>", "<graphics type='vnc'/>", "<video><model type='cirrus'/></video>", "<sound model='ich9'/>",
    "<hostdev mode='subsystem' type='usb'/>", "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>", "<redirdev bus='usb' type='spicevmc'/>",
    "<shmem name='x'/>", "<vsock model='virtio'><cid auto='yes'/></vsock>", "<tpm model='tpm-tis'/>", "<smartcard mode='host'/>", "<watchdog model='itco' action='reset'/>",
    "<panic model='isa'/>", "<input type='tablet' bus='usb'/>", "<controller type='virtio-serial' index='0'/>", "<controller type='usb' index='1' model='qemu-xhci'/>",
    "<memballoon model='virtio'/>", "<rng model='virtio'><backend model='egd' type='tcp'/></rng>", "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></serial>",
    "<parallel type='pty'/>", "<audio id='2' type='pulseaudio'/>", "<iommu model='intel'/>", "<memory model='dimm'/>", "<crypto model='virtio' type='qemu'/>", "<disk type='network' device='disk'/>",
    "<disk type='file' device='cdrom'><source file='/etc/passwd'/></disk>", "<disk type='block' device='disk'><source dev='/dev/sda'/></disk>",
    "<interface type='user'/>", "<interface type='bridge'><source bridge='br0'/></interface>", "<interface type='direct'/>", "<interface type='hostdev'/>",
    "<some-device-of-the-future/>",
];
test.each(roles.flatMap((role) => DEVICES.map((device) => [role, device] as const)))("%s with %s", (role, device) => {
    expect(domainFindings(withDevice(role, device), role).length).toBeGreaterThan(0);
});

const CHANGES: [string, string | RegExp, string][] = [
    ["host-passthrough", "mode='custom'", "mode='host-passthrough'"],
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
    ["USB model left out", "<controller type='usb' index='0' model='none'>", "<controller type='usb' index='0'>"],
    ["no statement on the balloon", "<memballoon model='none'/>", ""],
    ["a writable seed", "<readonly/>", ""],
    ["another NIC model", "<model type='virtio'/>", "<model type='e1000'/>"],
    ["a port forward", "<rom enabled='no'/>", "<rom enabled='no'/><portForward proto='tcp'/>"],
    ["restart after a crash", "<on_crash>destroy<", "<on_crash>restart<"],
    ["a raw command line", "<seclabel", "<qemu:commandline xmlns:qemu='x'><qemu:arg value='-s'/></qemu:commandline><seclabel"],
    ["no confinement", "<seclabel type='dynamic'", "<seclabel type='none'"],
    ["a loader", "<os>", "<os><loader>/x</loader>"],
    ["another emulator", "/usr/bin/qemu-system-x86_64", "/tmp/qemu-system-x86_64"],
];
test.each(roles.flatMap((role) => CHANGES.map(([name, from, to]) => [role, name, from, to] as const)))("%s with %s", (role, _, from, to) => {
    expect(domainFindings(change(xml(role), from, to), role).length).toBeGreaterThan(0);
});

test("a Workstation whose port is not isolated, or whose console is logged", () => {
    expect(domainFindings(change(xml("workstation"), "<port isolated='yes'/>", ""), "workstation"))
        .toContain("/domain/devices/interface/port: 0 of them, must be 1");
    const logged = change(xml("workstation"), "<serial type='pty'>", "<serial type='pty'><log file='/x.status' append='off'/>");
    expect(domainFindings(logged, "workstation")).toEqual(["/domain/devices/serial/log is not allowed"]);
});

test.each([
    ["the host's clock", "<clock offset='variable' adjustment='-137' basis='utc'>", "<clock offset='utc'>"],
    ["another offset than was drawn", "adjustment='-137'", "adjustment='0'"],
    ["an offset from local time", "basis='utc'", "basis='localtime'"],
    ["a description that says nothing", /<description>.*<\/description>/, ""],
    ["a description that says more", "clock-offset=-137<", "clock-offset=-137; the user's laptop<"],
])("a Workstation with %s", (_, from, to) => {
    expect(domainFindings(change(xml("workstation"), from, to), "workstation").length).toBeGreaterThan(0);
});

test("a Gateway whose clock is off, or that is described", () => {
    expect(domainFindings(change(xml("gateway"), "<clock offset='utc'>", "<clock offset='variable' adjustment='-137' basis='utc'>"), "gateway").length).toBeGreaterThan(0);
    expect(domainFindings(change(xml("gateway"), "<memory ", "<description>clock-offset=1</description><memory "), "gateway").length).toBeGreaterThan(0);
});

test("what can't be read is a finding", () => {
    for (const text of ["", "nonsense", "<domain>", "<network/>", "<domain type='kvm'/>"]) {
        expect(domainFindings(text, "gateway").length).toBeGreaterThan(0);
    }
    expect(domainFindings(`${xml("gateway")}<domain/>`, "gateway").length).toBeGreaterThan(0);
});

test("no element or attribute can be added anywhere unseen", () => {
    const text = xml("workstation");
    const ends = [...text.matchAll(/<\/(?!domain>)[a-z-]+>/gi)].map((m) => m.index);
    const tags = [...text.matchAll(/<[a-z][\w-]*/gi)].map((m) => m.index + m[0].length);
    fc.assert(fc.property(fc.nat(ends.length - 1), fc.constantFrom("channel", "graphics", "x"), (n, name) => {
        const at = ends[n] ?? 0;
        expect(domainFindings(`${text.slice(0, at)}<${name}/>${text.slice(at)}`, "workstation").length).toBeGreaterThan(0);
    }));
    fc.assert(fc.property(fc.nat(tags.length - 1), (n) => {
        const at = tags[n] ?? 0;
        expect(domainFindings(`${text.slice(0, at)} surprise='1'${text.slice(at)}`, "workstation").length).toBeGreaterThan(0);
    }));
});
