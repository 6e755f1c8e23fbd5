import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RELAYS, LOOPBACK_ADDRESSES, WEB } from "../../../lab/addresses";
import { bootSector, hasVirtualisationFlags } from "../../../lab/kvm";
import { hostUuid } from "../../../lab/libvirt";
import { libvirtdConf, QEMU_CONF, writeConf } from "../../../lab/libvirt-config";
import { poll } from "../../../lab/pause";
import { findProgram, missingTools, requireTools } from "../../../lab/preflight";
import { stopwatchProgress } from "../../../lab/progress";
import { bytes } from "../../../lab/services/web";
import { together } from "../../../lab/start";
import { readWebLog } from "../../../lab/weblog";

let dir = "";
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-small-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("everybody on the lab's internet has an address of his own, and all are documentation addresses", () => {
    expect(new Set(LOOPBACK_ADDRESSES).size).toBe(LOOPBACK_ADDRESSES.length);
    expect(LOOPBACK_ADDRESSES.every((address) => /^(203\.0\.113|198\.51\.100)\.\d+$/.test(address))).toBe(
        true,
    );
    expect(RELAYS.filter((relay) => relay.kind === "authority")).toHaveLength(3);
    expect(RELAYS.filter((relay) => relay.kind === "exit")).toHaveLength(4);
});

describe("KVM", () => {
    test.each([
        ["flags\t\t: fpu vmx sse", true],
        ["flags : svm", true],
        ["flags : fpu sse", false],
        ["vmx flags : fpu", false],
        ["", false],
    ])("%j: %s", (cpuinfo, there) => {
        expect(hasVirtualisationFlags(cpuinfo)).toBe(there);
    });
    test("the boot sector is one that a BIOS starts", () => {
        expect(bootSector()).toHaveLength(512);
        expect([...bootSector().subarray(-2)]).toEqual([0x55, 0xaa]);
    });
});

describe("programs", () => {
    test("what is missing is named with the command that installs it", () => {
        expect(() => requireTools(dir)).toThrow(
            expect.objectContaining({
                message: expect.stringMatching(/\btor\b.*\blibvirtd\b/),
                fix: expect.stringMatching(
                    /^apt-get install --no-install-recommends .*\btor\b.*\blibvirt-daemon\b/,
                ),
            }),
        );
    });
    test("only an executable file counts", () => {
        writeFileSync(join(dir, "tor"), "");
        expect(findProgram("tor", dir)).toBeUndefined();
        expect(missingTools(dir)).toContain("tor");
        chmodSync(join(dir, "tor"), 0o755);
        expect(findProgram("tor", `/nowhere:${dir}`)).toBe(join(dir, "tor"));
        expect(missingTools(dir)).not.toContain("tor");
    });
});

describe("libvirt's configuration", () => {
    test("numbers, strings and lists", () => {
        expect(writeConf({ a: 1, b: "x", c: [], d: ["y", "z"] })).toBe(
            'a = 1\nb = "x"\nc = []\nd = ["y", "z"]\n',
        );
    });
    test.each(['a"b', "a\nb"])("%j cannot be written", (value) => {
        expect(() => writeConf({ a: value })).toThrow(/cannot be written/);
    });
    test("many requests on one connection, and logs kept by virtlogd", () => {
        expect(Number(/^max_client_requests = (\d+)$/m.exec(libvirtdConf("u"))?.[1])).toBeGreaterThan(5);
        expect(QEMU_CONF).toContain('stdio_handler = "logd"');
    });
    test("its host keeps its UUID, which no other lab has", () => {
        const [one, other] = [join(dir, "one"), join(dir, "other")].map((file) => hostUuid(file));
        expect(one).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(other).not.toBe(one);
        expect(hostUuid(join(dir, "one"))).toBe(one);
        expect(libvirtdConf(one ?? "")).toContain(`host_uuid = "${one}"\n`);
    });
});

describe("the log", () => {
    const entry = {
        t: 1795374130.1,
        kind: "http",
        src: "203.0.113.21",
        dst: WEB.address,
        port: 80,
        path: "/x",
        host: "h",
    };
    test("entries come in their order", () => {
        const file = join(dir, "web.jsonl");
        writeFileSync(
            file,
            `${JSON.stringify(entry)}\n${JSON.stringify({ ...entry, kind: "dns", name: "a.test" })}\n`,
        );
        expect(readWebLog(file).map((one) => one.kind)).toEqual(["http", "dns"]);
    });
    test.each([
        "{}",
        "x",
        JSON.stringify({ ...entry, src: "somebody" }),
        JSON.stringify({ ...entry, kind: "smtp" }),
    ])("%s is no entry", (line) => {
        const file = join(dir, "web.jsonl");
        writeFileSync(file, `${JSON.stringify(entry)}\n${line}\n`);
        expect(() => readWebLog(file)).toThrow(/line 2/);
    });
    test("a missing log is an error, not an empty one", () => {
        expect(() => readWebLog(join(dir, "none"))).toThrow(/cannot be read/);
    });
});

test.each([0, 1, 65535, 65536, 65537, 200000])("%d bytes are %d bytes", (n) => {
    expect([...bytes(n)].reduce((sum, part) => sum + part.length, 0)).toBe(n);
});

test("progress shows seconds", () => {
    const lines: string[] = [];
    let now = 1000;
    const progress = stopwatchProgress(
        (text) => lines.push(text),
        () => now,
    );
    now = 13_345;
    progress("here");
    expect(lines).toEqual(["[  12.3 s] here\n"]);
});

describe("waiting", () => {
    const late = (): Error => new Error("too late");
    test("ends with the answer", async () => {
        let asked = 0;
        expect(
            await poll(() => (++asked === 3 ? "yes" : undefined), { every: 1, within: 60_000, late }),
        ).toBe("yes");
    });
    test("ends when the time is over", async () => {
        await expect(poll(() => undefined, { every: 1, within: 5, late })).rejects.toThrow("too late");
    });
    test("ends when told so", async () => {
        const controller = new AbortController();
        const waiting = poll(() => undefined, { every: 1, within: 60_000, late, signal: controller.signal });
        controller.abort(new Error("enough"));
        await expect(waiting).rejects.toThrow("enough");
    });
});

describe("branches side by side", () => {
    const until = (signal: AbortSignal): Promise<never> =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    test("give their results", async () => {
        expect(
            await together<[number, string]>(undefined, [
                () => Promise.resolve(1),
                () => Promise.resolve("b"),
            ]),
        ).toEqual([1, "b"]);
    });
    test("are all over when one has failed, and its error is the one that is told", async () => {
        const over: string[] = [];
        const failing = together<[never, never]>(undefined, [
            (signal) => until(signal).finally(() => over.push("first")),
            () => Promise.reject(new Error("second failed")),
        ]);
        await expect(failing).rejects.toThrow("second failed");
        expect(over).toEqual(["first"]);
    });
    test("end when told from outside", async () => {
        const controller = new AbortController();
        const waiting = together<[never]>(controller.signal, [until]);
        controller.abort(new Error("interrupted"));
        await expect(waiting).rejects.toThrow("interrupted");
    });
});
