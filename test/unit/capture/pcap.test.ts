import fc from "fast-check";
import { PcapError, readPcap } from "../../../capture/pcap";
import { pcap } from "./frames";

const record = fc.record({
    seconds: fc.integer({ min: 0, max: 0xffffffff }),
    ticks: fc.integer({ min: 0, max: 999_999 }),
    data: fc.uint8Array({ maxLength: 200 }),
    cut: fc.integer({ min: 0, max: 50 }),
});
const options = fc.record({ littleEndian: fc.boolean(), nanoseconds: fc.boolean() });

test("reads back every frame of either byte order and resolution", () => {
    fc.assert(
        fc.property(fc.array(record, { maxLength: 8 }), options, (records, o) => {
            const file = pcap(
                records.map((r) => ({ ...r, wireLength: r.data.length + r.cut })),
                o,
            );
            const frames = readPcap(file);
            expect(frames).toHaveLength(records.length);
            records.forEach((r, i) => {
                const ticks = o.nanoseconds ? 1e9 : 1e6;
                expect(frames[i]).toEqual({
                    index: i + 1,
                    time: r.seconds + r.ticks / ticks,
                    data: Buffer.from(r.data),
                    wireLength: r.data.length + r.cut,
                });
            });
        }),
    );
});

test("a file that ends anywhere but after a frame is an error, never a shorter list", () => {
    fc.assert(
        fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), options, fc.nat(), (records, o, n) => {
            const file = pcap(records, o);
            const ends = new Set([24]);
            records.reduce((at, r) => {
                ends.add(at + 16 + r.data.length);
                return at + 16 + r.data.length;
            }, 24);
            const length = n % file.length;
            if (ends.has(length)) {
                expect(readPcap(file.subarray(0, length)).length).toBeLessThan(records.length);
            } else {
                expect(() => readPcap(file.subarray(0, length))).toThrow(PcapError);
            }
        }),
    );
});

test("an offset into a larger buffer does not matter", () => {
    const file = pcap([{ seconds: 1, ticks: 2, data: Uint8Array.of(1, 2, 3) }]);
    const larger = Buffer.concat([Buffer.alloc(7, 0xff), file]);
    expect(readPcap(larger.subarray(7))[0]?.data).toEqual(Buffer.from([1, 2, 3]));
});

const one = { seconds: 1, ticks: 2, data: Uint8Array.of(1, 2, 3) };
const patched = (at: number, bytes: number[]): Uint8Array => {
    const file = Buffer.from(pcap([one]));
    file.set(bytes, at);
    return file;
};

test.each([
    ["an empty file", new Uint8Array(), "0 bytes"],
    [
        "pcapng",
        Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, ...new Array<number>(40).fill(0)]),
        "not a classic pcap's",
    ],
    ["another version", pcap([one], { minor: 3 }), "version 2.3"],
    ["another link type", pcap([one], { linkType: 113 }), "link type 113"],
    ["Ethernet with checksum bits in the link type", pcap([one], { linkType: 0x24000001 }), "link type"],
    ["a record longer than on the wire", patched(24 + 12, [2, 0, 0, 0]), "implausible"],
    [
        "a record longer than any frame",
        patched(24 + 8, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        "implausible",
    ],
    ["a million microseconds", patched(24 + 4, [0x40, 0x42, 0x0f, 0]), "implausible"],
])("%s is refused", (_, file, message) => {
    expect(() => readPcap(file)).toThrow(message);
});
