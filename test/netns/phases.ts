/** Running one phase of the probes and taking its results into the tally. */
import { join } from "node:path";
import { projectRoot } from "../../cli/root";
import { ENVIRONMENT, run } from "../../lab/run";
import type { Tally } from "./report";

export type Phase = "ready" | "tor" | "guard" | "fast" | "flushed" | "control" | "mutate" | "gone" | "counters" | "socks-only" | "control-port" | "pinned" | "throughput" | "recovers" | "workstation" | "mutate-workstation"
    | "held-workstation" | "mutate-held-workstation";

interface Line {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly noticed?: boolean;
}

/** What a phase tells about itself, last of all. */
export interface PhaseFigures {
    readonly framesSent: number;
    readonly attacks: number;
    readonly duties: number;
    readonly positiveControls: number;
}

const PROBES = join("test", "netns", "probes", "main.py");
/** A phase that hangs must end; none takes a tenth of this when the machine is free. */
const LIMIT_MS = 600_000;

/**
 * Run a phase; every line of its output is one result. A phase that ends badly or says nothing has failed.
 * @returns the results
 */
export async function phase(tally: Tally, spec: string, name: Phase, label = ""): Promise<Line[]> {
    const results: Line[] = [];
    const child = run("/usr/bin/python3", ["-B", join(projectRoot(), PROBES), spec, name], {
        reject: false, stdin: "ignore", env: ENVIRONMENT, timeout: LIMIT_MS,
    });
    for await (const text of child) {
        const line = JSON.parse(String(text)) as Line | { readonly figures: PhaseFigures };
        if ("figures" in line) {
            tally.figures.probes(line.figures);
            continue;
        }
        results.push(line);
        tally.add(`${label}${line.name}`, line.ok, line.detail);
    }
    const done = await child;
    if (done.exitCode !== 0 || results.length === 0) {
        tally.add(`phase ${name} ran to its end`, false, done.stderr.trim().split("\n").slice(-3).join(" | ") || "it said nothing");
    }
    return results;
}
