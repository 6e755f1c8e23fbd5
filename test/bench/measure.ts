/**
 * Time of whole programs, and the memory of a program's whole process tree. Apart, because looking at memory
 * takes time.
 */
import { readFileSync, readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Highest sums over the processes of a run, in MiB. */
export interface Peak {
    /** Resident memory, in which pages that processes share count once for each. */
    readonly rss: number;
    /** Proportional set size (proc_pid_smaps(5)): shared pages count once. */
    readonly pss: number;
}

/** Rss and Pss of processes in MiB. */
function memory(pids: readonly number[]): Peak {
    let [rss, pss] = [0, 0];
    for (const pid of pids) {
        try {
            const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
            rss += Number(/^Rss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
            pss += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
        } catch {
            // it ended meanwhile
        }
    }
    return { rss: Math.round(rss / 1024), pss: Math.round(pss / 1024) };
}

/** Every process below `root`, itself included, by parents; orphans of the run are missed. */
function tree(root: number): number[] {
    const children = new Map<number, number[]>();
    for (const name of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
        try {
            const stat = readFileSync(`/proc/${name}/stat`, "latin1");
            const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
            children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
        } catch {
            // it ended meanwhile
        }
    }
    const all: number[] = [];
    for (let next = [root]; next.length > 0; next = next.flatMap((pid) => children.get(pid) ?? [])) {
        all.push(...next);
    }
    return all;
}

/** How long an action takes, in seconds. */
export async function timed(run: () => PromiseLike<unknown>): Promise<number> {
    const start = performance.now();
    await run();
    return (performance.now() - start) / 1000;
}

/**
 * Peak of a process and all below it until it ends; looked at every 25 ms. @throws Error when nothing was
 * seen
 */
export async function peakOf(
    child: PromiseLike<unknown> & { readonly pid?: number | undefined },
): Promise<Peak> {
    let peak: Peak = { rss: 0, pss: 0 };
    const sampler = setInterval(() => {
        const now = child.pid === undefined ? peak : memory(tree(child.pid));
        peak = { rss: Math.max(peak.rss, now.rss), pss: Math.max(peak.pss, now.pss) };
    }, 25);
    try {
        await child;
    } finally {
        clearInterval(sampler);
    }
    if (peak.pss === 0) {
        throw new Error("the run's memory was not seen");
    }
    return peak;
}

/** The middle value; the mean of the two middle ones for an even count. @throws RangeError for no value */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
    if (low === undefined || high === undefined) {
        throw new RangeError("no values, no median");
    }
    return (low + high) / 2;
}
