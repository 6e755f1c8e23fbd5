import fc from "fast-check";
import { decodeFrame } from "../../../capture/frame";
import * as f from "./frames";

const kindOf = (data: Uint8Array): string => decodeFrame(data).kind;

test("reads each known kind", () => {
    expect(decodeFrame(f.arp(f.outbound))).toEqual({
        kind: "arp",
        operation: "request",
        sourceMac: f.GATEWAY.mac,
        destinationMac: "ff:ff:ff:ff:ff:ff",
        senderMac: f.GATEWAY.mac,
        senderAddress: f.GATEWAY.address,
        targetMac: "00:00:00:00:00:00",
        targetAddress: f.HOST.address,
    });
    expect(decodeFrame(f.tcp(f.toRelay(), 40_000, 5000))).toEqual({
        kind: "tcp",
        sourceMac: f.GATEWAY.mac,
        destinationMac: f.HOST.mac,
        source: f.GATEWAY.address,
        destination: f.RELAY.address,
        options: false,
        sourcePort: 40_000,
        destinationPort: 5000,
    });
    expect(decodeFrame(f.udp(f.outbound, 1024, 53))).toMatchObject({
        kind: "udp",
        sourcePort: 1024,
        destinationPort: 53,
    });
    expect(decodeFrame(f.icmp(f.outbound))).toMatchObject({ kind: "icmp", type: 8, code: 0 });
    expect(decodeFrame(f.ipv6(f.GATEWAY.mac, "33:33:00:00:00:02"))).toMatchObject({
        kind: "ipv6",
        nextHeader: 58,
    });
});

test("IP options move the payload and are told", () => {
    expect(decodeFrame(f.tcp(f.outbound, 1, 2, { options: [1, 1, 1, 0] }))).toMatchObject({
        kind: "tcp",
        options: true,
        sourcePort: 1,
        destinationPort: 2,
    });
});

test.each([
    ["first", 0x2000, 0],
    ["later", 0x2002, 16],
    ["last", 0x0003, 24],
])("%s fragment", (_, fragment, offset) => {
    expect(decodeFrame(f.tcp(f.outbound, 1, 2, { fragment }))).toMatchObject({
        kind: "fragment",
        protocol: 6,
        offset,
    });
});

test("don't fragment is no fragment", () => {
    expect(kindOf(f.tcp(f.outbound, 1, 2, { fragment: 0x4000 }))).toBe("tcp");
});

const whole: [string, Uint8Array][] = [
    ["arp", f.arp(f.outbound)],
    ["tcp", f.tcp(f.outbound, 1, 2)],
    ["udp", f.udp(f.outbound, 1, 2)],
    ["icmp", f.icmp(f.outbound)],
];

test.each(whole)("%s cut anywhere is unparsable", (kind, data) => {
    expect(kindOf(data)).toBe(kind);
    for (let length = 0; length < data.length; length++) {
        expect(kindOf(data.subarray(0, length))).toBe("unparsable");
    }
});

test.each(whole)("%s padded to the least length is fine, one byte more is not", (kind, data) => {
    const pad = (length: number): Uint8Array =>
        Uint8Array.from([...data, ...new Array<number>(length - data.length).fill(0)]);
    expect(kindOf(pad(60))).toBe(kind);
    expect(kindOf(pad(61))).toBe("unparsable");
});

test("a frame that the capture cut is unparsable even when its headers are there", () => {
    const data = f.tcp(f.outbound, 1, 2);
    expect(decodeFrame(data, data.length + 1)).toMatchObject({
        kind: "unparsable",
        sourceMac: f.GATEWAY.mac,
    });
});

test.each([
    [
        "an unknown EtherType",
        f.ethernet(f.GATEWAY.mac, f.HOST.mac, 0x8100, new Array<number>(60).fill(0)),
        "EtherType 0x8100",
    ],
    [
        "an 802.3 length",
        f.ethernet(f.GATEWAY.mac, f.HOST.mac, 38, new Array<number>(46).fill(0)),
        "EtherType 0x0026",
    ],
    ["an unknown protocol", f.ipv4(f.outbound, { protocol: 132 }, [0, 1]), "protocol 132"],
    ["another IP version", f.tcp(f.outbound, 1, 2, { version: 5 }), "version 5"],
    ["a total length of 0", f.tcp(f.outbound, 1, 2, { total: 0 }), "20 bytes of 0"],
    ["the reserved flag", f.tcp(f.outbound, 1, 2, { fragment: 0x8000 }), "reserved flag"],
    [
        "a short TCP header",
        f.ipv4(
            f.outbound,
            { protocol: 6 },
            f.tcpSegment(1, 2).map((b, i) => (i === 12 ? 0x40 : b)),
        ),
        "TCP header of 16",
    ],
    [
        "a TCP header past the end",
        f.ipv4(
            f.outbound,
            { protocol: 6 },
            f.tcpSegment(1, 2).map((b, i) => (i === 12 ? 0xf0 : b)),
        ),
        "cut short",
    ],
    [
        "a lying UDP length",
        f.ipv4(
            f.outbound,
            { protocol: 17 },
            f.udpDatagram(1, 2).map((b, i) => (i === 5 ? 20 : b)),
        ),
        "UDP length 20",
    ],
    ["an ARP operation", f.arp(f.outbound, { operation: 8 }), "ARP operation 8"],
])("%s is unparsable", (_, data, reason) => {
    const frame = decodeFrame(data);
    expect(frame).toMatchObject({ kind: "unparsable" });
    expect(frame.kind === "unparsable" ? frame.reason : "").toContain(reason);
});

test("never throws", () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 120 }), (data) => {
            expect(typeof kindOf(data)).toBe("string");
        }),
    );
    const types = fc.constantFrom(0x0800, 0x0806, 0x86dd);
    fc.assert(
        fc.property(types, fc.array(fc.nat(255), { maxLength: 80 }), (type, payload) => {
            expect(typeof kindOf(f.ethernet(f.GATEWAY.mac, f.HOST.mac, type, payload))).toBe("string");
        }),
        { numRuns: 500 },
    );
});
