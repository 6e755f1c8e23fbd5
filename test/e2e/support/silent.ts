/** The silences of a Gateway over one capture, and the negative test of each. */
import assert from "../../support/assert";
import type { CapturedFrame } from "../../../capture/pcap";
import { type Silence, silenceVerdict } from "../../../capture/silence";

/**
 * Every silence was kept, and each by itself would have been found broken, had it been claimed for longer.
 * @returns their lengths for people
 */
export function silent(
    captured: readonly CapturedFrame[],
    hostMac: string,
    silences: readonly Silence[],
): string {
    const verdict = silenceVerdict(captured, hostMac, silences);
    assert.deepEqual(
        { findings: verdict.findings, problems: verdict.problems },
        { findings: [], problems: [] },
    );
    for (const silence of silences) {
        const { findings } = silenceVerdict(captured, hostMac, [{ ...silence, to: silence.to + 60 }]);
        assert.ok(
            findings.length > 0,
            `${silence.name}: the same capture with a later deadline is no finding`,
        );
    }
    return silences.map((s) => `${(s.to - s.from).toFixed(1)} s (${s.name})`).join(", ");
}
