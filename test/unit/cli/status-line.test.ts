import fc from "fast-check";
import { describeStatus, type GatewayStatus, lastStatus } from "../../../cli/status-line";

const line = (fields: Record<string, unknown> = {}): string =>
    `@sallyport ${JSON.stringify({ v: 1, role: "gateway", phase: "bootstrap", bootstrap: 45, ready: false, detail: "x", ...fields })}`;
const READY = { phase: "ready", bootstrap: 100, ready: true, detail: "" };

test("the last complete line wins", () => {
    expect(lastStatus(`${line()}\r\n${line({ bootstrap: 50 })}\r\n`)).toEqual(
        { phase: "bootstrap", bootstrap: 50, ready: false, detail: "x" });
});

test("an unterminated line does not count", () => {
    expect(lastStatus(`${line()}\r\n${line(READY)}`)?.ready).toBe(false);
    expect(lastStatus(line(READY))).toBeUndefined();
});

test("boot messages before, between, and on the same line", () => {
    expect(lastStatus(`[    0.1] Linux\r\n[ 9.2] audit: ${line({ bootstrap: 10 })}\r\ngarbage\r\n\x1b[0;1;31mFAILED\x1b[0m\r\n`)?.bootstrap).toBe(10);
});

test("what was dropped is another kind of line", () => {
    expect(lastStatus(`${line(READY)}\r\n@sallyport-drops {"v":1,"packets":{"inner_in":3}}\r\n`)?.ready).toBe(true);
});

test("a line that another writer tore apart is passed over", () => {
    const torn = line(READY).replace('"ready":true', '"re[ 12.3] kernel: oops');
    expect(lastStatus(`${line()}\r\n${torn}\r\n`)?.ready).toBe(false);
});

test.each([
    ["another version", { v: 2 }], ["another role", { role: "workstation" }], ["an unknown phase", { phase: "done" }],
    ["progress as text", { bootstrap: "100" }], ["ready as text", { ready: "true" }], ["no detail", { detail: undefined }],
    ["ready before 100 %", { ...READY, bootstrap: 99 }], ["ready in another phase", { ...READY, phase: "bootstrap" }],
])("%s is not believed", (_, fields) => {
    expect(lastStatus(`${line({ ...READY, ...fields })}\n`)).toBeUndefined();
});

test.each(["null", "7", '"text"', "[]", "{}"])("JSON that is no status: %s", (json) => {
    expect(lastStatus(`@sallyport ${json}\n`)).toBeUndefined();
});

test("ready is never read out of noise or out of a prefix of the log", () => {
    const status = fc.record({ bootstrap: fc.nat(99), detail: fc.string() }).map((f) => line(f));
    const noise = fc.string().filter((s) => !s.includes("\n"));
    fc.assert(fc.property(fc.array(fc.oneof(status, noise)), fc.nat(), (lines, n) => {
        const log = [...lines, line(READY), ""].join("\r\n");
        expect(lastStatus(log)?.ready).toBe(true);
        expect(lastStatus(log.slice(0, n % log.length))?.ready ?? false).toBe(false);
    }));
});

test("reads what it is told, whatever the detail holds", () => {
    fc.assert(fc.property(fc.string(), fc.nat(100), (detail, bootstrap) => {
        expect(lastStatus(`${line({ detail, bootstrap })}\r\r\n`)).toEqual({ phase: "bootstrap", bootstrap, ready: false, detail });
    }));
});

test("describes", () => {
    const status: GatewayStatus = { phase: "bootstrap", bootstrap: 45, ready: false, detail: "loading" };
    expect(describeStatus(status)).toBe("bootstrap 45 % (loading)");
    expect(describeStatus({ ...status, phase: "failed", detail: "" })).toBe("failed");
    expect(describeStatus(undefined)).toContain("none");
});
