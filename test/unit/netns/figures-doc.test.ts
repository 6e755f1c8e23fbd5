import { LEAST_RATIO, tooSlow } from "../../netns/figures-doc";

const way = (name: string, ratio?: number): Parameters<typeof tooSlow>[0][number] => ({
    way: name,
    said: "",
    ...(ratio === undefined ? {} : { ratio }),
});

describe("throughput", () => {
    it("is enough at nine tenths of tor's own and above", () => {
        expect(tooSlow([way("directly", 1), way("SocksPort", LEAST_RATIO), way("TransPort", 1.04)])).toEqual(
            [],
        );
    });

    it.each([
        ["below", way("SocksPort", 0.899)],
        ["no number", way("SocksPort", NaN)],
        ["none", way("SocksPort")],
    ])("is refused when the ratio is %s", (_what, slow) => {
        expect(tooSlow([way("directly", 1), slow])).toEqual([
            expect.stringMatching(/^SocksPort: ratio .*, wanted at least 0\.9$/),
        ]);
    });

    it("is refused when nothing was measured", () => {
        expect(tooSlow([])).toEqual(["nothing was measured"]);
    });
});
