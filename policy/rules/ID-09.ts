import { holds, valueAt } from "../../topology/model";
import { mustBe, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-09",
    title: "A guest's clock is UTC, or a Workstation's some seconds off it",
    why: "Local time tells where the user is.",
    severity: "medium",
    fix: "Use this project's stylesheet, or clock offset utc.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => (holds(valueAt(domain.xml, "clock.offset"), (offset) => offset === "variable") === "yes"
        ? mustBe(subjectOf(domain), domain.xml, "clock.basis", ["utc", undefined])
        : mustBe(subjectOf(domain), domain.xml, "clock.offset", ["utc"]))),
};

export default rule;
