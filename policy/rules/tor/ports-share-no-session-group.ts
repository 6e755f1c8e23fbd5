import { eachTorrc, listenersOf, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-04",
    title: "No two ports share a session group",
    why: "SessionGroup merges the circuits of ports that are otherwise apart.",
    severity: "critical",
    fix: "Remove SessionGroup.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) =>
            listenersOf(torrc)
                .filter((l) => l.flags.some((flag) => /^sessiongroup=/i.test(flag)))
                .map((l) => wrongLine(torrc, l.line, "SessionGroup is not allowed")),
        ),
};

export default rule;
