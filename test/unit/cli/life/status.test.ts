/** What `status` reads, and what it says: nothing is green that was not seen. */
import { fileFacts } from "../../../../cli/life/hear";
import { type Heard, judge } from "../../../../cli/life/judge";
import { observe, observed, type Observed } from "../../../../cli/life/observe";
import { clockOff, describeClock, readiness, type StatusFile } from "../../../../cli/life/readiness";
import { choose } from "../../../../cli/life/selection";
import { strange, uuidsIn } from "../../../../cli/life/declared";
import { poolsIn, startPools } from "../../../../cli/start-pools";
import { workstationFilterXml } from "../../../../libvirt/workstation-filter";
import type { Check } from "../../../../util/output";
import { placed } from "../../../support/placed";
import { exportOf, planOf } from "../../../support/stacks";

const plan = planOf({ enclaves: [{ name: "red", workstations: placed({ name: "a" }, { name: "b" }) }] });
const [red] = plan.enclaves;
if (red === undefined) {
    throw new Error("no enclave");
}
const [GW, A, B] = [red.gateway.domain, ...red.workstations.map((w) => w.domain)] as [string, string, string];
const POOLS = [plan.imagePool, red.pool, red.statusPool, red.dataPool].map(({ name }) => name);
const ID = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** Answers of libvirt 9.0 when all runs. */
const answers = (change: Readonly<Record<number, (answer: string) => string>> = {}): string[] =>
    [
        ["", ...POOLS, "default", ""].join("\n"),
        [...POOLS, ""].join("\n"),
        `${red.external.name}\n${red.isolated.name}\ndefault\n`,
        `${red.external.name}\n${red.isolated.name}\n`,
        ` vnet2   ${red.isolated.name}\n vnet3   ${red.isolated.name}\n`,
        ` ${ID(1)}   ${GW}\n ${ID(2)}   ${A}\n ${ID(3)}   ${B}\n ${ID(4)}   somebody else's\n`,
        "",
        [GW, A, B, "somebody else's"]
            .map((name) => `Domain: '${name}'\n  state.state=1\n  state.reason=1\n`)
            .join("\n"),
        workstationFilterXml(red.isolated.name),
        ` vnet0   network   ${red.external.name}   virtio   52:54:00:00:00:01\n vnet1   network   ${red.isolated.name}   virtio   52:54:00:00:00:02\n`,
        ` vnet2   network   ${red.isolated.name}   virtio   52:54:00:00:00:03\n`,
        ` vnet3   network   ${red.isolated.name}   virtio   52:54:00:00:00:04\n`,
    ].map((answer, i) => change[i]?.(answer) ?? answer);

const line = (fields: object = {}): string =>
    `@sallyport ${JSON.stringify({ v: 1, role: "gateway", phase: "ready", bootstrap: 100, ready: true, detail: "Done", up: 60.5, time: 1000, ...fields })}\r\n`;
const file = (text: string, written = 1004): StatusFile => ({ text, written });
const READY: Heard = { readiness: { ready: true, detail: "ready (Done)" }, file: file(line()) };

const say = (seen: Observed, heard: Heard | undefined = READY, wanted = "red"): readonly Check[] =>
    judge(plan, choose(plan, wanted), seen, new Map(heard === undefined ? [] : [[GW, heard]])).checks;
const bad = (checks: readonly Check[]): string[] =>
    checks
        .filter(({ status }) => status !== "pass")
        .map(({ status, title, detail }) => `${status} ${title}: ${detail}`);
const state = (name: string, to: number) => (text: string) =>
    text.replace(`'${name}'\n  state.state=1`, `'${name}'\n  state.state=${to}`);

test("when all is as it should be, each part says so", () => {
    const checks = say(observed(plan, answers()));
    expect(bad(checks)).toEqual([]);
    expect(checks.map(({ title, detail }) => `${title}: ${detail}`)).toEqual([
        "red: pools: active",
        "red: networks: active",
        "red: filter: defined, and bound to each running Workstation, as libvirt has it",
        "red/gateway: running, ready (Done)",
        "red/gateway: clock: the host's",
        "red/a: running",
        "red/b: running",
    ]);
});

const without = (name: string) => (text: string) =>
    text
        .split("\n")
        .filter((one) => one.trim() !== name)
        .join("\n");
const lastPool = POOLS[2] ?? "";

test.each<[string, Readonly<Record<number, (answer: string) => string>>, RegExp]>([
    ["a pool that is off", { 1: without(lastPool) }, /^fail red: pools: off while guests run: \S+-status$/],
    ["a pool that is gone", { 0: without(lastPool), 1: without(lastPool) }, /^fail red: pools: not there/],
    ["a network that is off", { 3: without(red.isolated.name) }, /^fail red: networks: off while guests run/],
    ["no filter", { 8: () => "" }, /^fail red: filter: \S+ is not defined$/],
    [
        "a filter of other rules",
        { 8: (xml) => xml.replace("<rule", "<rule statematch='0'") },
        /^fail red: filter: \S+ has other rules/,
    ],
    [
        "a filter that is not bound",
        { 4: (text) => text.replace("vnet3", "vnet9") },
        /^fail red: filter: libvirt has not bound it to the NIC of red\/b$/,
    ],
    [
        "a tap that can't be read",
        { 11: () => "" },
        /^fail red: filter: libvirt has not bound it to the NIC of red\/b$/,
    ],
    ["a paused Workstation", { 7: state(B, 3) }, /^fail red\/b: paused; its clock has stopped since$/],
    [
        "a Workstation in an unknown state",
        { 7: () => "" },
        /^fail red\/b: in a state that libvirt does not tell$/,
    ],
    ["a Workstation that is gone", { 5: (text) => text.replace(B, "x") }, /^fail red\/b: not there$/],
    [
        "a Gateway that is off",
        { 7: state(GW, 5) },
        /^fail red\/gateway: off, while red\/a, red\/b run behind it$/,
    ],
    ["a paused Gateway", { 7: state(GW, 3) }, /^fail red\/gateway: paused/],
    ["a crashed Gateway", { 7: state(GW, 6) }, /^fail red\/gateway: crashed/],
])("%s is seen", (_, change, expected) => {
    expect(bad(say(observed(plan, answers(change))))).toContainEqual(expect.stringMatching(expected));
});

test("a Workstation that is off is as it may be, unless its memory is on the disk", () => {
    expect(bad(say(observed(plan, answers({ 7: state(B, 5) }))))).toEqual([]);
    expect(bad(say(observed(plan, answers({ 7: state(B, 5), 6: () => `${B}\n` }))))).toEqual([
        "fail red/b: off, with its memory saved on the disk",
    ]);
});

test("an enclave that is off as a whole is as it should be, pools and networks too", () => {
    const off = (text: string): string => text.replaceAll("state.state=1", "state.state=5");
    const checks = say(observed(plan, answers({ 1: () => "", 3: () => "", 4: () => "", 7: off })), undefined);
    expect(bad(checks)).toEqual([]);
    expect(checks.map(({ detail }) => detail)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^off: /), "off"]),
    );
});

test.each<[string, Heard | undefined, string]>([
    [
        "is not ready",
        { readiness: { ready: false, detail: "not ready: bootstrap 45 %" } },
        "fail red/gateway: running, not ready: bootstrap 45 %",
    ],
    [
        "is not surely ready",
        { readiness: { ready: undefined, detail: "ready, said before" } },
        "undecided red/gateway: running, ready, said before",
    ],
    ["could not be asked", undefined, "undecided red/gateway: running, its status file can't be read"],
    [
        "was paused",
        { ...READY, file: file(line(), 1700) },
        "fail red/gateway: clock: 11 min 5 s behind the host's: it was paused, or its clock runs at another speed",
    ],
    [
        "has an image that does not tell the time",
        { ...READY, file: file(line({ time: undefined })) },
        "undecided red/gateway: clock: its image does not tell the time",
    ],
])("a Gateway that %s", (_, heard, expected) => {
    const seen = observed(plan, answers());
    const checks = judge(
        plan,
        choose(plan, "red"),
        seen,
        new Map(heard === undefined ? [] : [[GW, heard]]),
    ).checks;
    expect(bad(checks)).toEqual([expected]);
});

test("libvirt is asked once; an answer that is cut short is none", async () => {
    const calls: string[] = [];
    const virsh = (out: string) => (args: readonly string[]) => {
        calls.push(args.join(" "));
        return Promise.resolve({ outcome: "ok" as const, stdout: out, message: "" });
    };
    const whole = answers()
        .map((answer) => `${answer}MARK`)
        .join("");
    expect((await observe(virsh(whole), plan, "MARK")).guests.get(B)).toEqual({
        state: "running",
        uuid: ID(3),
        saved: false,
        taps: ["vnet3"],
    });
    expect(calls).toHaveLength(1);
    await expect(observe(virsh(whole.slice(0, -4)), plan, "MARK")).rejects.toThrow("cut short");
});

describe("readiness at one look:", () => {
    const still = "@sallyport-still 60.5\r\n";
    test.each<[string, string, number, boolean | undefined]>([
        ["just said", line(), 1004, true],
        ["said to hold still", line() + still + still, 1006, true],
        ["with what the firewall dropped", `${line()}@sallyport-drops {"v":1}\r\n${still}`, 1004, true],
        ["long ago", line() + still, 1100, undefined],
        ["by a clock that is ahead", line(), 900, undefined],
        ["before a reset", `${line()}SeaBIOS (version 1.16)\r\n`, 1004, undefined],
        ["of another line", `${line()}@sallyport-still 12.0\r\n`, 1004, undefined],
        ["cut off", line().slice(0, -2), 1004, false],
        ["nothing", "boot\r\n", 1004, false],
        [
            "not ready any more",
            line() + line({ phase: "bootstrap", bootstrap: 10, ready: false }),
            1004,
            false,
        ],
    ])("%s", (_, text, now, ready) => {
        expect(readiness(file(text), now).ready).toBe(ready);
    });
});

describe("a Gateway's clock:", () => {
    test.each<[string, number, number | undefined]>([
        ["the host's", 1000, 0],
        ["a line half a minute old", 1032, 0],
        ["within what is allowed", 1090, 0],
        ["behind by a pause", 1700, 665],
        ["ahead, running too fast", 400, -600],
    ])("%s", (_, written, off) => {
        expect(clockOff(file(line(), written))).toBe(off);
    });
    test("in words", () => {
        expect([describeClock(603), describeClock(-61)]).toEqual([
            "10 min 3 s behind the host's",
            "1 min 1 s ahead of the host's",
        ]);
    });
});

test("length and last write of a status file are libvirt's, or an error", () => {
    const xml = (mtime: string): string =>
        `Pool x refreshed\n\n<volume type='file'><name>x</name><capacity unit='bytes'>77</capacity><physical unit='bytes'>77</physical><target><path>/x</path><timestamps><atime>1.0</atime>${mtime}<ctime>3.0</ctime></timestamps></target></volume>`;
    expect(fileFacts(xml("<mtime>1764550000.123456789</mtime>"))).toEqual({
        length: 77,
        written: 1764550000.1234567,
    });
    expect(() => fileFacts(xml(""))).toThrow("when it was written");
});

describe("what is started is what was declared:", () => {
    const guest = { name: "red/a", domain: A };
    test("not in the state, another UUID, another definition are refused", () => {
        const why = (uuid: string, known: string | undefined, xml: string): string[] =>
            strange(plan, red, { guest, uuid, xml }, new Map(known === undefined ? [] : [[A, known]])).map(
                ({ what }) => what,
            );
        expect(why(ID(2), undefined, "")).toEqual([`domain ${A} is not in the stack's state`]);
        expect(why(ID(2), ID(3), "")).toEqual([
            expect.stringContaining(`has the UUID ${ID(2)}; the stack made the one with ${ID(3)}`),
        ]);
        expect(why(ID(2), ID(2), "<domain/>")).toEqual([
            expect.stringMatching(/^its definition is not what the settings say: \/domain/),
        ]);
        expect(why(ID(2), ID(2), "")).toEqual([
            expect.stringMatching(/^its definition is not what the settings say: /),
        ]);
    });
    test("a state says the UUIDs of its domains and its pools", () => {
        const text = JSON.stringify(exportOf(plan));
        expect([...uuidsIn(text).keys()].sort()).toEqual([GW, A, B].sort());
        expect([...poolsIn(text)].map(([uri, names]) => [uri, [...names].sort()])).toEqual([
            [plan.uri, POOLS.filter((name) => name !== red.dataPool.name).sort()],
        ]);
        expect([...poolsIn('{"version":3}')]).toEqual([]);
    });
});

describe("pools before Pulumi:", () => {
    const run = (active: string[], start: "ok" | "error", after = active) => {
        const started: string[] = [];
        const lists = [active.join("\n"), POOLS.join("\n"), after.join("\n")];
        return startPools(
            plan.uri,
            [...POOLS, "gone"],
            () => Promise.resolve(lists.shift() ?? after.join("\n")),
            (args) => {
                started.push(args.join(" "));
                return Promise.resolve({
                    outcome: start,
                    stdout: "",
                    message: start === "ok" ? "" : "no folder",
                });
            },
        ).then((names) => [names, started]);
    };
    test("those that are there and off are started, and no other", async () => {
        expect(await run(POOLS.slice(1), "ok")).toEqual([[POOLS[0]], [`pool-start ${POOLS[0]}`]]);
        expect(await run(POOLS, "ok")).toEqual([[], []]);
    });
    test("one that stays off is a finding; one that another started is not", async () => {
        await expect(run(POOLS.slice(1), "error")).rejects.toThrow(
            /is off and can't be started: no folder; what is in it would be taken for gone/,
        );
        expect(await run(POOLS.slice(1), "error", POOLS)).toEqual([[POOLS[0]], [`pool-start ${POOLS[0]}`]]);
    });
});
