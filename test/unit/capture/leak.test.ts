import fc from "fast-check";
import type { AllowList } from "../../../capture/leak";
import { leakVerdict } from "../../../capture/leak";
import type { CapturedFrame } from "../../../capture/pcap";
import * as f from "./frames";

const allow: AllowList = {
    gateway: f.GATEWAY,
    host: f.HOST,
    relays: [f.RELAY, { address: "203.0.113.12", port: 5001 }],
};
const capture = (...data: Uint8Array[]): CapturedFrame[] =>
    data.map((d, i) => ({ index: i + 1, time: 1000 + i, data: d, wireLength: d.length }));

const clean = [
    f.arp(f.outbound),
    f.arp(f.inbound, { operation: 2 }),
    f.arp(f.inbound),
    f.arp(f.outbound, { operation: 2 }),
    f.arp(f.inbound, { destination: f.GATEWAY.mac, targetMac: f.GATEWAY.mac }),
    f.tcp(f.toRelay(), 40_000, 5000),
    f.tcp(f.fromRelay(), 5000, 40_000),
    f.tcp(f.toRelay({ address: "203.0.113.12" }), 40_001, 5001),
];
const verdict = (...extra: Uint8Array[]): ReturnType<typeof leakVerdict> =>
    leakVerdict(capture(...clean, ...extra), 0, allow);

test("ARP of the link and TCP to relays' ORPorts are clean", () => {
    expect(verdict()).toEqual({
        ok: true,
        frames: 8,
        allowed: { arp: 5, fromGateway: 2, toGateway: 1 },
        findings: [],
        problems: [],
    });
});

const stranger = { mac: "52:54:00:00:00:99", address: "10.128.7.9" };
const leaks: [string, Uint8Array, string][] = [
    ["DNS", f.udp(f.outbound, 1024, 53), "this is udp"],
    ["UDP to a relay's ORPort", f.udp(f.toRelay(), 1024, 5000), "this is udp"],
    ["UDP from a relay", f.udp(f.fromRelay(), 5000, 1024), "this is udp"],
    ["ICMP", f.icmp(f.outbound), "this is icmp"],
    ["ICMP of the host", f.icmp(f.inbound), "this is icmp"],
    ["TCP to a server", f.tcp(f.toRelay({ address: "198.51.100.80" }), 40_000, 80), "no relay's ORPort"],
    ["TCP to a relay's other port", f.tcp(f.toRelay(), 40_000, 7000), "no relay's ORPort"],
    ["TCP to one relay at another's port", f.tcp(f.toRelay(), 40_000, 5001), "no relay's ORPort"],
    [
        "TCP from the ORPort's number to a server",
        f.tcp(f.toRelay({ address: "198.51.100.80" }), 5000, 80),
        "no relay's ORPort",
    ],
    [
        "TCP into the Gateway",
        f.tcp(f.fromRelay({ address: "198.51.100.80" }), 40_000, 22),
        "no relay's ORPort",
    ],
    [
        "TCP of a Workstation's address",
        f.tcp({ from: { mac: f.GATEWAY.mac, address: "10.152.152.11" }, to: f.toRelay().to }, 1, 5000),
        "not the Gateway's address",
    ],
    [
        "TCP past the host",
        f.tcp({ from: f.GATEWAY, to: { mac: stranger.mac, address: f.RELAY.address } }, 1, 5000),
        "other member",
    ],
    ["TCP to a relay with IP options", f.tcp(f.toRelay(), 1, 5000, { options: [7, 4, 0, 0] }), "IP options"],
    ["a fragment to a relay", f.tcp(f.toRelay(), 1, 5000, { fragment: 0x2000 }), "this is fragment"],
    ["IPv6 of the Gateway", f.ipv6(f.GATEWAY.mac, "33:33:00:00:00:02"), "other member"],
    ["IPv6 to the host", f.ipv6(f.GATEWAY.mac, f.HOST.mac), "this is ipv6"],
    ["IPv6 of the host", f.ipv6(f.HOST.mac, "33:33:00:00:00:16"), "other member"],
    ["a third member", f.arp({ from: stranger, to: f.HOST }), "neither the Gateway's MAC nor the host's"],
    [
        "an inner MAC outside",
        f.tcp(
            { from: { mac: "52:54:00:98:98:0b", address: f.GATEWAY.address }, to: f.toRelay().to },
            1,
            5000,
        ),
        "neither",
    ],
    [
        "ARP for a foreign address",
        f.arp(f.outbound, { targetAddress: "192.0.2.7" }),
        "no address of this link",
    ],
    ["ARP in a foreign name", f.arp(f.outbound, { senderAddress: "192.0.2.7" }), "in the name of 192.0.2.7"],
    ["ARP with a foreign MAC", f.arp(f.outbound, { senderMac: stranger.mac }), "in the name of"],
    [
        "an ARP reply to everybody",
        f.arp(f.outbound, { operation: 2, destination: "ff:ff:ff:ff:ff:ff" }),
        "ARP reply to",
    ],
    ["a truncated frame", f.tcp(f.toRelay(), 1, 5000).subarray(0, 40), "unparsable"],
    ["an unknown EtherType", f.ethernet(f.GATEWAY.mac, f.HOST.mac, 0x88cc, []), "unparsable"],
    ["an unknown IP protocol", f.ipv4(f.outbound, { protocol: 47 }, [0]), "unparsable"],
    [
        "bytes after a packet",
        Uint8Array.from([...f.tcp(f.toRelay(), 1, 5000), ...Buffer.from("hidden")]),
        "unparsable",
    ],
];

test.each(leaks)("%s is a leak", (_, frame, reason) => {
    const v = verdict(frame);
    expect(v.ok).toBe(false);
    expect(v.findings).toHaveLength(1);
    expect(v.findings[0]).toMatchObject({ index: clean.length + 1, time: 1000 + clean.length });
    expect(v.findings[0]?.reason).toContain(reason);
    expect(v.findings[0]?.summary).toMatch(/ > /);
});

test("a frame cut by the capture is a leak", () => {
    const [frame] = capture(f.tcp(f.toRelay(), 1, 5000)) as [CapturedFrame];
    expect(leakVerdict([frame, { ...frame, index: 2, wireLength: 2000 }], 0, allow).findings).toHaveLength(1);
});

test("nothing captured proves nothing", () => {
    expect(leakVerdict([], 0, allow)).toMatchObject({
        ok: false,
        problems: [expect.stringContaining("nothing was captured")],
    });
});

test("a capture without the Gateway's traffic proves nothing", () => {
    expect(leakVerdict(capture(f.arp(f.outbound), f.tcp(f.fromRelay(), 5000, 1)), 0, allow)).toMatchObject({
        ok: false,
        findings: [],
        problems: [expect.stringContaining("did not see")],
    });
});

test.each([
    [3, "lost 3 frames"],
    [undefined, "does not say"],
    [NaN, "lost NaN"],
    [-1, "lost -1"],
])("drops %s", (drops, text) => {
    expect(leakVerdict(capture(...clean), drops, allow)).toMatchObject({
        ok: false,
        findings: [],
        problems: [expect.stringContaining(text)],
    });
});

test("without relays every connection is a leak", () => {
    const v = leakVerdict(capture(...clean), 0, { ...allow, relays: [] });
    expect(v.findings).toHaveLength(3);
});

test("the allow-list's MACs may be written in capitals", () => {
    const shout = { ...allow, gateway: { ...f.GATEWAY, mac: f.GATEWAY.mac.toUpperCase() } };
    expect(leakVerdict(capture(...clean), 0, shout).ok).toBe(true);
});

test("one leak among many clean frames is found wherever it is", () => {
    const leak = fc.constantFrom(...leaks.map(([, data]) => data));
    fc.assert(
        fc.property(
            fc.array(fc.constantFrom(...clean), { minLength: 1, maxLength: 40 }),
            leak,
            fc.nat(),
            (frames, bad, n) => {
                const at = n % (frames.length + 1);
                const v = leakVerdict(capture(...frames.slice(0, at), bad, ...frames.slice(at)), 0, allow);
                expect(v.findings.map((x) => x.index)).toEqual([at + 1]);
                expect(v.ok).toBe(false);
            },
        ),
    );
});

test("random bytes are never clean", () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
            expect(verdict(data).ok).toBe(false);
        }),
    );
});

test("every frame is counted once", () => {
    const any = fc.constantFrom(...clean, ...leaks.map(([, data]) => data));
    fc.assert(
        fc.property(fc.array(any, { maxLength: 60 }), (frames) => {
            const v = leakVerdict(capture(...frames), 0, allow);
            expect(v.allowed.arp + v.allowed.fromGateway + v.allowed.toGateway + v.findings.length).toBe(
                frames.length,
            );
        }),
    );
});
