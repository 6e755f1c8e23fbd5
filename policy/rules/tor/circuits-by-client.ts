import { eachTorrc, listenersOf, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-02",
    title: "Circuits are isolated by client on every port",
    why: "Two Workstations on one circuit are linked by the operator of its exit.",
    severity: "critical",
    fix: "Write IsolateClientAddr last of its kind on every port, and NoIsolateClientAddr nowhere.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) =>
            listenersOf(torrc).flatMap((l) => {
                const last = l.flags.filter((flag) => /^(No)?IsolateClientAddr$/i.test(flag)).at(-1);
                return last?.toLowerCase() === "isolateclientaddr"
                    ? []
                    : [
                          wrongLine(
                              torrc,
                              l.line,
                              `the last flag has to be IsolateClientAddr, it is ${last ?? "left out"}`,
                          ),
                      ];
            }),
        ),
};

export default rule;
