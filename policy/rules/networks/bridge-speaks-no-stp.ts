import { mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-22",
    title: "The bridge of an isolated network does not speak STP",
    why: "Guests see, and can answer, the host's bridge protocol.",
    severity: "medium",
    fix: 'Use this project\'s stylesheet, or bridge: { stp: "off" } (provider 0.9).',
    limits: "Other ports of the bridge: HS-06.",
    scope: "resource",
    check: (model) =>
        eachEnclave(model, ({ network }) => mustBe(subjectOf(network), network.xml, "bridge.stp", ["off"])),
};

export default rule;
