import { anotherHost, hostIdentity } from "../../../values/host-identity";

const [A, B] = ["4c4c4544-0042-3510-8052-b4c04f4e3232", "0f1e2d3c-4b5a-4968-8777-665544332211"];
/** As libvirt 9.0 writes it. */
const capabilities = (uuid: string): string =>
    `<capabilities>\n\n  <host>\n    <uuid>${uuid}</uuid>\n    <cpu>\n      ` +
    `<arch>x86_64</arch>\n    </cpu>\n  </host>\n\n</capabilities>\n`;
const hostAt = (uri: string, uuid = A): unknown => hostIdentity(uri, capabilities(uuid));

test.each([
    "qemu:///system",
    "qemu:///system?socket=/run/x/libvirt-sock",
    "qemu+ssh://user@host/system",
    "qemu+ssh://[2001:db8::1]:22/system?keyfile=/k#x",
    "qemu+unix:///system",
])("%s is the same host by whatever name", (uri) => {
    expect(hostAt(uri)).toEqual({ host: `${A}/system` });
});

test("a user's libvirt is another one than the system's", () => {
    expect(hostAt("qemu:///session")).toEqual({ host: `${A}/session` });
    const problem = anotherHost(`${A}/system`, `${A}/session`);
    expect(problem).toEqual({
        what: expect.stringContaining(`${A}/system, and this leads to host ${A}/session`),
        fix: expect.stringContaining("the system instance"),
    });
    expect(problem?.fix).not.toContain("host_uuid");
});

test.each([
    ["no UUID", "<capabilities>\n  <host>\n    <cpu/>"],
    ["nothing", ""],
    ["a page of something else", `<html><uuid>${A}</uuid></html>`],
    ["a guest's UUID", `<capabilities><host><cpu/></host><guest><uuid>${A}</uuid></guest></capabilities>`],
    ["half a UUID", capabilities(A.slice(0, 20))],
])("%s is no identity", (_, document) => {
    expect(hostIdentity("qemu:///system", document)).toEqual({
        what: "libvirt reports no host UUID",
        fix: expect.stringContaining("$(uuidgen) >>/etc/libvirt/libvirtd.conf && systemctl restart libvirtd"),
    });
});

test("a UUID that whole series of boards have is no identity", () => {
    expect(hostAt("qemu:///system", "03000200-0400-0500-0006-000700080009")).toEqual({
        what: expect.stringContaining("libvirt reports a placeholder host UUID (03000200-"),
        fix: expect.stringContaining("host_uuid"),
    });
});

test("a URI without an instance is none", () => {
    expect(hostAt("qemu://")).toEqual({
        what: expect.stringContaining("no instance"),
        fix: expect.stringContaining("/system"),
    });
    expect(hostAt("qemu:///?socket=/system")).toEqual({
        what: expect.stringContaining("no instance"),
        fix: expect.stringContaining("/system"),
    });
});

test("the same host is none to refuse; of another both are named, and the fix", () => {
    expect(anotherHost(`${A}/system`, `${A}/system`)).toBeUndefined();
    const problem = anotherHost(`${A}/system`, `${B}/system`);
    expect(problem?.what).toBe(
        `this stack's guests are on host ${A}/system, and this leads to host ${B}/system`,
    );
    expect(problem?.fix).toMatch(
        /set sallyport:uri to that host again.*destroy first.*makes up a UUID at each start/,
    );
    // The one that the state has, so that a host which lost it can be given it back.
    expect(problem?.fix).toContain(`${A} >>/etc/libvirt/libvirtd.conf`);
    expect(anotherHost("(unknown)", `${B}/system`)).toBeDefined();
});
