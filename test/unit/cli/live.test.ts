import {
    readFileSync,
    rmSync,
    mkdtempSync,
    statSync,
    writeFileSync,
    chmodSync,
    mkdirSync,
    existsSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { seenBy } from "../../../cli/live/fetch";
import { labStackConfig, planOf } from "../../../cli/live/lab-stack-config";
import { linkMac, miscounted, tooLate } from "../../../cli/live/leak-watch";
import { guestMemory, parseMemory } from "../../../cli/live/memory";
import { runToEnd, start } from "../../../cli/live/process";
import { StackSession } from "../../../cli/live/stack-session";
import type { LabInfo } from "../../../lab/info";

const authority = `auth1 orport=5000 no-v2 v3ident=${"A".repeat(40)} 203.0.113.11:7000 ${"B".repeat(40)}`;
const lab: LabInfo = {
    uri: "qemu:///system?socket=/x/libvirt-sock",
    virt: "qemu",
    poolRoot: "/x/pools",
    namespaces: { host: "h", internet: "i" },
    torNetwork: { dirAuthorities: [authority] },
    relays: [{ nickname: "exit1", address: "203.0.113.21", orPort: 5000, kind: "exit" }],
    web: {
        url: "http://198.51.100.80/",
        address: "198.51.100.80",
        hostname: "web.example.test",
        log: "/x/web.jsonl",
    },
    startedAt: "2026-01-01T00:00:00Z",
};

test("the lab's settings are a valid configuration of the lab", () => {
    const plan = planOf("demo", labStackConfig(lab));
    expect(plan).toMatchObject({ uri: lab.uri, virt: { type: "qemu" }, prefix: "sallyport-demo" });
    expect(plan.imagePool.path.startsWith("/x/pools/")).toBe(true);
    expect(plan.enclaves[0]?.torNetwork).toEqual({ dirAuthorities: [authority] });
});

test("a page is seen from those who asked for that very path", () => {
    const log = [
        { kind: "http", src: "1", path: "/a" },
        { kind: "dns", src: "2", path: "/a" },
        { kind: "http", src: "3", path: "/ab" },
    ];
    expect(seenBy(log, "/a")).toEqual(["1"]);
    expect(seenBy(log, "/c")).toEqual([]);
});

test("the bridge's MAC comes from the link or not at all", () => {
    expect(linkMac('[{"ifname":"b","address":"52:54:00:01:02:03"}]')).toBe("52:54:00:01:02:03");
    for (const other of ["", "[]", "[{}]", '[{"ifname":"b"}]', '[{"address":"x"}]']) {
        expect(() => linkMac(other)).toThrow("has no MAC");
    }
});

test.each([
    ["no-domain", "", "", undefined],
    ["ok", "shut off\n", "", undefined],
    ["ok", "running\n", "", "the capture began when the Gateway was already running"],
    ["ok", "paused", "", "the capture began when the Gateway was already paused"],
    ["ok", "", "", "the capture began when the Gateway was already "],
    [
        "error",
        "",
        "failed to get domain 'gw'",
        "whether the capture began before the Gateway's power-on is not known: failed to get domain 'gw'",
    ],
    [
        "lost",
        "shut off",
        "Cannot recv data",
        "whether the capture began before the Gateway's power-on is not known: Cannot recv data",
    ],
    [
        "time-out",
        "",
        "no answer",
        "whether the capture began before the Gateway's power-on is not known: no answer",
    ],
    ["no-pool", "", "odd", "whether the capture began before the Gateway's power-on is not known: odd"],
] as const)(
    "a capture is in time only when the Gateway is known to be off: %s %j",
    async (outcome, stdout, message, problem) => {
        const asked: string[][] = [];
        const late = await tooLate((args) => {
            asked.push([...args]);
            return Promise.resolve({ outcome, stdout, message });
        }, "gw");
        expect(late).toBe(problem);
        expect(asked).toEqual([["domstate", "gw"]]);
    },
);

test("a capture counts what is in its file, and nothing waited when it ended", () => {
    const counters = { file: "/x", captured: 7, receivedByFilter: 9, droppedByKernel: 0, unwritten: 0 };
    expect(miscounted(counters, 7)).toEqual([]); // two came after the last look
    expect(miscounted(counters, 6)).toEqual([expect.stringContaining("holds 6 frames, 7 were captured")]);
    expect(miscounted({ ...counters, unwritten: 2 }, 7)).toEqual([
        expect.stringContaining("2 frames that came before"),
    ]);
});

test("memory numbers by name", () => {
    expect([
        guestMemory("Id:  1\nMax memory:     262144 KiB\nUsed memory:    262144 KiB\n"),
        guestMemory(""),
    ]).toEqual([262144, undefined]);
    expect([...parseMemory("actual 262144\nlast_update 0\n\nrss 412345\nnonsense\n")]).toEqual([
        ["actual", 262144],
        ["last_update", 0],
        ["rss", 412345],
    ]);
});

describe("processes", () => {
    const bash = (script: string, timeoutSeconds = 30): ReturnType<typeof start> =>
        start("bash", ["-c", script], { cwd: "/", timeoutSeconds });

    test("both streams, exit status, lines as they come", async () => {
        const lines: string[] = [];
        const result = await runToEnd("bash", ["-c", "echo a; echo b >&2; exit 3"], {
            cwd: "/",
            timeoutSeconds: 30,
            onLine: (l) => lines.push(l),
        });
        expect(result).toMatchObject({ exitCode: 3, timedOut: false });
        expect(result.output.split("\n").sort()).toEqual(["a", "b"]);
        expect(lines.sort()).toEqual(["a", "b"]);
    });

    test("a program that is not there", async () => {
        expect(await runToEnd("/nonexistent", [], { cwd: "/", timeoutSeconds: 5 })).toMatchObject({
            exitCode: undefined,
            output: expect.stringContaining("does not exist"),
        });
    });

    test("the limit ends it, and what it left behind in another session too", async () => {
        const run = bash("setsid sleep 300 & echo $!; exec sleep 300", 1);
        const result = await run.result;
        expect(result.timedOut).toBe(true);
        expect(run.pids()).toEqual([]);
    }, 60_000);

    test("orphans do not outlive a program that ended by itself", async () => {
        const run = bash("setsid sleep 300 & exit 0");
        expect(await run.result).toMatchObject({ exitCode: 0, timedOut: false });
        expect(run.pids()).toEqual([]);
    }, 60_000);

    test("all of it can be killed at once", async () => {
        let ready: () => void = () => undefined;
        const up = new Promise<void>((resolve) => (ready = resolve));
        const run = start(
            "bash",
            ["-c", "sleep 300 & setsid bash -c 'echo up; sleep 300; true' & wait; true"],
            { cwd: "/", timeoutSeconds: 60, onLine: () => ready() },
        );
        await up;
        expect(run.killAll()).toBeGreaterThanOrEqual(2);
        expect((await run.result).exitCode).toBeUndefined();
    }, 60_000);
});

describe("stack session", () => {
    let root: string;
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "sallyport-session-"));
        mkdirSync(join(root, "bin"));
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));
    const pulumi = (script: string): StackSession => {
        writeFileSync(join(root, "bin", "pulumi"), `#!/bin/bash\n${script}\n`);
        chmodSync(join(root, "bin", "pulumi"), 0o755);
        return new StackSession({ root, stack: "s1", home: join(root, "home") });
    };

    test("keeps state and a private passphrase in its home, and forgets all of it", async () => {
        const session = pulumi('echo "$@"; echo "$PULUMI_BACKEND_URL $PULUMI_CONFIG_PASSPHRASE_FILE"');
        await session.init({ uri: "u", list: [{ a: 1 }] });
        expect(statSync(join(root, "home", "passphrase")).mode & 0o777).toBe(0o600);
        expect(statSync(join(root, "home", "state")).mode & 0o777).toBe(0o700);
        expect(parse(readFileSync(session.settingsFile, "utf8"))).toEqual({
            config: {
                "sallyport:allowDataLoss": ["default/gateway", "default/ws1"],
                "sallyport:uri": "u",
                "sallyport:list": [{ a: 1 }],
            },
        });
        // What was declared before may go as well.
        session.configure({ enclaves: [{ name: "red" }] });
        expect(parse(readFileSync(session.settingsFile, "utf8"))).toMatchObject({
            config: {
                "sallyport:allowDataLoss": ["default/gateway", "default/ws1", "red/gateway", "red/ws1"],
            },
        });
        expect(await session.must(["up"], { timeoutSeconds: 30 })).toBe(
            `up --stack s1 --non-interactive --color never\nfile://${root}/home/state?metadata=skip ${root}/home/passphrase`,
        );
        session.forget();
        expect([session.settingsFile, join(root, "home")].some((path) => existsSync(path))).toBe(false);
    });

    test("a failure and a time-out are told with the last lines", async () => {
        await expect(pulumi("echo 'error: no'; exit 1").must(["up"], { timeoutSeconds: 30 })).rejects.toThrow(
            "pulumi up failed: error: no",
        );
        await expect(
            pulumi("echo waiting; exec sleep 60").must(["up"], { timeoutSeconds: 1 }),
        ).rejects.toThrow("pulumi up did not end within 1 s; it last said: waiting");
    }, 60_000);
});
