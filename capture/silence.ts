/**
 * Silence on a Gateway's external link: between its power-on and the moment at which its ruleset is loaded,
 * no frame but the host's own. Pure: frames and times in, a verdict out.
 */
import { decodeFrame } from "./frame";
import { summarise, type Finding } from "./leak";
import type { CapturedFrame } from "./pcap";

/** A span of time in which the guest must say nothing; seconds since the epoch. */
export interface Silence {
    /** Which one, e.g. `power-on`. */
    readonly name: string;
    /** No later than the guest's first instruction. */
    readonly from: number;
    /** When the guest said that its ruleset is loaded. */
    readonly to: number;
}

export interface SilenceVerdict {
    readonly ok: boolean;
    readonly findings: readonly Finding[];
    /** Reasons for which the silence proves nothing. */
    readonly problems: readonly string[];
}

/**
 * Judge all silences over one capture of the link.
 * @param hostMac the bridge's MAC; everybody else on the link is the guest, or must not be there
 */
export function silenceVerdict(
    captured: readonly CapturedFrame[],
    hostMac: string,
    silences: readonly Silence[],
): SilenceVerdict {
    const others = captured.flatMap((c) => {
        const frame = decodeFrame(c.data, c.wireLength);
        return frame.sourceMac === hostMac.toLowerCase() ? [] : [{ ...c, frame }];
    });
    const findings = silences.flatMap((silence) =>
        others
            .filter((o) => o.time >= silence.from && o.time < silence.to)
            .map((o) => ({
                index: o.index,
                time: o.time,
                summary: summarise(o.frame),
                reason: `${silence.name}: ${(silence.to - o.time).toFixed(2)} s before the ruleset was loaded`,
            })),
    );
    const problems =
        silences.length === 0
            ? ["there is no silence to judge"]
            : silences.flatMap(({ name, from, to }) => {
                  if (!(to > from)) {
                      return [`${name}: it is not known when the ruleset was loaded`];
                  }
                  const next = Math.min(
                      ...silences.map((s) => s.from).filter((other) => other > from),
                      Infinity,
                  );
                  return others.some((o) => o.time >= to && o.time < next)
                      ? []
                      : [`${name}: the guest was not heard after it either, which proves nothing`];
              });
    return { ok: findings.length === 0 && problems.length === 0, findings, problems };
}
