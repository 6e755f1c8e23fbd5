/** Timing of whole programs, and the memory of a program's whole process tree. */
import { readFileSync, readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";

export interface Sample {
    readonly seconds: number;
    /** Highest sum of resident memory over the processes of the run, in MiB; sampled every 25 ms. */
    readonly peakMiB: number;
}

const PAGE_KIB = 4;

function residentMiB(pids: readonly number[]): number {
    const pages = pids.map((pid) => {
        try {
            return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
        } catch {
            return 0; // it ended meanwhile
        }
    });
    return Math.round((pages.reduce((a, b) => a + b, 0) * PAGE_KIB) / 1024);
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

/** Time an action that starts a process; `pid` is asked once it runs. */
export async function timed(run: () => { readonly done: Promise<void>; readonly pid?: () => number | undefined }): Promise<Sample> {
    const start = performance.now();
    const { done, pid } = run();
    let peakMiB = 0;
    const sampler = setInterval(() => {
        const root = pid?.();
        if (root !== undefined) {
            peakMiB = Math.max(peakMiB, residentMiB(tree(root)));
        }
    }, 25);
    try {
        await done;
        return { seconds: (performance.now() - start) / 1000, peakMiB };
    } finally {
        clearInterval(sampler);
    }
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
