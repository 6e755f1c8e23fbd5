import { statusFiles } from "../../../cli/clear-status";
import { classify, complaint, virshAt, virshFix } from "../../../libvirt/virsh";
import { askVirsh } from "../../../components/leftovers";
import { fakeVirsh } from "./fake-virsh";

test.each([
    [
        "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/x': No such file or directory",
        "refused",
    ],
    [
        "error: failed to get domain 'x'\nerror: Domain not found: no domain with matching name 'x'",
        "no-domain",
    ],
    ["error: failed to get domain 'x'", "error"],
    ["error: failed to get domain 'x'\nerror: Disconnected from qemu:///system due to end of file", "lost"],
    ["error: failed to get pool 'x'\nerror: Cannot recv data: Connection reset by peer", "lost"],
    [
        "error: failed to get vol 'x'\nerror: Storage volume not found: x\nerror: End of file while reading data: Input/output error",
        "lost",
    ],
    ["error: failed to get vol 'x'", "error"],
    [
        "error: failed to get pool 'x'\nerror: Storage pool not found: no storage pool with matching name 'x'",
        "no-pool",
    ],
    [
        "error: failed to get vol 'x'\nerror: Storage volume not found: no storage vol with matching path 'x'",
        "no-volume",
    ],
    [
        "error: Disconnected from qemu:///system due to end of file\nerror: End of file while reading data: Input/output error",
        "lost",
    ],
    ["error: internal error: something", "error"],
    ["", "error"],
])("%j is sorted", (stderr, outcome) => {
    expect(classify(stderr)).toBe(outcome);
});

test("complaints become one line", () => {
    expect(complaint("error: a\nwarning: w\nerror: b\n\nerror: a\n")).toBe("a: b");
    expect(complaint("something else\n")).toBe("something else");
});

test("a socket that is not there is refused, with the fix", async () => {
    const uri = "qemu:///system?socket=/nonexistent/libvirt-sock";
    const result = await virshAt(uri)(["version"]);
    expect(result).toMatchObject({
        outcome: "refused",
        message: expect.stringContaining("/nonexistent/libvirt-sock"),
    });
    expect(virshFix(result.outcome, uri)).toContain(uri);
}, 30_000);

test("virsh's own test driver answers", async () => {
    const virsh = virshAt("test:///default");
    expect(await virsh(["domstate", "test"])).toEqual({ outcome: "ok", stdout: "running", message: "" });
    expect((await virsh(["domstate", "nobody"])).outcome).toBe("no-domain");
    expect((await virsh(["pool-refresh", "nobody"])).outcome).toBe("no-pool");
    expect((await virsh(["vol-delete", "--pool", "default-pool", "nobody"])).outcome).toBe("no-volume");
}, 30_000);

describe("a domain that virsh did not get", () => {
    const answer = fakeVirsh();

    test.each([
        ["libvirt lists others", "echo other; echo gwx", "no-domain"],
        ["libvirt lists it", "echo other; echo gw", "error"],
        [
            "the connection is lost",
            "echo 'error: Cannot recv data: Connection reset by peer' >&2; exit 1",
            "lost",
        ],
        ["libvirt does not answer", "exec sleep 5", "time-out"],
    ] as const)("%s", async (_, list, outcome) => {
        answer({ "list --all --name": list }, "echo \"error: failed to get domain 'gw'\" >&2; exit 1");
        expect((await virshAt("test:///x")(["domstate", "gw"], 1_000)).outcome).toBe(outcome);
    });
});

describe("a host's sshd that turns the first comer away", () => {
    const answer = fakeVirsh();
    const turnedAway =
        "echo 'error: failed to connect to the hypervisor' >&2; echo 'error: Cannot recv data: kex_exchange_identification: Connection closed by remote host: Connection reset by peer' >&2; exit 1";
    const once = (then: string): string =>
        `if [ -e asked ]; then ${then}; else touch asked; ${turnedAway}; fi`;

    test("is asked once more", async () => {
        answer({}, once("echo running"));
        expect(await virshAt("test:///x")(["domstate", "gw"])).toMatchObject({
            outcome: "ok",
            stdout: "running",
        });
        const ask = askVirsh("test:///x");
        answer({}, once("echo paused").replaceAll("asked", "asked-2"));
        await expect(ask(["domstate", "gw"])).resolves.toBe("paused\n");
    });
    test("and no more than that", async () => {
        answer({}, turnedAway);
        expect((await virshAt("test:///x")(["domstate", "gw"])).outcome).toBe("refused");
        await expect(askVirsh("test:///x")(["domstate", "gw"])).rejects.toThrow(
            /did not answer.*kex_exchange_identification/,
        );
    });
    test("one that does not know the key is asked once: it counts who fails", async () => {
        answer(
            {},
            "if [ -e asked ]; then echo running; else touch asked; echo 'error: failed to connect to the hypervisor' >&2; echo 'error: Cannot recv data: Permission denied (publickey).: Connection reset by peer' >&2; exit 1; fi",
        );
        expect((await virshAt("test:///x")(["domstate", "gw"])).outcome).toBe("refused");
    });
});

test("status files are the volume and its rotations, nothing else", () => {
    expect(
        statusFiles(
            ["gw.status", "gw.status.0", "gw.status.12", "gw.status.old", "gw.status.", "xgw.status", ""],
            "gw.status",
        ),
    ).toEqual(["gw.status", "gw.status.0", "gw.status.12"]);
});
