import { eachTorrc, listenersOf, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-05",
    title: "A port is opened once",
    why:
        "Two lines for one port: tor does not start, or the second one's flags are not those that " +
        "were read.",
    severity: "high",
    fix: "Remove one of them.",
    limits: "Segments share no listener because each has a Gateway of its own (SH-05, SH-10).",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => {
            const all = listenersOf(torrc);
            return all
                .filter(
                    (l, i) =>
                        all.findIndex((other) => other.address === l.address && other.port === l.port) !== i,
                )
                .map((l) => wrongLine(torrc, l.line, "the port is opened twice"));
        }),
};

export default rule;
