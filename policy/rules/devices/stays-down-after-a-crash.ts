import { mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-21",
    title: "A guest that crashes stays down",
    why: 'A crash loop runs half-configured guests again and again; "preserve" and dumps keep memory.',
    severity: "medium",
    fix: 'Use this project\'s stylesheet, or onCrash: "destroy".',
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "onCrash", ["destroy", undefined]),
            // "preserve" keeps the memory of a guest that has ended.
            ...mustBe(subjectOf(domain), domain.xml, "onReboot", ["restart", "destroy", undefined]),
            ...mustBe(subjectOf(domain), domain.xml, "onPoweroff", ["destroy", undefined]),
        ]),
};

export default rule;
