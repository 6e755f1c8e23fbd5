import { fakeVirsh } from "../cli/fake-virsh";
import { requireLibvirt } from "../../../components/reach-libvirt";

const URI = "qemu+ssh://user@host/system";
const UUID = "4c4c4544-0042-3510-8052-b4c04f4e3232";
const said = (complaint: string): string => {
    try {
        requireLibvirt(URI, () => ({ complaint }));
    } catch (error) {
        return (error as Error).message;
    }
    return "";
};

it("tells which host answers", () => {
    expect(requireLibvirt(URI, () => ({ capabilities: `<capabilities>\n\n  <host>\n    <uuid>${UUID}</uuid>\n    <cpu>` }))).toBe(`${UUID}/system`);
});

it("refuses a libvirt that can't be told from others, with what to do there", () => {
    expect(() => requireLibvirt(URI, () => ({ capabilities: "<capabilities>\n  <host>\n    <cpu>" })))
        .toThrow(/sallyport:uri: got "qemu\+ssh:\/\/user@host\/system"; allowed: the URI of a libvirt that can be told from others; of this one: its libvirt names no UUID of its host; way out: host_uuid = .* in \/etc\/libvirt\/libvirtd\.conf/);
});

it.each([
    ["failed to connect to the hypervisor: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory", /start libvirt on that host/],
    ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", /join the group/],
    ["authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'", /join the group/],
    ["Cannot recv data: Host key verification failed.: Connection reset by peer", /make `ssh` to that host work/],
    ["Cannot recv data: user@host: Permission denied (publickey).: Connection reset by peer", /make `ssh` to that host work/],
    ["it did not answer within 20 s", /check that libvirt runs there/],
])("tells the complaint and what to do: %s", (complaint, fix) => {
    expect(said(complaint)).toContain(`sallyport:uri: got "${URI}"; allowed: the URI of a libvirt that answers; this one: ${complaint}; way out: `);
    expect(said(complaint)).toMatch(fix);
    expect(said(complaint)).toMatch(/until this works: virsh -c qemu\+ssh:\/\/user@host\/system uri$/);
});

describe("asked by virsh", () => {
    const answers = fakeVirsh();
    it("whatever is there", () => {
        answers({ [`${URI} capabilities`]: `echo "<capabilities><host><uuid>${UUID}</uuid>"` }, "exit 1");
        expect(requireLibvirt(URI)).toBe(`${UUID}/system`);
    });
});

it("asks by virsh, whatever is there", () => {
    // libvirt's own driver for tests is no host.
    expect(() => requireLibvirt("test:///default")).toThrow(/its libvirt names no UUID of its host/);
    expect(() => requireLibvirt("qemu:///system?socket=/nonexistent/libvirt-sock")).toThrow(/Failed to connect socket to '\/nonexistent\/libvirt-sock': No such file or directory; way out: start libvirt on that host.*virsh -c 'qemu:\/\/\/system\?socket=\/nonexistent\/libvirt-sock' uri/);
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
        expect(() => requireLibvirt("test:///default")).toThrow(/virsh ENOENT; way out/);
    } finally {
        process.env["PATH"] = path;
    }
});
