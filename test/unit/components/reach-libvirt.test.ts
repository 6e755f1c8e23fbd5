import { knockByVirsh, requireLibvirt } from "../../../components/reach-libvirt";

const URI = "qemu+ssh://user@host/system";
const complaintOf = (knock: (uri: string) => string | undefined, uri = URI): string => {
    try {
        requireLibvirt(uri, knock);
    } catch (error) {
        return (error as Error).message;
    }
    return "";
};

it("says nothing of a libvirt that answers", () => {
    expect(() => requireLibvirt(URI, () => undefined)).not.toThrow();
});

it.each([
    ["failed to connect to the hypervisor: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory", /start libvirt on that host/],
    ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", /join the group/],
    ["authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'", /join the group/],
    ["Cannot recv data: Host key verification failed.: Connection reset by peer", /make `ssh` to that host work/],
    ["Cannot recv data: user@host: Permission denied (publickey).: Connection reset by peer", /make `ssh` to that host work/],
    ["Cannot recv data: ssh: connect to host 192.0.2.1 port 2222: Connection refused: Connection reset by peer", /make `ssh` to that host work/],
    ["Cannot recv data: sh: 1: nc: not found: Connection reset by peer", /install nc/],
    ["it did not answer within 20 s", /check that libvirt runs there/],
])("tells the complaint and what to do: %s", (complaint, fix) => {
    const said = complaintOf(() => complaint);
    expect(said).toContain(`sallyport:uri: got "${URI}"; allowed: the URI of a libvirt that answers; this one: ${complaint}; way out: `);
    expect(said).toMatch(fix);
    expect(said).toMatch(/until this works: virsh -c 'qemu\+ssh:\/\/user@host\/system\?no_tty=1' uri$/);
});

it("asks without a terminal over ssh, where ssh could ask a question, and nowhere else", () => {
    const asked: string[] = [];
    for (const uri of [URI, `${URI}?keyfile=/k`, `${URI}?no_tty=1`, "qemu:///system?socket=/x"]) {
        complaintOf((at) => void asked.push(at), uri);
    }
    expect(asked).toEqual([`${URI}?no_tty=1`, `${URI}?keyfile=/k&no_tty=1`, `${URI}?no_tty=1`, "qemu:///system?socket=/x"]);
});

it("asks by virsh, whatever is there", () => {
    expect(knockByVirsh("test:///default")).toBeUndefined();
    expect(() => requireLibvirt("qemu:///system?socket=/nonexistent/libvirt-sock")).toThrow(/Failed to connect socket to '\/nonexistent\/libvirt-sock': No such file or directory; way out: start libvirt on that host.*virsh -c 'qemu:\/\/\/system\?socket=\/nonexistent\/libvirt-sock' uri/);
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
        expect(knockByVirsh("test:///default")).toMatch(/virsh ENOENT/);
    } finally {
        process.env["PATH"] = path;
    }
});
