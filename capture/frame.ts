/**
 * Strict decoder of Ethernet frames: ARP and IPv4 (RFC 826, 791, 768, 9293, 792), as far as a leak check
 * needs them. What it does not know, or what is cut short or contradicts itself, is "unparsable"; the caller
 * decides on that, and the leak check decides "finding". Bytes that no header accounts for are unparsable as
 * well: they could carry data.
 */

/** Length below which Ethernet pads (without the checksum, which captures do not hold). */
const MIN_ETHERNET = 60;
const ETHERNET_HEADER = 14;
const [ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6] = [0x0800, 0x0806, 0x86dd];

interface Link {
    readonly sourceMac: string;
    readonly destinationMac: string;
}

export interface ArpFrame extends Link {
    readonly kind: "arp";
    readonly operation: "request" | "reply";
    readonly senderMac: string;
    readonly senderAddress: string;
    readonly targetMac: string;
    readonly targetAddress: string;
}

interface Ipv4Base extends Link {
    readonly source: string;
    readonly destination: string;
    /** Whether the header carries IP options. */
    readonly options: boolean;
}

export interface PortFrame extends Ipv4Base {
    readonly kind: "tcp" | "udp";
    readonly sourcePort: number;
    readonly destinationPort: number;
}

interface IcmpFrame extends Ipv4Base {
    readonly kind: "icmp";
    readonly type: number;
    readonly code: number;
}

/** A part of a fragmented datagram, the first one included: no port can be trusted on it. */
interface FragmentFrame extends Ipv4Base {
    readonly kind: "fragment";
    readonly protocol: number;
    /** Offset in bytes. */
    readonly offset: number;
}

/** IPv6, of which only the addresses and the first next-header number are read. */
interface Ipv6Frame extends Link {
    readonly kind: "ipv6";
    readonly nextHeader: number;
}

/** Not understood, with the reason. The link's addresses are there when at least they could be read. */
interface UnparsableFrame extends Partial<Link> {
    readonly kind: "unparsable";
    readonly reason: string;
}

export type Frame = ArpFrame | PortFrame | IcmpFrame | FragmentFrame | Ipv6Frame | UnparsableFrame;

class Unparsable extends Error {}

/** A view that refuses to read past its end. */
class Reader {
    private readonly view: DataView;

    constructor(
        readonly bytes: Uint8Array,
        private readonly layer: string,
    ) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    private need(end: number): void {
        if (end > this.bytes.byteLength) {
            throw new Unparsable(`${this.layer} is cut short: ${this.bytes.byteLength} bytes, ${end} needed`);
        }
    }

    u8(at: number): number {
        this.need(at + 1);
        return this.view.getUint8(at);
    }

    u16(at: number): number {
        this.need(at + 2);
        return this.view.getUint16(at);
    }

    mac(at: number): string {
        this.need(at + 6);
        return Array.from(this.bytes.subarray(at, at + 6), (b) => b.toString(16).padStart(2, "0")).join(":");
    }

    address(at: number): string {
        this.need(at + 4);
        return this.bytes.subarray(at, at + 4).join(".");
    }

    slice(from: number, to: number): Uint8Array {
        this.need(to);
        return this.bytes.subarray(from, to);
    }
}

/** Bytes after the last header are fine only as padding of a minimal frame. */
function refuseTrailer(frameLength: number, used: number): void {
    if (frameLength > used && frameLength > MIN_ETHERNET) {
        throw new Unparsable(`${frameLength - used} bytes after the end of the packet`);
    }
}

function decodeArp(frame: Reader, link: Link): ArpFrame {
    const arp = new Reader(frame.bytes.subarray(ETHERNET_HEADER), "ARP packet");
    if (arp.u16(0) !== 1 || arp.u16(2) !== ETHERTYPE_IPV4 || arp.u8(4) !== 6 || arp.u8(5) !== 4) {
        throw new Unparsable("ARP for something other than IPv4 on Ethernet");
    }
    const operation = ({ 1: "request", 2: "reply" } as const)[arp.u16(6)];
    if (operation === undefined) {
        throw new Unparsable(`ARP operation ${arp.u16(6)}`);
    }
    const fields = {
        senderMac: arp.mac(8),
        senderAddress: arp.address(14),
        targetMac: arp.mac(18),
        targetAddress: arp.address(24),
    };
    refuseTrailer(frame.bytes.byteLength, ETHERNET_HEADER + 28);
    return { kind: "arp", ...link, operation, ...fields };
}

function decodePorts(kind: "tcp" | "udp", payload: Reader, base: Ipv4Base): PortFrame {
    if (kind === "tcp") {
        const header = (payload.u8(12) >> 4) * 4;
        if (header < 20) {
            throw new Unparsable(`TCP header of ${header} bytes`);
        }
        payload.slice(0, header);
    } else if (payload.u16(4) !== payload.bytes.byteLength) {
        throw new Unparsable(
            `UDP length ${payload.u16(4)} in a payload of ${payload.bytes.byteLength} bytes`,
        );
    } else {
        payload.slice(0, 8);
    }
    return { kind, ...base, sourcePort: payload.u16(0), destinationPort: payload.u16(2) };
}

function decodeIpv4(frame: Reader, link: Link): Frame {
    const ip = new Reader(frame.bytes.subarray(ETHERNET_HEADER), "IPv4 packet");
    const [version, header] = [ip.u8(0) >> 4, (ip.u8(0) & 0x0f) * 4];
    const total = ip.u16(2);
    if (version !== 4 || header < 20 || total < header) {
        throw new Unparsable(`IPv4 header: version ${version}, ${header} bytes of ${total}`);
    }
    const payload = new Reader(ip.slice(header, total), "IPv4 payload");
    refuseTrailer(frame.bytes.byteLength, ETHERNET_HEADER + total);
    const base: Ipv4Base = {
        ...link,
        source: ip.address(12),
        destination: ip.address(16),
        options: header > 20,
    };
    const [protocol, flags] = [ip.u8(9), ip.u16(6)];
    const offset = (flags & 0x1fff) * 8;
    if ((flags & 0x8000) !== 0) {
        throw new Unparsable("IPv4 header has the reserved flag set");
    }
    if ((flags & 0x2000) !== 0 || offset > 0) {
        return { kind: "fragment", ...base, protocol, offset };
    }
    switch (protocol) {
        case 1:
            payload.slice(0, 8);
            return { kind: "icmp", ...base, type: payload.u8(0), code: payload.u8(1) };
        case 6:
            return decodePorts("tcp", payload, base);
        case 17:
            return decodePorts("udp", payload, base);
        default:
            throw new Unparsable(`IPv4 protocol ${protocol} from ${base.source} to ${base.destination}`);
    }
}

function decodeKnown(frame: Reader, link: Link): Frame {
    const etherType = frame.u16(12);
    switch (etherType) {
        case ETHERTYPE_ARP:
            return decodeArp(frame, link);
        case ETHERTYPE_IPV4:
            return decodeIpv4(frame, link);
        case ETHERTYPE_IPV6:
            return {
                kind: "ipv6",
                ...link,
                nextHeader: new Reader(frame.slice(ETHERNET_HEADER, ETHERNET_HEADER + 40), "IPv6 header").u8(
                    6,
                ),
            };
        default:
            throw new Unparsable(`EtherType 0x${etherType.toString(16).padStart(4, "0")}`);
    }
}

/**
 * Decode one frame. Never throws.
 * @param data what was captured
 * @param wireLength its length on the wire; a frame that the capture cut is unparsable
 */
export function decodeFrame(data: Uint8Array, wireLength: number = data.byteLength): Frame {
    let link: Link | undefined;
    try {
        const frame = new Reader(data, "Ethernet header");
        link = { destinationMac: frame.mac(0), sourceMac: frame.mac(6) };
        if (wireLength !== data.byteLength) {
            throw new Unparsable(`only ${data.byteLength} of ${wireLength} bytes were captured`);
        }
        return decodeKnown(frame, link);
    } catch (error) {
        if (error instanceof Unparsable) {
            return { kind: "unparsable", reason: error.message, ...link };
        }
        throw error;
    }
}
