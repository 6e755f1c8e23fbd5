import { noOption } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-23",
    title: "Connections and circuits are padded",
    why: "Padding hides how long and how often a client speaks.",
    severity: "medium",
    fix: "Remove the option.",
    scope: "seed",
    check: (model) =>
        noOption(
            model,
            "leave it to tor",
            "ConnectionPadding",
            "ReducedConnectionPadding",
            "CircuitPadding",
            "ReducedCircuitPadding",
        ),
};

export default rule;
