import { statusFiles } from "../../../cli/clear-status";
import { askVirsh, openConsole, virshAt, virshLine, virshSync } from "../../../libvirt/client";
import { classify, complaint, virshFix, wholeComplaint } from "../../../libvirt/errors";
import { fakeVirsh } from "../../support/fake-virsh";

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
        "error: failed to get network 'x'\nerror: Network not found: no network with matching name 'x'",
        "no-network",
    ],
    ["error: failed to get network 'x'\nerror: Cannot recv data: Connection reset by peer", "lost"],
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
    // ssh's part goes on in lines of its own.
    expect(wholeComplaint("error: Cannot recv data: @@@\r\nHost key changed.\nfailed\n")).toBe(
        "Cannot recv data: @@@: Host key changed.: failed",
    );
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
        await expect(ask(["domstate", "gw"])).resolves.toBe("paused");
    });
    test("and no more than that", async () => {
        answer({}, turnedAway);
        expect((await virshAt("test:///x")(["domstate", "gw"])).outcome).toBe("refused");
        await expect(askVirsh("test:///x")(["domstate", "gw"])).rejects.toThrow(
            /^virsh domstate gw at test:.*kex_exchange_identification.*; fix: check that libvirtd runs/,
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

describe("one result, however virsh is called", () => {
    const answer = fakeVirsh();
    const both = async (args: readonly string[], limitMs: number): Promise<unknown[]> => [
        await virshAt("test:///x")(args, limitMs),
        virshSync("test:///x", args, limitMs),
    ];
    test.each<[string, string, object]>([
        ["an answer", "echo a; echo warning >&2", { outcome: "ok", stdout: "a", stderr: "warning\n" }],
        [
            "a refusal",
            "echo part; echo 'error: no' >&2; exit 1",
            { outcome: "error", message: "no", stdout: "part" },
        ],
        ["not a word", "exit 3", { outcome: "error", message: expect.stringContaining("virsh") }],
        ["a death", "kill -PIPE $$", { outcome: "error", message: "virsh version was ended by SIGPIPE" }],
        [
            "no end",
            "exec sleep 60",
            { outcome: "time-out", message: "virsh version had no answer within 1 s" },
        ],
        ["a death of its own at SIGKILL", "kill -KILL $$", { message: "virsh version was ended by SIGKILL" }],
    ])("%s", async (_, script, expected) => {
        answer({}, script);
        const [later, now] = await both(["version"], 1_000);
        expect(later).toMatchObject(expected);
        expect(now).toMatchObject(expected);
    });
    test("no virsh", async () => {
        const path = process.env["PATH"];
        process.env["PATH"] = "/nonexistent";
        const missing = { outcome: "missing", stdout: "", message: "virsh is not installed" };
        try {
            expect(await both(["version"], 1_000)).toEqual([missing, missing]);
            expect(await openConsole("test:///x", "gw")).toBe("missing");
        } finally {
            process.env["PATH"] = path;
        }
    });
    test("the caller's signal ends it", async () => {
        answer({}, "exec sleep 60");
        const ended = virshAt("test:///x")(["version"], 60_000, AbortSignal.abort());
        expect((await ended).outcome).toBe("error");
    });
    test("never more than four at a time in one process", async () => {
        answer({}, "mkdir one.$$; ls -d one.* | wc -l; sleep 0.2; rmdir one.$$");
        const virsh = virshAt("test:///x");
        const counts = await Promise.all(Array.from({ length: 12 }, () => virsh(["version"])));
        expect(Math.max(...counts.map(({ stdout }) => Number(stdout)))).toBeLessThanOrEqual(4);
    });
    test("a line for people and shells is quoted", () => {
        expect(virshLine("qemu:///system?socket=/x", "undefine", "it's")).toBe(
            "virsh -c 'qemu:///system?socket=/x' undefine 'it'\\''s'",
        );
    });
});

test("hooks: what is absent is no answer, anything else throws with its fix", async () => {
    const ask = askVirsh("test:///default");
    await expect(ask(["domstate", "test"])).resolves.toBe("running");
    for (const args of [
        ["domstate", "nobody"],
        ["net-info", "nobody"],
        ["pool-info", "nobody"],
        ["vol-info", "--pool", "default-pool", "nobody"],
    ]) {
        await expect(ask(args)).resolves.toBeUndefined();
    }
    await expect(ask(["nonsense"])).rejects.toThrow(
        /^virsh nonsense at test:.*unknown command.*; fix: look at it/,
    );
}, 30_000);

test("status files are the volume, its rotations and the host's word, nothing else", () => {
    expect(
        statusFiles(
            [
                "gw.status",
                "gw.status.0",
                "gw.status.12",
                "gw.status.host",
                "gw.status.old",
                "gw.status.",
                "xgw.status",
                "",
            ],
            "gw.status",
        ),
    ).toEqual(["gw.status", "gw.status.0", "gw.status.12", "gw.status.host"]);
});
