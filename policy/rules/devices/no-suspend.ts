import { mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-11",
    title: "No guest can put itself to sleep on the host's disk",
    why: "Suspending to disk writes the guest's memory to the host.",
    severity: "medium",
    fix: "Use this project's stylesheet, or pm with suspendToMem and suspendToDisk off.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "pm.suspendToMem.enabled", ["no"]),
            ...mustBe(subjectOf(domain), domain.xml, "pm.suspendToDisk.enabled", ["no"]),
        ]),
};

export default rule;
