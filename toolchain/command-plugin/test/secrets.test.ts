import fc from "fast-check";
import { conceal, reveal, revealRecord } from "../secrets";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown): Record<string, unknown> => ({
    [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270",
    value,
});

describe("secrets", () => {
    it("are found at any depth", () => {
        expect(reveal({ a: [1, secret("x")], b: "y" })).toEqual({
            value: { a: [1, "x"], b: "y" },
            secret: true,
        });
        expect(reveal(secret({ a: secret(1) }))).toEqual({ value: { a: 1 }, secret: true });
        expect(reveal({ a: [1, null, "x"] })).toEqual({ value: { a: [1, null, "x"] }, secret: false });
    });

    it("are named by property", () => {
        expect(revealRecord({ create: "c", environment: { A: secret("s") } })).toEqual({
            value: { create: "c", environment: { A: "s" } },
            secret: true,
            secretNames: ["environment"],
        });
    });

    it("are found in output values as well", () => {
        const output = { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: "v", secret: true };
        expect(reveal(output)).toEqual({ value: "v", secret: true });
        expect(reveal({ ...output, secret: false })).toEqual({ value: "v", secret: false });
    });

    it("come back as they were hidden", () => {
        fc.assert(
            fc.property(
                fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
                fc.nat(),
                (record, n) => {
                    const names = Object.keys(record).filter((_, i) => i % 2 === n % 2);
                    const back = revealRecord(conceal(record, names));
                    expect(back.value).toEqual(record);
                    expect([...back.secretNames].sort()).toEqual([...names].sort());
                },
            ),
        );
    });
});
