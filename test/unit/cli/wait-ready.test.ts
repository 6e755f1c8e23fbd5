import type { VirshResult } from "../../../libvirt/client";
import type { VirshOutcome } from "../../../libvirt/errors";
import { type GateOptions, type GateWorld, waitReady } from "../../../cli/wait-ready";

const options: GateOptions = {
    uri: "test:///",
    domain: "gw",
    pool: "p",
    volume: "gw.status",
    timeoutSeconds: 60,
};
const ok = (stdout: string): VirshResult => ({ outcome: "ok", stdout, message: "" });
const bad = (outcome: VirshOutcome, message = `it is ${outcome}`): VirshResult => ({
    outcome,
    stdout: "",
    message,
});
const status = (fields: Record<string, unknown>): VirshResult =>
    ok(
        `boot\r\n@sallyport ${JSON.stringify({ v: 1, role: "gateway", phase: "bootstrap", bootstrap: 0, ready: false, detail: "", ...fields })}\r\n`,
    );
const READY = status({ phase: "ready", bootstrap: 100, ready: true });
/** A log that goes on. */
const then = (before: VirshResult, more: string): VirshResult => ok(`${before.stdout}${more}`);

interface Script {
    state?: VirshResult[];
    refresh?: VirshResult[];
    download?: VirshResult[];
    /** Milliseconds that each call takes. */
    cost?: number;
}

/** A world whose answers are given; the last one of each list repeats. */
function world(script: Script): { world: GateWorld; said: string[]; limits: number[]; calls: string[] } {
    let clock = 0;
    const [said, limits, calls]: [string[], number[], string[]] = [[], [], []];
    const next = (list: VirshResult[], name: string, timeoutMs: number): Promise<VirshResult> => {
        clock += script.cost ?? 0;
        limits.push(timeoutMs);
        calls.push(name);
        return Promise.resolve((list.length > 1 ? list.shift() : list[0]) as VirshResult);
    };
    const lists = {
        state: script.state ?? [ok("running\n")],
        refresh: script.refresh ?? [ok("")],
        download: script.download ?? [ok("")],
    };
    return {
        said,
        limits,
        calls,
        world: {
            virsh: (args, timeoutMs = 0) =>
                next(args[0] === "domstate" ? lists.state : lists.refresh, args.join(" "), timeoutMs),
            log: {
                look: async (left) => ({ began: false, ...(await next(lists.download, "download", left())) }),
            },
            now: () => clock,
            sleep: (ms) => {
                clock += ms;
                return Promise.resolve();
            },
            say: (text) => said.push(text),
        },
    };
}

test("waits through bootstrap and says each change once", async () => {
    const half = status({ bootstrap: 50 });
    const w = world({ download: [ok(""), half, half, READY] });
    await expect(waitReady(options, w.world)).resolves.toMatchObject({ ready: true });
    expect(w.said).toEqual([
        "gw: none: the Gateway has not written any yet",
        "gw: bootstrap 50 %",
        "gw: ready",
    ]);
    expect(w.calls.slice(0, 3)).toEqual(["domstate gw", "pool-refresh p", "download"]);
});

test("what was said before the wait began is not believed, however long it lasts", async () => {
    const w = world({ download: [READY] });
    await expect(waitReady({ ...options, timeoutSeconds: 20 }, w.world)).rejects.toThrow(
        /not ready within 20 s; last status: ready, no heartbeat for at least 20 s: it hangs or restarts$/,
    );
    expect(w.said).toEqual(["gw: ready, said before; waiting for its next heartbeat"]);
    const reset = world({ download: [READY, then(READY, "SeaBIOS\r\n")] });
    await expect(waitReady(options, reset.world)).rejects.toThrow("it hangs or restarts");
});

test("ready is believed once it is said to hold still, or anew after a reset", async () => {
    const ready = status({ phase: "ready", bootstrap: 100, ready: true, up: 35.2 });
    const holds = world({ download: [ready, ready, then(ready, "@sallyport-still 35.2\r\n")] });
    await expect(waitReady(options, holds.world)).resolves.toMatchObject({ ready: true, up: 35.2 });
    expect(holds.calls.filter((call) => call === "download")).toHaveLength(3);
    const again = then(ready, status({ bootstrap: 10, up: 12 }).stdout);
    const reset = world({ download: [ready, again, then(again, READY.stdout)] });
    await expect(waitReady(options, reset.world)).resolves.toMatchObject({ ready: true });
    expect(reset.said).toEqual([
        "gw: ready, said before; waiting for its next heartbeat",
        "gw: bootstrap 10 %",
        "gw: ready",
    ]);
});

test("what stands at another place of the log may be old, and is not believed", async () => {
    const moved = { ...status({ phase: "ready", bootstrap: 100, ready: true, up: 4 }), began: true };
    const w = world({ download: [status({ bootstrap: 10 }), moved, ok(moved.stdout)] });
    await expect(waitReady({ ...options, timeoutSeconds: 20 }, w.world)).rejects.toThrow(
        /not ready within 20 s; last status: ready/,
    );
    const holds = world({
        download: [status({ bootstrap: 10 }), moved, then(moved, "@sallyport-still 4\r\n")],
    });
    await expect(waitReady(options, holds.world)).resolves.toMatchObject({ ready: true, up: 4 });
    // The same at the place of the first look is a guest that began anew since.
    const anew = world({ download: [status({ bootstrap: 10 }), ok(moved.stdout)] });
    await expect(waitReady(options, anew.world)).resolves.toMatchObject({ ready: true, up: 4 });
});

test("time-out tells the last status, its age and the fix", async () => {
    const w = world({ download: [ok(""), status({ bootstrap: 30, detail: "connecting" })], cost: 500 });
    await expect(waitReady(options, w.world)).rejects.toMatchObject({
        message: expect.stringMatching(
            /not ready within 60 s; last status: bootstrap 30 % \(connecting\), \d\d? s old$/,
        ),
        fix: "bin/sallyport console gw --uri test:///",
    });
});

const SKEWED = `@sallyport-tor ${JSON.stringify({ v: 1, severity: "warn", text: "Our clock is 2 hours behind the time published" })}\r\n`;

test("time-out tells why tor does not come up, with the fix for that", async () => {
    const w = world({ download: [then(status({ bootstrap: 30 }), SKEWED)], cost: 500 });
    await expect(waitReady(options, w.world)).rejects.toMatchObject({
        message: expect.stringMatching(
            /last status: bootstrap 30 %.*; the Gateway's clock is wrong: tor says "Our clock is 2 hours behind the time published"$/,
        ),
        fix: expect.stringMatching(/^set the lab host's clock .*it takes the time when it starts$/),
    });
    // Whose tor was ready once, is explained by nothing that it warned of before.
    const old = world({ download: [then(ok(SKEWED), READY.stdout)], cost: 500 });
    await expect(waitReady(options, old.world)).rejects.not.toThrow("clock");
});

test("a Gateway that is shut over its volume is not to be destroyed", async () => {
    const detail = "sallyport-state: no disk with this serial is attached";
    const w = world({ download: [status({ phase: "failed", detail })] });
    await expect(waitReady(options, w.world)).rejects.toMatchObject({
        message: expect.stringContaining(detail),
        fix: expect.not.stringContaining("destroy"),
    });
});

test("no status at all is told as such", async () => {
    await expect(waitReady(options, world({}).world)).rejects.toThrow("last status: none");
});

test("a failed role ends the wait at once", async () => {
    const w = world({ download: [status({ phase: "failed", detail: "nft: no such file" })] });
    await expect(waitReady(options, w.world)).rejects.toThrow("Gateway gw failed: nft: no such file");
    expect(w.calls).toHaveLength(3);
});

test.each([
    ["shut off", "bin/sallyport start && bin/pulumi up"],
    ["crashed", "bin/sallyport console gw --uri test:///"],
])("a domain that is %s ends the wait at once, with the fix", async (state, fix) => {
    const w = world({ state: [ok("running"), ok(`${state}\n`)] });
    await expect(waitReady(options, w.world)).rejects.toMatchObject({
        message: `domain gw is not running but ${state}`,
        fix,
    });
});

test("a paused domain hints at the disk", async () => {
    await expect(waitReady(options, world({ state: [ok("paused")] }).world)).rejects.toMatchObject({
        fix: expect.stringContaining("free space"),
    });
});

test("a domain that is not there ends the wait at once", async () => {
    await expect(waitReady(options, world({ state: [bad("no-domain")] }).world)).rejects.toThrow(
        "no domain gw at test:///",
    );
});

test("transient trouble is retried, and told when it lasts", async () => {
    const w = world({
        refresh: [bad("error"), bad("no-pool"), ok("")],
        download: [bad("no-volume"), bad("time-out"), ok(""), READY],
    });
    await expect(waitReady(options, w.world)).resolves.toMatchObject({ ready: true });
    await expect(
        waitReady(options, world({ refresh: [bad("error", "pool is busy")] }).world),
    ).rejects.toThrow(/within 60 s.*last error: pool is busy/);
});

test.each(["refused", "lost"] as const)("libvirt that stays %s ends the wait early", async (outcome) => {
    const w = world({ state: [bad(outcome)] });
    await expect(waitReady(options, w.world)).rejects.toThrow(
        `can't watch gw through test:///: it is ${outcome}`,
    );
    expect(w.calls.length).toBe(5);
    const back = world({ state: [bad(outcome), bad(outcome), ok("running")], download: [ok(""), READY] });
    await expect(waitReady(options, back.world)).resolves.toMatchObject({ ready: true });
});

test("without virsh there is nothing to wait for", async () => {
    const w = world({ state: [bad("missing")] });
    await expect(waitReady(options, w.world)).rejects.toMatchObject({ fix: "apt install libvirt-clients" });
    expect(w.calls).toHaveLength(1);
});

test("a libvirt that hangs does not hang the gate", async () => {
    const w = world({ state: [bad("time-out", "libvirt did not answer within 10 s")], cost: 20_000 });
    await expect(waitReady(options, w.world)).rejects.toThrow(/within 60 s.*did not answer/);
    expect(Math.max(...w.limits)).toBe(20_000);
    expect(w.limits.length).toBeLessThanOrEqual(3);
});

test("no call may last longer than what is left", async () => {
    const w = world({ cost: 1000 });
    await expect(waitReady({ ...options, timeoutSeconds: 5 }, w.world)).rejects.toThrow("within 5 s");
    expect(w.limits.every((limit, i) => limit <= Math.max(1, 5000 - 1000 * i))).toBe(true);
});
