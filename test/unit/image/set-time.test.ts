/**
 * The Workstation's time service: the program itself, against servers that tell the time, lie, disagree or
 * are dead.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";

const PROGRAM = join(projectRoot(), "image/rootfs/usr/lib/sallyport/set-time");
const probe = (...calls: readonly (readonly unknown[])[]): unknown[] =>
    JSON.parse(
        execFileSync(
            "/usr/bin/python3",
            ["-B", join(__dirname, "time_probe.py"), PROGRAM, JSON.stringify(calls)],
            { encoding: "utf8" },
        ),
    ) as unknown[];

const NOW = 1_800_000_000;
const BUILT = NOW - 90 * 86_400;

interface Played {
    readonly results: boolean[];
    readonly state: {
        readonly v: number;
        readonly set: boolean;
        readonly round: number;
        readonly detail: string;
    };
    readonly steps: number[];
    readonly slews: number[];
    readonly ready: string[];
    readonly users: string[];
    readonly requests: string[];
}

type Answer = number | string;
const play = (pools: readonly (readonly Answer[])[], more: Readonly<Record<string, unknown>> = {}): Played =>
    probe(["round", { pools, now: NOW, built: BUILT, ...more }])[0] as Played;

describe("a Date", () => {
    it("is read in its one spelling", () => {
        expect(
            probe(["date", "Sun, 06 Nov 1994 08:49:37 GMT"], ["date", "Thu, 29 Feb 2024 23:59:59 GMT"]),
        ).toEqual([784_111_777, 1_709_251_199]);
    });

    it.each([
        "",
        "now",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Fri, 31 Feb 2023 00:00:00 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
    ])("is not %j", (text) => {
        expect(probe(["date", text])[0]).toMatch(/^unusable: its Date is/);
    });

    it("is taken out of a head of any status, and of no other kind", () => {
        const date = "Date: Sun, 06 Nov 1994 08:49:37 GMT";
        const heads = [
            `HTTP/1.1 404 Not Found\r\n${date}`,
            `HTTP/1.0 200\r\nX: y\r\ndATE:Sun, 06 Nov 1994 08:49:37 GMT \r\nAge: 0`,
        ];
        expect(probe(...heads.map((h) => ["head", h]))).toEqual([784_111_777, 784_111_777]);
        const bad = [
            "",
            date,
            `HTTP/2 200\r\n${date}`,
            "HTTP/1.1 200 OK",
            `HTTP/1.1 200 OK\r\n${date}\r\n${date}`,
            `HTTP/1.1 200 OK\r\n${date}\r\nAge: 1`,
            `HTTP/1.1 200 OK\r\nX-${date}`,
        ];
        for (const result of probe(...bad.map((h) => ["head", h]))) {
            expect(result).toMatch(/^unusable: /);
        }
    });
});

describe("the judgement", () => {
    it.each([
        [[5, 5, 5], 5],
        [[5, -10, 7], 5],
        [[0, 30, 30], 30],
        [[100, 100, 90_000], 100],
        [[-90_000, 100, 100], 100],
        [[1, 2, 3, 4], 2],
        [[1, 2, 3, 4, 900_000], 3],
    ])("of %j is %i", (offsets, offset) => {
        expect(probe(["judge", offsets, NOW, BUILT])).toEqual([offset]);
    });

    it.each([[[0, 100, 200]], [[0, 31, 62]], [[0, 0, 100, 100]], [[-5000, 0, 5000]]])(
        "of %j is that they disagree",
        (offsets) => {
            expect(probe(["judge", offsets, NOW, BUILT])).toEqual(["unusable: the sources disagree"]);
        },
    );

    it.each([BUILT - NOW - 1, 10 * 366 * 86_400, -NOW, 1e12])(
        "refuses %i seconds, on which all agree",
        (offset) => {
            expect(probe(["judge", [offset, offset, offset], NOW, BUILT])).toEqual([
                "unusable: the sources agree on a time that cannot be",
            ]);
        },
    );
});

describe("a round", () => {
    it("sets a clock that is off, once and for all, with a random fraction; each source under a user of its own", () => {
        const seen = play([[137], [137], [138]]);
        expect(seen).toMatchObject({
            results: [true],
            state: { v: 1, set: true, round: 1 },
            slews: [],
            ready: ["READY=1"],
        });
        expect(seen.steps).toHaveLength(1);
        expect(seen.steps[0]).toBeGreaterThanOrEqual(137);
        expect(seen.steps[0]).toBeLessThanOrEqual(139);
        expect(Number.isInteger(seen.steps[0])).toBe(false);
        expect(new Set(seen.users).size).toBe(3);
        expect([...seen.requests].sort()).toEqual(
            [0, 1, 2].map(
                (n) => `HEAD / HTTP/1.1\r\nHost: p${n}-0.example.test\r\nConnection: close\r\n\r\n`,
            ),
        );
    });

    it("outvotes one liar", () => {
        const seen = play([[137], [-86_400], [137]]);
        expect(seen).toMatchObject({ results: [true], state: { set: true } });
        expect(Math.floor(seen.steps[0] ?? 0)).toBe(137);
    });

    it.each<[string, Answer[][], RegExp]>([
        ["lie each in its own way", [[0], [-4000], [90_000]], /the sources disagree/],
        [
            "agree on a time before the image",
            [[-100 * 86_400], [-100 * 86_400], [-100 * 86_400]],
            /a time that cannot be/,
        ],
        [
            "agree on a time in a far future",
            [[4_000 * 86_400], [4_000 * 86_400], [4_000 * 86_400]],
            /a time that cannot be/,
        ],
        [
            "are dead",
            [["dead"], ["dead"], ["dead"]],
            /pool 1: the Gateway's SocksPort does not answer .*pool 3/,
        ],
        [
            "are not reached",
            [["refused"], ["refused"], ["refused"]],
            /pool 2: tor does not reach it \(SOCKS reply 4\)/,
        ],
        ["are dead in one pool", [[0], ["refused", "refused"], [0]], /^pool 2: tor does not reach it/],
        ["speak another language", [["garbage"], [0], [0]], /pool 1: it does not speak HTTP/],
        ["tell no time", [["no-date"], [0], [0]], /pool 1: its answer has 0 Dates/],
        ["tell two times", [[0], ["two-dates"], [0]], /pool 2: its answer has 2 Dates/],
        ["tell an old time", [[0], ["cached"], [0]], /pool 2: its answer comes from a cache/],
        ["hang up", [[0], [0], ["hangs-up"]], /pool 3: it hung up/],
        ["never end", [[0], [0], ["endless"]], /pool 3: its answer has no end/],
        ["never begin", [[0], ["silent"], [0]], /pool 2: it (takes too long|does not answer)/],
        ["are none", [[], [0], [0]], /pool 1: it is empty/],
    ])("leaves the clock alone and says so when the sources %s", (_, pools, detail) => {
        const seen = play(pools);
        expect(seen).toMatchObject({
            results: [false],
            steps: [],
            slews: [],
            ready: [],
            state: { set: false, round: 1 },
        });
        expect(seen.state.detail).toMatch(detail);
    });

    it("asks another server of a pool when one does not answer", () => {
        expect(play([["refused", 20], ["garbage", 20], [20]])).toMatchObject({
            results: [true],
            state: { set: true },
        });
    });

    it("moves a clock gently that has been set before, leaves a right one alone, and steps one that is far off", () => {
        const again = play([[3], [3], [3]], { set: true });
        expect(again).toMatchObject({
            steps: [],
            ready: ["READY=1"],
            state: { set: true, detail: "the clock is being moved" },
        });
        expect(again.slews).toHaveLength(1);
        expect(play([[0], [0], [0]], { set: true })).toMatchObject({
            steps: [],
            slews: [],
            state: { detail: "the clock is right already" },
        });
        expect(play([[7200], [7200], [7200]], { set: true })).toMatchObject({
            slews: [],
            state: { detail: "the clock is set again" },
        });
    });

    it("stays set when a later round fails", () => {
        expect(play([[0], ["refused"], [0]], { set: true })).toMatchObject({
            results: [false],
            state: { set: true },
        });
    });

    it("tells systemd once", () => {
        expect(play([[50], [50], [50]], { rounds: 3 })).toMatchObject({
            results: [true, true, true],
            ready: ["READY=1"],
            state: { round: 3 },
        });
    });
});
