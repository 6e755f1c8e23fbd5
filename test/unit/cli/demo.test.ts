import { type DemoResult, demoResult, demoTable } from "../../../cli/demo/result";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { demoPaths, demoSession } from "../../../cli/demo/paths";
import { demoUp, leftInLab, isNews } from "../../../cli/demo/up";
import { planOf } from "../../../cli/live/lab-stack-config";
import type { Fetched } from "../../../cli/live/fetch";
import { acquireLock } from "../../../lab/lock";
import { resolveLab } from "../../../lab/paths";
import type { LeakVerdict } from "../../../capture/leak";
import { fakeVirsh } from "../../support/fake-virsh";

test.each([
    ["@ updating.....", false],
    ["", false],
    [" +  libvirt:index:Network n creating (0s) ", false],
    [" +  libvirt:index:Network n created (4s) ", true],
    [" +  command:local:Command r creating (2s) gw: bootstrap 45 %", true],
    [" +  libvirt:index:Domain d creating (0s) error: no", true],
])("of %j people hear: %s", (line, told) => {
    expect(isNews(line)).toBe(told);
});

const fetched: Fetched = {
    way: "TransPort",
    ok: true,
    detail: "hello",
    seenFrom: ["203.0.113.21"],
    exits: ["exit1"],
    anonymous: true,
};
const leaks: LeakVerdict = {
    ok: true,
    frames: 240,
    allowed: { arp: 4, fromGateway: 118, toGateway: 118 },
    findings: [],
    problems: [],
};
const result = (f: Partial<Fetched> = {}, l: Partial<LeakVerdict> = {}): DemoResult =>
    demoResult({
        phases: [{ name: "pulumi up", seconds: 31.24 }],
        fetched: [{ ...fetched, ...f }],
        leaks: { ...leaks, ...l },
        uri: "u",
        memory: [{ domain: "gw", guestMiB: 256, residentMiB: 410 }],
        domains: { gateway: "gw", workstations: ["ws"] },
    });

test("all well", () => {
    const r = result();
    expect(r.ok).toBe(true);
    expect(
        demoTable(r)
            .split("\n")
            .map((line) => line.trim().replace(/ {2,}/, ": ")),
    ).toEqual([
        "Page through TransPort: the web server saw 203.0.113.21 (exit1)",
        "Leaks on the Gateway's external link: 0 of 240 frames",
        "pulumi up: 31.2 s",
        "Memory of gw: 256 MiB RAM, QEMU 410 MiB",
    ]);
});

test.each([
    ["no page", { ok: false, detail: "curl: (7)" }, /curl: \(7\)/],
    [
        "a page that the server saw from elsewhere",
        { seenFrom: ["192.0.2.2"], exits: [], anonymous: false },
        /192\.0\.2\.2 \(no exit\)/,
    ],
    ["a page that the server did not see", { seenFrom: [], exits: [], anonymous: false }, /saw no client/],
])("%s fails", (_, part, detail) => {
    const r = result(part);
    expect(r.ok).toBe(false);
    expect(r.checks[0]).toMatchObject({ status: "fail", detail: expect.stringMatching(detail) });
});

test("a leak or a ambiguous capture fails", () => {
    const finding = { index: 7, time: 1, summary: "UDP a > b", reason: "only TCP" };
    expect(result({}, { ok: false, findings: [finding] }).checks[1]).toMatchObject({
        status: "fail",
        detail: "1 of 240 frames; frame 7: UDP a > b: only TCP",
    });
    expect(result({}, { ok: false, problems: ["nothing was captured"] })).toMatchObject({ ok: false });
    expect(demoTable(result({}, { ok: false, problems: ["nothing was captured"] }))).toContain(
        "FAIL: 0 of 240 frames; nothing was captured",
    );
});

describe("what an earlier demo left in the lab", () => {
    const answer = fakeVirsh();
    const P = "sallyport-demo";
    const NONE = {
        "list --all --name": "",
        "net-list --all --name": "",
        "nwfilter-list": "",
        "pool-list --all --name": "",
        "pool-list --name": "",
        [`pool-start ${P}-image`]: "",
    };
    const left = (more: Readonly<Record<string, string>>): Promise<string[]> => {
        answer({ ...NONE, ...more }, 'echo "error: $*" >&2; exit 1');
        return leftInLab(planOf("demo", {}));
    };

    test.each([
        ["domain", { "list --all --name": `echo ${P}-default-gateway` }, `${P}-default-gateway`],
        ["network", { "net-list --all --name": `echo ${P}-default-external` }, `${P}-default-external`],
        ["filter", { "nwfilter-list": `echo 'c9f0 ${P}-default-isolated'` }, `${P}-default-isolated`],
        ["pool", { "pool-list --all --name": `echo ${P}-image` }, `${P}-image`],
        [
            "network that demos of other versions made",
            { "net-list --all --name": `echo ${P}-old-external` },
            `${P}-old-external`,
        ],
    ])("a %s alone is seen", async (kind, more, name) => {
        expect(await left(more)).toEqual([`${kind.split(" ")[0] ?? ""} ${name}`]);
    });

    test("nothing, and what is others'", async () => {
        expect(
            await left({
                "net-list --all --name": "echo default",
                "list --all --name": "echo sallyport-other-default-gateway",
            }),
        ).toEqual([]);
    });

    test("a libvirt that does not answer is no empty lab", async () => {
        await expect(left({ "net-list --all --name": "exit 1" })).rejects.toThrow(/net-list/);
    });
});

test("a demo that fails leaves no earlier result", async () => {
    const folder = mkdtempSync(join(tmpdir(), "demo-"));
    const before = process.env["SALLYPORT_LAB_DIR"];
    process.env["SALLYPORT_LAB_DIR"] = folder;
    const unlock = acquireLock(resolveLab().lock, "start"); // so that it fails at once
    try {
        const { json } = demoPaths();
        writeFileSync(json, JSON.stringify({ ok: true }));
        await expect(demoUp(() => undefined, new AbortController().signal)).rejects.toThrow();
        expect(existsSync(json)).toBe(false);
    } finally {
        unlock();
        if (before === undefined) {
            delete process.env["SALLYPORT_LAB_DIR"];
        } else {
            process.env["SALLYPORT_LAB_DIR"] = before;
        }
        rmSync(folder, { recursive: true });
    }
});

test("demos in two labs share no stack and no settings; the project's own is called demo", () => {
    const before = process.env["SALLYPORT_LAB_DIR"];
    const settings = (dir: string): string => {
        process.env["SALLYPORT_LAB_DIR"] = dir;
        return demoSession().settingsFile;
    };
    try {
        const [own, one, other] = ["", "/tmp/one", "/tmp/other"].map((dir) => basename(settings(dir)));
        expect(own).toBe("Pulumi.demo.yaml");
        expect([one, other]).toEqual([
            expect.stringMatching(/^Pulumi\.demo-[0-9a-f]{6}\.yaml$/),
            expect.stringMatching(/^Pulumi\.demo-[0-9a-f]{6}\.yaml$/),
        ]);
        expect(one).not.toBe(other);
    } finally {
        if (before === undefined) {
            delete process.env["SALLYPORT_LAB_DIR"];
        } else {
            process.env["SALLYPORT_LAB_DIR"] = before;
        }
    }
});
