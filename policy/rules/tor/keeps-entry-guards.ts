import { eachTorrc, linesOf, optionMustBe, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-17",
    title: "tor keeps its entry guards",
    why: "A client that changes its guards often meets a hostile one soon.",
    severity: "high",
    fix: "Leave UseEntryGuards and NumEntryGuards to tor.",
    limits:
        "tor's guards lie on the Gateway's state volume, which LC-09 keeps; tor writes them when it ends, " +
        "and after minutes. A Gateway without that volume, or cut off before, chooses new guards.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...optionMustBe(torrc, "UseEntryGuards", undefined, "1"),
            ...linesOf(
                torrc,
                "NumEntryGuards",
                "NumPrimaryGuards",
                "NumDirectoryGuards",
                "GuardLifetime",
            ).map((line) => wrongLine(torrc, line, "leave it to tor")),
        ]),
};

export default rule;
