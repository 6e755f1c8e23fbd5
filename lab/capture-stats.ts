/** What tcpdump says of its frames: when it is asked, and at the end. Pure. */

/** Counters of a capture (tcpdump(1)). */
export interface CaptureStats {
    /** Frames that tcpdump took and wrote. */
    readonly captured: number;
    /** Frames that reached the filter, those that were dropped or still wait in the buffer among them. */
    readonly receivedByFilter: number;
    /**
     * Frames lost for want of buffer space, in the kernel and in the interface: above 0 the capture proves
     * nothing.
     */
    readonly droppedByKernel: number;
}

function count(text: string, what: string): number | undefined {
    const found = new RegExp(`^(\\d+) packets? ${what}$`, "m").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
}

/** Frames that wait in the buffer: they are in no file. */
export const waiting = (stats: CaptureStats): number =>
    Math.max(0, stats.receivedByFilter - stats.captured - stats.droppedByKernel);

/** The last answer to SIGUSR1, which tcpdump gives in one line. */
export function lastAnswer(text: string): CaptureStats | undefined {
    const answers = [
        ...text.matchAll(
            /^tcpdump: (\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/gm,
        ),
    ];
    const [, captured, receivedByFilter, droppedByKernel] = answers.at(-1)?.map(Number) ?? [];
    return captured === undefined || receivedByFilter === undefined || droppedByKernel === undefined
        ? undefined
        : { captured, receivedByFilter, droppedByKernel };
}

/** Read the counters. @throws Error when one is missing: a capture with unknown losses is none */
export function parseCaptureStats(text: string): CaptureStats {
    const captured = count(text, "captured");
    const receivedByFilter = count(text, "received by filter");
    const dropped = count(text, "dropped by kernel");
    if (captured === undefined || receivedByFilter === undefined || dropped === undefined) {
        throw new Error(
            `tcpdump did not say how many packets it captured and dropped; it said ` +
                `${JSON.stringify(text.slice(-300))}`,
        );
    }
    // tcpdump prints this line only when there is something to tell.
    return {
        captured,
        receivedByFilter,
        droppedByKernel: dropped + (count(text, "dropped by interface") ?? 0),
    };
}
