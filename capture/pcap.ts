/**
 * Reader of classic capture files. Source: draft-ietf-opsawg-pcap, "PCAP Capture File Format".
 *
 * A proof rests on this file, so nothing is skipped or guessed: another format, another link type, a record
 * that does not fit or bytes left over are errors, never a shorter list of frames.
 */

/** LINKTYPE_ETHERNET, the only one that we read. */
const LINKTYPE_ETHERNET = 1;
const HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** No frame is longer than this, whatever the file's own snapshot length says (tcpdump's MAXIMUM_SNAPLEN). */
const MAX_FRAME = 262_144;

/** One captured frame. */
export interface CapturedFrame {
    /** Position in the capture, from 1 as tcpdump and Wireshark count. */
    readonly index: number;
    /** When it was captured, in seconds since the epoch. */
    readonly time: number;
    /** What was captured of it. */
    readonly data: Uint8Array;
    /** Length on the wire in bytes; larger than `data` when the capture cut it. */
    readonly wireLength: number;
}

/** The capture can't be read as a whole, so it proves nothing. */
export class PcapError extends Error {
    constructor(what: string) {
        super(`capture file is unreadable: ${what}`);
        this.name = "PcapError";
    }
}

interface Layout {
    readonly littleEndian: boolean;
    readonly ticksPerSecond: number;
}

const MAGICS: ReadonlyMap<number, Layout> = new Map([
    [0xa1b2c3d4, { littleEndian: false, ticksPerSecond: 1e6 }],
    [0xd4c3b2a1, { littleEndian: true, ticksPerSecond: 1e6 }],
    [0xa1b23c4d, { littleEndian: false, ticksPerSecond: 1e9 }],
    [0x4d3cb2a1, { littleEndian: true, ticksPerSecond: 1e9 }],
]);

function layoutOf(view: DataView): Layout {
    if (view.byteLength < HEADER_LENGTH) {
        throw new PcapError(`${view.byteLength} bytes, its header alone has ${HEADER_LENGTH}`);
    }
    const magic = view.getUint32(0);
    const layout = MAGICS.get(magic);
    if (layout === undefined) {
        throw new PcapError(`magic number 0x${magic.toString(16).padStart(8, "0")} is not a classic pcap's`);
    }
    const [major, minor] = [view.getUint16(4, layout.littleEndian), view.getUint16(6, layout.littleEndian)];
    if (major !== 2 || minor !== 4) {
        throw new PcapError(`version ${major}.${minor}; only 2.4 is known`);
    }
    const linkType = view.getUint32(20, layout.littleEndian);
    if (linkType !== LINKTYPE_ETHERNET) {
        throw new PcapError(`link type ${linkType}; only Ethernet (${LINKTYPE_ETHERNET}) is known`);
    }
    return layout;
}

/**
 * Every frame of a classic pcap file (either byte order, micro- or nanoseconds).
 * @throws PcapError for anything else, and for a file that ends within a record
 */
export function readPcap(file: Uint8Array): CapturedFrame[] {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const { littleEndian, ticksPerSecond } = layoutOf(view);
    const frames: CapturedFrame[] = [];
    let at = HEADER_LENGTH;
    while (at < file.byteLength) {
        const index = frames.length + 1;
        if (at + RECORD_HEADER_LENGTH > file.byteLength) {
            throw new PcapError(`it ends within the header of frame ${index}`);
        }
        const [seconds, ticks, captured, wireLength] = [0, 4, 8, 12].map((o) =>
            view.getUint32(at + o, littleEndian),
        ) as [number, number, number, number];
        if (
            captured > MAX_FRAME ||
            wireLength > MAX_FRAME ||
            captured > wireLength ||
            ticks >= ticksPerSecond
        ) {
            throw new PcapError(
                `the header of frame ${index} is implausible (${captured} of ${wireLength} bytes, ${ticks} ticks)`,
            );
        }
        const start = at + RECORD_HEADER_LENGTH;
        if (start + captured > file.byteLength) {
            throw new PcapError(`it ends within frame ${index}`);
        }
        frames.push({
            index,
            time: seconds + ticks / ticksPerSecond,
            data: file.subarray(start, start + captured),
            wireLength,
        });
        at = start + captured;
    }
    return frames;
}
