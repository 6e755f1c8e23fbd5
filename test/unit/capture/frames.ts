/**
 * Builders of frames and capture files for tests: written byte by byte, apart from the decoder that they
 * test.
 */
export const GATEWAY = { mac: "52:54:00:aa:bb:01", address: "10.128.7.2" };
export const HOST = { mac: "52:54:00:aa:bb:fe", address: "10.128.7.1" };
export const RELAY = { address: "203.0.113.11", port: 5000 };

const mac = (text: string): number[] => text.split(":").map((o) => parseInt(o, 16));
const quad = (text: string): number[] => text.split(".").map(Number);
const u16 = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff];
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

export interface Addresses {
    readonly from: { mac: string; address: string };
    readonly to: { mac: string; address: string };
}

export const ethernet = (from: string, to: string, type: number, payload: number[]): Uint8Array =>
    Uint8Array.from([...mac(to), ...mac(from), ...u16(type), ...payload]);

export interface IpFields {
    readonly protocol: number;
    readonly options?: number[];
    /** Flags and fragment offset as one number. */
    readonly fragment?: number;
    readonly total?: number;
    readonly version?: number;
}

export function ipv4({ from, to }: Addresses, fields: IpFields, payload: number[]): Uint8Array {
    const options = fields.options ?? [];
    const header = 20 + options.length;
    return ethernet(from.mac, to.mac, 0x0800, [
        ((fields.version ?? 4) << 4) | (header / 4),
        0,
        ...u16(fields.total ?? header + payload.length),
        0,
        1,
        ...u16(fields.fragment ?? 0),
        64,
        fields.protocol,
        0,
        0,
        ...quad(from.address),
        ...quad(to.address),
        ...options,
        ...payload,
    ]);
}

export const tcpSegment = (from: number, to: number, data: number[] = []): number[] => [
    ...u16(from),
    ...u16(to),
    ...zeros(8),
    0x50,
    0x10,
    ...zeros(6),
    ...data,
];
export const udpDatagram = (from: number, to: number, data: number[] = []): number[] => [
    ...u16(from),
    ...u16(to),
    ...u16(8 + data.length),
    0,
    0,
    ...data,
];

export const tcp = (ends: Addresses, from: number, to: number, extra: Partial<IpFields> = {}): Uint8Array =>
    ipv4(ends, { protocol: 6, ...extra }, tcpSegment(from, to, [1, 2, 3]));
export const udp = (ends: Addresses, from: number, to: number): Uint8Array =>
    ipv4(ends, { protocol: 17 }, udpDatagram(from, to, [9]));
export const icmp = (ends: Addresses): Uint8Array => ipv4(ends, { protocol: 1 }, [8, 0, ...zeros(6)]);

export interface ArpFields {
    readonly operation?: number;
    readonly senderMac?: string;
    readonly senderAddress?: string;
    readonly targetMac?: string;
    readonly targetAddress?: string;
    readonly destination?: string;
}

export function arp({ from, to }: Addresses, f: ArpFields = {}): Uint8Array {
    const operation = f.operation ?? 1;
    const unicast = operation !== 1;
    return ethernet(from.mac, f.destination ?? (unicast ? to.mac : "ff:ff:ff:ff:ff:ff"), 0x0806, [
        0,
        1,
        8,
        0,
        6,
        4,
        ...u16(operation),
        ...mac(f.senderMac ?? from.mac),
        ...quad(f.senderAddress ?? from.address),
        ...mac(f.targetMac ?? (unicast ? to.mac : "00:00:00:00:00:00")),
        ...quad(f.targetAddress ?? to.address),
    ]);
}

export const ipv6 = (from: string, to: string): Uint8Array =>
    ethernet(from, to, 0x86dd, [0x60, 0, 0, 0, 0, 8, 58, 255, ...zeros(32), 133, 0, ...zeros(6)]);

/** Both directions of the link, and of a connection to the relay through the host. */
export const outbound: Addresses = { from: GATEWAY, to: HOST };
export const inbound: Addresses = { from: HOST, to: GATEWAY };
export const toRelay = (relay: { address: string } = RELAY): Addresses => ({
    from: GATEWAY,
    to: { mac: HOST.mac, address: relay.address },
});
export const fromRelay = (relay: { address: string } = RELAY): Addresses => ({
    from: { mac: HOST.mac, address: relay.address },
    to: GATEWAY,
});

export interface FileOptions {
    readonly littleEndian?: boolean;
    readonly nanoseconds?: boolean;
    readonly linkType?: number;
    readonly minor?: number;
}

export interface RecordFields {
    readonly seconds: number;
    readonly ticks: number;
    readonly data: Uint8Array;
    readonly wireLength?: number;
}

/** A classic capture file. */
export function pcap(records: readonly RecordFields[], options: FileOptions = {}): Uint8Array {
    const le = options.littleEndian ?? true;
    const out = Buffer.alloc(24 + records.reduce((n, r) => n + 16 + r.data.length, 0));
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    view.setUint32(0, options.nanoseconds === true ? 0xa1b23c4d : 0xa1b2c3d4, le);
    view.setUint16(4, 2, le);
    view.setUint16(6, options.minor ?? 4, le);
    view.setUint32(16, 262_144, le);
    view.setUint32(20, options.linkType ?? 1, le);
    let at = 24;
    for (const { seconds, ticks, data, wireLength } of records) {
        [seconds, ticks, data.length, wireLength ?? data.length].forEach((n, i) =>
            view.setUint32(at + 4 * i, n, le),
        );
        out.set(data, at + 16);
        at += 16 + data.length;
    }
    return out;
}
