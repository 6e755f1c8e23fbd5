/** Silence before the ruleset: kept, broken, and not proven. */
import type { CapturedFrame } from "../../../capture/pcap";
import { silenceVerdict } from "../../../capture/silence";
import { arp, GATEWAY, HOST, RELAY, tcp } from "./frames";

const NEXT = { mac: HOST.mac, address: RELAY.address };
const at = (time: number, data: Uint8Array): CapturedFrame => ({
    index: 1,
    time,
    data,
    wireLength: data.length,
});
const fromGateway = (time: number): CapturedFrame =>
    at(time, tcp({ from: GATEWAY, to: NEXT }, 40000, RELAY.port));
const fromHost = (time: number): CapturedFrame => at(time, arp({ from: HOST, to: GATEWAY }));
const BOOT = { name: "power-on", from: 100, to: 120 };
const RESET = { name: "reset", from: 200, to: 220 };

it("only the host may speak while the Gateway boots", () => {
    expect(
        silenceVerdict(
            [fromHost(105), fromGateway(120), fromGateway(199), fromHost(210), fromGateway(230)],
            HOST.mac,
            [BOOT, RESET],
        ),
    ).toEqual({ ok: true, findings: [], problems: [] });
});

it.each([100, 119.99])("a frame at %d s breaks the silence", (time) => {
    const verdict = silenceVerdict([fromGateway(time), fromGateway(125)], HOST.mac, [BOOT]);
    expect(verdict.ok).toBe(false);
    expect(verdict.findings).toHaveLength(1);
    expect(verdict.findings[0]?.reason).toMatch(/^power-on: \d+\.\d\d s before the ruleset was loaded$/);
});

it("a frame that can't be read breaks it, as does a third machine's", () => {
    const third = arp({ from: { mac: "52:54:00:00:00:99", address: "10.128.7.3" }, to: HOST });
    const verdict = silenceVerdict(
        [at(110, new Uint8Array([1, 2, 3])), at(111, third), fromGateway(125)],
        HOST.mac,
        [BOOT],
    );
    expect(verdict.findings).toHaveLength(2);
});

it.each([
    ["nothing is heard afterwards", [fromHost(105)], [BOOT]],
    ["nothing is heard between two silences", [fromGateway(230)], [BOOT, RESET]],
    ["it is not known when the ruleset was loaded", [fromGateway(125)], [{ ...BOOT, to: NaN }]],
    ["it ends before it begins", [fromGateway(125)], [{ ...BOOT, to: 99 }]],
    ["there is none", [fromGateway(125)], []],
])("it proves nothing when %s", (_, frames, silences) => {
    const verdict = silenceVerdict(frames, HOST.mac, silences);
    expect(verdict.ok).toBe(false);
    expect(verdict.problems).not.toEqual([]);
});
