/** Running phases of the probes and taking their results into the tally. */
import { join } from "node:path";
import { ENVIRONMENT, run } from "../../lab/run";
import type { Tally } from "./report";
import type { Spec } from "./spec";
import { PROBES, type Stage } from "./world";

export type Phase =
    | "listens"
    | "ready"
    | "tor"
    | "onion"
    | "guard"
    | "fast"
    | "flushed"
    | "control"
    | "sweep"
    | "sweep-control"
    | "mutate"
    | "gone"
    | "counters"
    | "socks-only"
    | "control-port"
    | "pinned"
    | "throughput"
    | "recovers"
    | "workstation"
    | "mutate-workstation"
    | "mutate-pinned"
    | "mutate-control-port"
    | "shut"
    | "open"
    | "stranger"
    | "public-lan"
    | "public-lan-open"
    | "held-workstation"
    | "mutate-held-workstation"
    | "tunnel"
    | "tunnel-control"
    | "mutate-tunnel"
    | "mutate-socks-only"
    | "mutate-closed-control-port";

interface Line {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly noticed?: boolean;
    /** Throughput against a tor that is used directly. */
    readonly ratio?: number;
}

/** What a phase took, said at its end. */
interface Ending {
    readonly phase: Phase;
    readonly seconds: number;
}

/** What the probes tell about themselves, last of all. */
export interface PhaseFigures {
    readonly framesSent: number;
    readonly attacks: number;
    readonly duties: number;
    readonly positiveControls: number;
}

/** Phases that hang must end; none takes a tenth of this when the machine is free. */
const LIMIT_MS = 600_000;

/**
 * Run phases one after the other, in one process; every line of its output is one result. A process that ends
 * badly, or phases that did not come to their end, have failed.
 * @returns the results
 */
export async function phases(
    tally: Tally,
    stage: Stage,
    spec: Spec,
    names: readonly Phase[],
    label = "",
): Promise<Line[]> {
    stage.signal.throwIfAborted();
    const results: Line[] = [];
    const ended: Phase[] = [];
    const child = run("/usr/bin/python3", ["-B", join(PROBES, "main.py"), spec.file, ...names], {
        reject: false,
        stdin: "ignore",
        env: ENVIRONMENT,
        timeout: LIMIT_MS,
        cancelSignal: stage.signal,
    });
    for await (const text of child) {
        const line = JSON.parse(String(text)) as Line | Ending | { readonly figures: PhaseFigures };
        if ("figures" in line) {
            tally.figures.probes(line.figures);
        } else if ("phase" in line) {
            ended.push(line.phase);
            tally.took(stage.cell, `${label}${line.phase}`.trim(), line.seconds);
        } else {
            results.push(line);
            tally.add(`${label}${line.name}`, line.ok, line.detail);
        }
    }
    const done = await child;
    if (done.exitCode !== 0 || results.length === 0 || ended.length !== names.length) {
        const why = done.stderr.trim().split("\n").slice(-3).join(" | ") || "it said nothing";
        tally.add(
            `${stage.cell}: ${names.join(", ")} ran to the end`,
            false,
            done.timedOut ? `not within ${LIMIT_MS / 1000} s` : why,
        );
    }
    return results;
}
