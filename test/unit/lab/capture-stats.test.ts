import fc from "fast-check";
import { lastAnswer, parseCaptureStats, waiting } from "../../../lab/capture-stats";

const said = (captured: number, received: number, dropped: number): string =>
    "tcpdump: listening on vnet0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n" +
    `${captured} packets captured\n${received} packets received by filter\n${dropped} packets ` +
    `dropped by kernel\n`;

test("counters are read, whatever they are", () => {
    fc.assert(
        fc.property(fc.nat(), fc.nat(), fc.nat(), (captured, receivedByFilter, droppedByKernel) => {
            expect(parseCaptureStats(said(captured, receivedByFilter, droppedByKernel))).toEqual({
                captured,
                receivedByFilter,
                droppedByKernel,
            });
        }),
    );
});

test("one packet is a packet too", () => {
    expect(parseCaptureStats(said(1, 1, 0).replaceAll("1 packets", "1 packet"))).toMatchObject({
        captured: 1,
        receivedByFilter: 1,
    });
});

test("what the interface dropped counts as dropped", () => {
    expect(parseCaptureStats(`${said(5, 9, 2)}3 packets dropped by interface\n`)).toMatchObject({
        droppedByKernel: 5,
    });
});

test.each(["captured", "received by filter", "dropped by kernel"])(
    "without the line on %s there is no result",
    (what) => {
        const text = said(5, 5, 0)
            .split("\n")
            .filter((line) => !line.endsWith(what))
            .join("\n");
        expect(() => parseCaptureStats(text)).toThrow(/did not say/);
    },
);

const answer = (captured: number, received: number, dropped: number): string =>
    `tcpdump: ${captured} packets captured, ${received} packets received by filter, ${dropped} ` +
    `packets dropped by kernel\n`;

test("the last answer counts, and what waits is what was neither captured nor dropped", () => {
    expect(lastAnswer("listening\n")).toBeUndefined();
    expect(lastAnswer(said(1, 1, 0))).toBeUndefined(); // the closing lines are no answer
    const last = lastAnswer(
        `${answer(1, 4, 0)}${answer(3, 9, 2).replace("\n", ", 1 packet dropped by interface\n")}`,
    );
    expect(last).toEqual({ captured: 3, receivedByFilter: 9, droppedByKernel: 2 });
    expect(last === undefined ? undefined : waiting(last)).toBe(4);
    expect(waiting({ captured: 5, receivedByFilter: 5, droppedByKernel: 1 })).toBe(0);
});

test("silence is no result", () => {
    expect(() => parseCaptureStats("")).toThrow(/did not say/);
});
