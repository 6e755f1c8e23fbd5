/** What `status` reads, and what it says: nothing is green that was not seen. */
import { fileFacts } from "../../../../cli/life/hear";
import { type Heard, type Hosts, judge } from "../../../../cli/life/judge";
import type { HostFile } from "../../../../cli/life/kernel";
import { observe, observed, type Observed } from "../../../../cli/life/observe";
import { clockOff, describeClock, readiness, type StatusFile } from "../../../../cli/life/readiness";
import { choose } from "../../../../cli/life/selection";
import { strange, uuidsIn } from "../../../../cli/life/declared";
import { scriptVersion } from "../../../../cli/unit/script";
import { poolsIn, startPools } from "../../../../cli/start-pools";
import { workstationFilterXml } from "../../../../libvirt/workstation-filter";
import type { Check } from "../../../../util/output";
import { listingOf } from "../../../support/kernel-listing";
import { placed } from "../../../support/placed";
import { exportOf, planOf } from "../../../support/stacks";

const plan = planOf({ enclaves: [{ name: "red", workstations: placed({ name: "a" }, { name: "b" }) }] });
const [red] = plan.enclaves;
if (red === undefined) {
    throw new Error("no enclave");
}
const [GW, A, B] = [red.gateway.domain, ...red.workstations.map((w) => w.domain)] as [string, string, string];
const SUBNET = red.external.mode === "nat" ? red.external.subnet : "";
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

/** What the host's unit says of its kernel: all as it should be. */
const REPORT = {
    v: 1,
    time: 1000,
    script: scriptVersion(plan),
    ebtables: listingOf(...red.workstations.map(({ nic }, i) => ({ tap: `vnet${2 + i}`, mac: nic.mac }))),
    nat: `-A LIBVIRT_PRT -s ${SUBNET} ! -d ${SUBNET} -j MASQUERADE\n`,
    bridges: [0, 1, 2, 3]
        .map((i) => `vnet${i} ${i === 0 ? red.external.bridge : red.isolated.bridge}\n`)
        .join(""),
    interfaces: [GW, A, B].map((domain, i) => ({
        domain,
        list: ` vnet${[0, 2, 3][i]}   network   ${red.isolated.name}   virtio   52:54:00:00:00:0${i}\n`,
    })),
};
const hostFile = (change: object = {}): HostFile => ({
    text: JSON.stringify({ ...REPORT, ...change }),
    written: 1004,
});
const hostsOf = (host: HostFile): Hosts => ({
    files: new Map([["red", host]]),
    version: scriptVersion(plan),
    now: 1010,
});

const say = (
    seen: Observed,
    heard: Heard | undefined = READY,
    wanted = "red",
    host: HostFile = hostFile(),
): readonly Check[] =>
    judge(plan, choose(plan, wanted), seen, new Map(heard === undefined ? [] : [[GW, heard]]), hostsOf(host))
        .checks;
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
        "red: kernel: it filters as it should, 4 s ago",
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
        hostsOf({
            ...hostFile({ time: heard?.file?.written ?? 1000 }),
            written: heard?.file?.written ?? 1004,
        }),
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

test.each<[string, HostFile, string]>([
    [
        "has no unit",
        { absent: true },
        "undecided red: kernel: what the host's kernel filters is not known: no unit there tells it",
    ],
    [
        "can't be read",
        { unreadable: "why" },
        "undecided red: kernel: what the host says of its kernel can't be read: why",
    ],
    [
        "says something else",
        { text: "{}", written: 1004 },
        "undecided red: kernel: what the host says of its kernel is of another version",
    ],
    [
        "is cut short",
        { text: "{", written: 1004 },
        "undecided red: kernel: what the host says of its kernel is of another version",
    ],
    [
        "has another script",
        hostFile({ script: "0".repeat(12) }),
        "undecided red: kernel: what the host says of its kernel is of another version",
    ],
    [
        "says it a long time ago",
        hostFile({ time: 800 }),
        "undecided red: kernel: what the host says of its kernel is 204 s old",
    ],
    [
        "has a file of a long time ago",
        { ...hostFile(), written: 800 },
        "undecided red: kernel: what the host says of its kernel is 204 s old",
    ],
    [
        "has no ebtables",
        hostFile({ ebtables: null }),
        "undecided red: kernel: the host can't list its bridges' filters",
    ],
    [
        "gives half a listing",
        hostFile({ ebtables: "Bridge table: nat\n\nBridge chain: OUTPUT, entries: 1, policy: ACCEPT\n" }),
        "undecided red: kernel: the host's listing can't be read: it is cut short: a chain has other entries than it says",
    ],
    [
        "looked before a guest started",
        hostFile({ interfaces: [] }),
        "undecided red: kernel: red/a has started since the host looked",
    ],
    [
        "has an empty table",
        hostFile({ ebtables: listingOf() }),
        "fail red: kernel: red/a: no frame of vnet2 is filtered on its way out",
    ],
    [
        "filters one of two",
        hostFile({ ebtables: listingOf({ tap: "vnet2", mac: red.workstations[0]?.nic.mac ?? "" }) }),
        "fail red: kernel: red/b: no frame of vnet3 is filtered on its way out",
    ],
    [
        "has a tap on another bridge",
        hostFile({ bridges: REPORT.bridges.replace(/vnet2 .*/, "vnet2 br0") }),
        `fail red: kernel: vnet2 of red/a is on br0, not on ${red.isolated.bridge}`,
    ],
    [
        "masquerades nothing",
        hostFile({ nat: null }),
        `fail red: kernel: packets of the Gateway would leave under its own address: nothing masquerades ${SUBNET}`,
    ],
    [
        "masquerades TCP alone",
        hostFile({ nat: `-A LIBVIRT_PRT -s ${SUBNET} ! -d ${SUBNET} -p tcp -j MASQUERADE` }),
        `fail red: kernel: packets of the Gateway would leave under its own address: nothing masquerades ${SUBNET}`,
    ],
    [
        "masquerades another network",
        hostFile({ nat: "-A LIBVIRT_PRT -s 192.0.2.0/24 -j MASQUERADE" }),
        `fail red: kernel: packets of the Gateway would leave under its own address: nothing masquerades ${SUBNET}`,
    ],
])("a host that %s", (_, host, expected) => {
    const checks = say(observed(plan, answers()), READY, "red", host);
    expect(bad(checks)).toEqual([expected]);
    expect(checks.find(({ id, status }) => id === "status.kernel" && status !== "pass")?.fix).not.toBe("");
});

test("a host masquerades in nftables' words as well, and need not where no guest runs", () => {
    const nat = `table ip libvirt_network {\n\tchain guest_nat {\n\t\tip saddr ${SUBNET} ip daddr != ${SUBNET} counter masquerade\n`;
    expect(bad(say(observed(plan, answers()), READY, "red", hostFile({ nat })))).toEqual([]);
    const off = [GW, A, B].reduce((text, name) => state(name, 5)(text), answers()[7] ?? "");
    const seen = observed(plan, answers({ 7: () => off }));
    expect(say(seen, undefined, "red", { absent: true }).filter(({ id }) => id === "status.kernel")).toEqual(
        [],
    );
});
