/**
 * A resolver for the lab's internet (RFC 1035): every name below `.test` is the web server, nothing else
 * exists.
 */
import type { Endpoint } from "./listen";
import { listenUdp } from "./listen";
import type { Recorder } from "./log";

const HEADER = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const NXDOMAIN = 3;

/** A question as it came. */
export interface Question {
    readonly id: number;
    readonly name: string;
    readonly type: number;
    readonly class: number;
    /** The question section, to be sent back as it is. */
    readonly section: Buffer;
}

/** Read a query with one question. @throws Error for anything else */
export function parseQuery(packet: Buffer): Question {
    if (packet.length < HEADER || (packet.readUInt8(2) & 0x80) !== 0 || packet.readUInt16BE(4) !== 1) {
        throw new Error("not a DNS query with one question");
    }
    const labels: string[] = [];
    let at = HEADER;
    for (let length = packet.readUInt8(at); length !== 0; length = packet.readUInt8(at)) {
        if (length > 63) {
            throw new Error("compressed name in a question");
        }
        if (at + 1 + length > packet.length) {
            throw new Error("name beyond the end");
        }
        labels.push(packet.toString("latin1", at + 1, at + 1 + length));
        at += 1 + length;
    }
    const end = at + 5;
    return {
        id: packet.readUInt16BE(0),
        name: labels.join("."),
        type: packet.readUInt16BE(at + 1),
        class: packet.readUInt16BE(at + 3),
        section: packet.subarray(HEADER, end),
    };
}

/**
 * The answer: an A record for names below `.test`, an empty answer for other types there, NXDOMAIN elsewhere.
 */
export function answer(question: Question, address: string): Buffer {
    const known = /(^|\.)test$/i.test(question.name);
    const record = known && question.type === TYPE_A && question.class === CLASS_IN;
    const header = Buffer.alloc(HEADER);
    header.writeUInt16BE(question.id, 0);
    header.writeUInt16BE(0x8180 | (known ? 0 : NXDOMAIN), 2); // response, recursion desired and available
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(record ? 1 : 0, 6);
    // name: pointer to the question; A, IN, 60 s, four octets
    const resource = Buffer.from([
        0xc0,
        HEADER,
        0,
        TYPE_A,
        0,
        CLASS_IN,
        0,
        0,
        0,
        60,
        0,
        4,
        ...address.split(".").map(Number),
    ]);
    return Buffer.concat([header, question.section, ...(record ? [resource] : [])]);
}

/** Serve DNS over UDP. A packet that is no query is noted with an empty name and not answered. */
export async function listenDns(at: Endpoint, address: string, record: Recorder): Promise<void> {
    await listenUdp(at, (packet, from, socket) => {
        let question: Question | undefined;
        try {
            question = parseQuery(packet);
        } catch {
            question = undefined;
        }
        // Resolvers ask in random case (draft-vixie-dnsext-dns0x20), tor does; readers of the log look for
        // names.
        const name = question?.name.toLowerCase() ?? "";
        record({ kind: "dns", src: from.address, dst: at.address, port: at.port, name });
        if (question !== undefined) {
            socket.send(answer(question, address), from.port, from.address);
        }
    });
}
