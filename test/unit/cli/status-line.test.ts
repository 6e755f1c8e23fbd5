import fc from "fast-check";
import {
    describeStatus,
    type GatewayStatus,
    readLog,
    lastStatus,
    torWarnings,
} from "../../../cli/status-line";

const line = (fields: Record<string, unknown> = {}): string =>
    `@sallyport ${JSON.stringify({ v: 1, role: "gateway", phase: "bootstrap", bootstrap: 45, ready: false, detail: "x", ...fields })}`;
const READY = { phase: "ready", bootstrap: 100, ready: true, detail: "" };

test("the last complete line wins", () => {
    expect(lastStatus(`${line()}\r\n${line({ bootstrap: 50 })}\r\n`)).toEqual({
        phase: "bootstrap",
        bootstrap: 50,
        ready: false,
        detail: "x",
    });
});

test("an unterminated line does not count", () => {
    expect(lastStatus(`${line()}\r\n${line(READY)}`)?.ready).toBe(false);
    expect(lastStatus(line(READY))).toBeUndefined();
});

test("boot messages before, between, and on the same line", () => {
    expect(
        lastStatus(
            `[    0.1] Linux\r\n[ 9.2] audit: ` +
                `${line({ bootstrap: 10 })}\r\ngarbage\r\n\x1b[0;1;31mFAILED\x1b[0m\r\n`,
        )?.bootstrap,
    ).toBe(10);
});

test("what was dropped is another kind of line", () => {
    expect(lastStatus(`${line(READY)}\r\n@sallyport-drops {"v":1,"packets":{"inner_in":3}}\r\n`)?.ready).toBe(
        true,
    );
});

test("a line that another writer tore apart is passed over", () => {
    const torn = line(READY).replace('"ready":true', '"re[ 12.3] kernel: oops');
    expect(lastStatus(`${line()}\r\n${torn}\r\n`)?.ready).toBe(false);
});

test.each([
    ["another version", { v: 2 }],
    ["another role", { role: "workstation" }],
    ["an unknown phase", { phase: "done" }],
    ["progress as text", { bootstrap: "100" }],
    ["ready as text", { ready: "true" }],
    ["no detail", { detail: undefined }],
    ["a time as text", { up: "7" }],
    ["a time since boot as text", { boot: "7" }],
    ["a wall clock as text", { time: null }],
    ["ready before 100 %", { ...READY, bootstrap: 99 }],
    ["ready in another phase", { ...READY, phase: "bootstrap" }],
])("%s is not believed", (_, fields) => {
    expect(lastStatus(`${line({ ...READY, ...fields })}\n`)).toBeUndefined();
});

test.each(["null", "7", '"text"', "[]", "{}"])("JSON that is no status: %s", (json) => {
    expect(lastStatus(`@sallyport ${json}\n`)).toBeUndefined();
});

test("ready is never read out of noise or out of a prefix of the log", () => {
    const status = fc.record({ bootstrap: fc.nat(99), detail: fc.string() }).map((f) => line(f));
    const noise = fc.string().filter((s) => !s.includes("\n"));
    fc.assert(
        fc.property(fc.array(fc.oneof(status, noise)), fc.nat(), (lines, n) => {
            const log = [...lines, line(READY), ""].join("\r\n");
            expect(lastStatus(log)?.ready).toBe(true);
            expect(lastStatus(log.slice(0, n % log.length))?.ready ?? false).toBe(false);
        }),
    );
});

test("reads what it is told, whatever the detail holds", () => {
    fc.assert(
        fc.property(fc.string(), fc.nat(100), (detail, bootstrap) => {
            expect(lastStatus(`${line({ detail, bootstrap })}\r\r\n`)).toEqual({
                phase: "bootstrap",
                bootstrap,
                ready: false,
                detail,
            });
        }),
    );
});

test("the guest's clocks are read", () => {
    const clocks = { up: 35.2, boot: 640.7, time: 1764550000.12 };
    expect(lastStatus(`${line(clocks)}\n`)).toMatchObject(clocks);
});

describe("what tor warns of", () => {
    const warning = (fields: Record<string, unknown> = {}): string =>
        `@sallyport-tor ${JSON.stringify({ v: 1, severity: "warn", text: "x", ...fields })}\r\n`;

    test("the last ones, oldest first, among other lines", () => {
        const log = `boot\r\n${warning({ text: "a" })}[ 9.2] ${warning({ severity: "err", text: "b" })}${line()}\r\n`;
        expect(torWarnings(log)).toEqual([
            { severity: "warn", text: "a" },
            { severity: "err", text: "b" },
        ]);
        expect(torWarnings(log, 1)).toEqual([{ severity: "err", text: "b" }]);
    });

    test("those of an earlier start are not told", () => {
        const log = `${warning({ text: "old" })}${line({ phase: "role" })}\r\n${warning({ text: "new" })}`;
        expect(torWarnings(log)).toEqual([{ severity: "warn", text: "new" }]);
    });

    test.each([
        ["another version", { v: 2 }],
        ["another severity", { severity: "notice" }],
        ["no text", { text: "" }],
        ["a text that is none", { text: ["x"] }],
        ["a text that is too long", { text: "x".repeat(301) }],
    ])("%s is not believed", (_, fields) => {
        expect(torWarnings(warning(fields))).toEqual([]);
    });

    test("no noise is a warning, and no warning a status", () => {
        fc.assert(
            fc.property(fc.string(), (text) => {
                expect(torWarnings(`@sallyport-tor ${text}\n`)).toEqual([]);
                expect(lastStatus(warning({ text: line(READY) }))).toBeUndefined();
                expect(torWarnings(warning({ text: `${text}x` }))).toHaveLength(
                    `${text}x`.length > 300 ? 0 : 1,
                );
            }),
        );
    });
});

describe("what is new since an earlier look", () => {
    const ready = `${line({ ...READY, up: 35.2 })}\r\n`;
    const still = (up: unknown): string => `@sallyport-still ${String(up)}\r\n`;
    const boot = "SeaBIOS\r\n[    0.1] Linux\r\n";
    test.each<[string, string, string, boolean]>([
        ["nothing", ready, ready, false],
        ["boot messages of another start", ready, ready + boot, false],
        ["ready once more", ready, `${ready}${line({ ...READY, up: 65.2 })}\r\n`, true],
        ["that it holds still", ready, ready + still(35.2), true],
        [
            "that it holds still, among boot messages",
            ready,
            `${ready}[   40.0] audit: ${still(35.2)}${boot}`,
            true,
        ],
        ["that it holds still, but not to the line's end", ready, `${ready}@sallyport-still 35.2`, false],
        ["that another line holds still", ready, ready + still(36.4), false],
        ["that no line holds still", ready, ready + still(""), false],
        [
            "that a line without a time holds still",
            `${line(READY)}\r\n`,
            `${line(READY)}\r\n${still(undefined)}`,
            false,
        ],
        ["that it held still before", ready + still(35.2), ready + still(35.2) + boot, false],
        [
            "the end of a line that began before",
            `${ready}@sallyport-sti`,
            `${ready}@sallyport-still 35.2\r\n`,
            false,
        ],
        ["a log that began anew", ready + boot, boot + ready, true],
        ["a log that began anew and says nothing yet", ready + boot, boot, false],
        ["a log that was cut short", ready + still(35.2) + boot, ready + still(35.2), false],
        ["an empty log", ready, "", false],
    ])("%s", (_, earlier, log, fresh) => {
        expect(readLog(log, earlier).fresh).toBe(fresh);
    });

    test("what holds no more is not ready, new or old", () => {
        const log = `${ready}${still(35.2)}${line({ up: 40 })}\r\n`;
        expect(readLog(log, ready)).toMatchObject({ status: { ready: false }, fresh: true });
        expect(readLog(log, log)).toMatchObject({ status: { ready: false }, fresh: false });
        expect(readLog("", "")).toEqual({ status: undefined, fresh: false });
    });
});

test("describes", () => {
    const status: GatewayStatus = { phase: "bootstrap", bootstrap: 45, ready: false, detail: "loading" };
    expect(describeStatus(status)).toBe("bootstrap 45 % (loading)");
    expect(describeStatus({ ...status, phase: "failed", detail: "" })).toBe("failed");
    expect(describeStatus(undefined)).toContain("none");
});
