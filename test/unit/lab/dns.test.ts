import fc from "fast-check";
import { answer, parseQuery } from "../../../lab/services/dns";

function query(name: string, type = 1, id = 0x1234): Buffer {
    const header = Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const labels =
        name === ""
            ? []
            : name
                  .split(".")
                  .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
    return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}
const ADDRESS = "198.51.100.80";
const rcode = (packet: Buffer): number => packet.readUInt16BE(2) & 0xf;
const answers = (packet: Buffer): number => packet.readUInt16BE(6);

test("a name below .test is the web server", () => {
    const reply = answer(parseQuery(query("a.probe.example.test")), ADDRESS);
    expect(reply.readUInt16BE(0)).toBe(0x1234);
    expect([rcode(reply), answers(reply)]).toEqual([0, 1]);
    expect([...reply.subarray(-4)]).toEqual([198, 51, 100, 80]);
});

test("another type there has an empty answer, another name does not exist", () => {
    const aaaa = answer(parseQuery(query("web.example.test", 28)), ADDRESS);
    expect([rcode(aaaa), answers(aaaa)]).toEqual([0, 0]);
    for (const name of ["example.com", "nottest", "test.org", ""]) {
        const reply = answer(parseQuery(query(name)), ADDRESS);
        expect([rcode(reply), answers(reply)]).toEqual([3, 0]);
    }
});

test("names survive the round trip", () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9-]{1,20}$/);
    fc.assert(
        fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), (labels) => {
            expect(parseQuery(query(labels.join("."))).name).toBe(labels.join("."));
        }),
    );
});

test("whatever arrives, it is a query or an error", () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
            try {
                expect(typeof parseQuery(Buffer.from(bytes)).name).toBe("string");
            } catch (error) {
                expect(error).toBeInstanceOf(Error);
            }
        }),
        { numRuns: 1000 },
    );
    for (let length = 0; length < query("web.example.test").length; length++) {
        expect(() => parseQuery(query("web.example.test").subarray(0, length))).toThrow();
    }
    expect(() =>
        parseQuery(Buffer.concat([query("x").subarray(0, 12), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])])),
    ).toThrow(/compressed/);
});

test("an answer is not taken for a query", () => {
    expect(() => parseQuery(answer(parseQuery(query("web.example.test")), ADDRESS))).toThrow();
});
