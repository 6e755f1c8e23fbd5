import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { VirshResult } from "../../../libvirt/client";
import type { Probe } from "../../../libvirt/provider-probe";
import { probeVirsh, requireLibvirt } from "../../../libvirt/probe";
import { fakeVirsh } from "../../support/fake-virsh";

const URI = "qemu+ssh://user@host/system";
const UUID = "4c4c4544-0042-3510-8052-b4c04f4e3232";
const ok = (stdout: string) => (): VirshResult => ({ outcome: "ok", stdout, message: "" });
const host = (uuid: string): (() => VirshResult) =>
    ok(`<capabilities>\n\n  <host>\n    <uuid>${uuid}</uuid>\n    <cpu>`);
const open = host(UUID);
const nameless = ok("<capabilities>\n  <host>\n    <cpu>");
const refused = (message: string) => (): VirshResult => ({ outcome: "refused", stdout: "", message });
const complaintOf = (probe: Probe, provider: () => VirshResult | undefined = open, uri = URI): string => {
    try {
        requireLibvirt(uri, probe, provider);
    } catch (error) {
        return (error as Error).message;
    }
    return "";
};

it("tells which host answers, where virsh and the provider reach it, or connect alike", () => {
    expect(requireLibvirt(URI, open, open)).toBe(`${UUID}/system`);
    expect(requireLibvirt(URI, open, () => undefined)).toBe(`${UUID}/system`);
});

it("refuses a URI that leads the two to two hosts", () => {
    const other = "4c4c4544-0042-3510-8052-000000000000";
    expect(complaintOf(open, host(other))).toContain(
        `virsh reaches host ${UUID}/system, the provider reaches host ${other}/system; fix: give the address`,
    );
});

it("refuses a libvirt that can't be told from others, to virsh or the provider, with what to do there", () => {
    for (const said of [complaintOf(nameless), complaintOf(open, nameless)]) {
        expect(said).toMatch(
            /sallyport:uri: got "qemu\+ssh:\/\/user@host\/system"; allowed: a libvirt that can be told from others; libvirt reports no host UUID; fix: on that host, as root: printf 'host_uuid = "%s".* >>\/etc\/libvirt\/libvirtd\.conf/,
        );
    }
});

it.each([
    [
        "failed to connect to the hypervisor: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
        /start libvirt on that host/,
    ],
    [
        "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
        /on host, whose group for libvirt is libvirt .*: sudo usermod -aG libvirt user, then log in there again/,
    ],
    [
        "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
        /sudo usermod -aG libvirt user,/,
    ],
    [
        "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Connection refused",
        /fix: start libvirt on that host/,
    ],
    ["End of file while reading data: Input/output error", /see why it hangs up: journalctl -u libvirtd/],
    [
        "Cannot recv data: Host key verification failed.: Connection reset by peer",
        /make `ssh` to that host work/,
    ],
    [
        "Cannot recv data: user@host: Permission denied (publickey).: Connection reset by peer",
        /make `ssh` to that host work/,
    ],
    [
        "Cannot recv data: ssh: connect to host 192.0.2.1 port 2222: Connection refused: Connection reset by peer",
        /make `ssh` to that host work/,
    ],
    ["Cannot recv data: sh: 1: nc: not found: Connection reset by peer", /install nc/],
    ["it did not answer within 20 s", /check that libvirt runs there/],
])("tells the complaint and what to do: %s", (complaint, fix) => {
    const said = complaintOf(refused(complaint));
    expect(said).toContain(
        `sallyport:uri: got "${URI}"; allowed: the URI of a libvirt that answers; this one: ${complaint}; fix: `,
    );
    expect(said).toMatch(fix);
    expect(said).toMatch(/until this works: virsh -c 'qemu\+ssh:\/\/user@host\/system\?no_tty=1' uri$/);
});

it.each([
    [
        "No ED25519 host key is known for 192.0.2.1 and you have requested strict checking.: Host key verification failed.",
        /known_hosts/,
    ],
    ["user@host: Permission denied (publickey).", /sshauth=privkey/],
    [
        "failed to connect to the hypervisor: End of file while reading data: Input/output error",
        /AllowStreamLocalForwarding yes/,
    ],
    [
        "failed to connect to the hypervisor: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
        /virtproxyd\.socket/,
    ],
    ["no connection within 30 s", /check that libvirt runs there/],
])("tells what shuts the provider out where virsh gets in: %s", (complaint, fix) => {
    const said = complaintOf(open, refused(complaint));
    expect(said).toContain(
        `sallyport:uri: got "${URI}"; allowed: a libvirt that virsh and the provider both reach; virsh reaches it, the provider does not: ${complaint}; fix: `,
    );
    expect(said.split("fix: ")[1]).toMatch(fix);
});

it("asks without a terminal over ssh, where ssh could ask a question, and nowhere else", () => {
    const asked: string[] = [];
    for (const uri of [URI, `${URI}?keyfile=/k`, `${URI}?no_tty=1`, "qemu:///system?socket=/x"]) {
        complaintOf(
            (at) => {
                asked.push(at);
                return open();
            },
            open,
            uri,
        );
    }
    expect(asked).toEqual([
        `${URI}?no_tty=1`,
        `${URI}?keyfile=/k&no_tty=1`,
        `${URI}?no_tty=1`,
        "qemu:///system?socket=/x",
    ]);
});

describe("asked by virsh", () => {
    const answers = fakeVirsh();
    it("which may die of a closed connection without a word", () => {
        answers({}, "kill -PIPE $$");
        expect(probeVirsh(URI)).toMatchObject({
            outcome: "error",
            message: "virsh capabilities was ended by SIGPIPE",
        });
    });
    it("for its capabilities", () => {
        answers(
            { [`${URI}?no_tty=1 capabilities`]: `echo "<capabilities><host><uuid>${UUID}</uuid>"` },
            "exit 1",
        );
        expect(requireLibvirt(URI, undefined, () => undefined)).toBe(`${UUID}/system`);
    });
});

it("asks by virsh, whatever is there", () => {
    expect(probeVirsh("test:///default")).toMatchObject({
        outcome: "ok",
        stdout: expect.stringContaining("<capabilities>") as unknown,
    });
    expect(() => requireLibvirt("qemu:///system?socket=/nonexistent/libvirt-sock")).toThrow(
        /Failed to connect socket to '\/nonexistent\/libvirt-sock': No such file or directory; fix: if an ssh forwards \/nonexistent\/libvirt-sock, end it and start it again: ssh -N .*start libvirt on that host.*virsh -c 'qemu:\/\/\/system\?socket=\/nonexistent\/libvirt-sock' uri/,
    );
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
        expect(probeVirsh("test:///default").outcome).toBe("missing");
    } finally {
        process.env["PATH"] = path;
    }
});

describe("a socket of this machine", () => {
    let folder: string;
    let socket: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sallyport-socket-"));
        socket = join(folder, "libvirt-sock");
        writeFileSync(socket, "");
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const said = (complaint: string): string =>
        complaintOf(refused(complaint), open, `qemu:///system?socket=${socket}`);
    const denied = (): string => said(`Failed to connect socket to '${socket}': Permission denied`);

    it("of another group: names the group, this user and the new login", () => {
        chownSync(socket, 0, 33);
        chmodSync(socket, 0o770);
        const group = execFileSync("getent", ["group", "33"], { encoding: "utf8" }).split(":")[0] ?? "";
        expect(denied()).toContain(
            `fix: on this machine: sudo usermod -aG ${group} ${userInfo().username}, then log in there again`,
        );
    });
    it("that a polkit is behind: the group is the other end's, and so is the user", () => {
        chmodSync(socket, 0o600);
        expect(
            said(
                "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
            ),
        ).toContain(
            `fix: on the host that ${socket} leads to, USER being the one of the ssh that forwards it: sudo usermod -aG libvirt USER, then`,
        );
    });
    it("that a polkit is behind, on this machine: the group, whatever the socket's mode is", () => {
        expect(complaintOf(refused("access denied by policy"), open, "qemu:///system")).toContain(
            `fix: on this machine: sudo usermod -aG libvirt ${userInfo().username}, then`,
        );
    });
    it("of one user alone: says so, and how to forward it oneself", () => {
        chmodSync(socket, 0o600);
        expect(denied()).toMatch(
            /libvirt-sock is for user \d+ alone: be that one, or start the ssh that forwards it as .*StreamLocalBindUnlink=yes/,
        );
    });
    it.each([
        ["Connection refused", false],
        ["End of file while reading data: Input/output error", true],
        ["Cannot recv data: Connection reset by peer", true],
        ["virsh was ended by SIGPIPE", true],
    ])(
        "at which nothing good listens (%s): the ssh that forwards it is to be started again",
        (complaint, hungUp) => {
            expect(said(complaint).includes("as a user of that host's group libvirt")).toBe(hungUp);
            expect(said(`Failed to connect socket to '${socket}': ${complaint}`)).toContain(
                `if an ssh forwards ${socket}, end it and start it again: ssh -N -o ExitOnForwardFailure=yes -o StreamLocalBindUnlink=yes`,
            );
        },
    );
});
