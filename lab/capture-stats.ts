/** tcpdump's closing lines. Pure. */

/** Counters of a capture (tcpdump(1)). */
export interface CaptureStats {
    /** Frames that tcpdump took and wrote. */
    readonly captured: number;
    /** Frames that reached the filter. More than were captured: some still waited in the buffer when the capture ended. */
    readonly receivedByFilter: number;
    /** Frames lost for want of buffer space, in the kernel and in the interface: above 0 the capture proves nothing. */
    readonly droppedByKernel: number;
}

function count(text: string, what: string): number | undefined {
    const found = new RegExp(`^(\\d+) packets? ${what}$`, "m").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
}

/** Read the counters. @throws Error when one is missing: a capture whose losses nobody knows is none */
export function parseCaptureStats(text: string): CaptureStats {
    const captured = count(text, "captured");
    const receivedByFilter = count(text, "received by filter");
    const dropped = count(text, "dropped by kernel");
    if (captured === undefined || receivedByFilter === undefined || dropped === undefined) {
        throw new Error(`tcpdump did not say how many packets it captured and dropped; it said ${JSON.stringify(text.slice(-300))}`);
    }
    // tcpdump prints this line only when there is something to tell.
    return { captured, receivedByFilter, droppedByKernel: dropped + (count(text, "dropped by interface") ?? 0) };
}
