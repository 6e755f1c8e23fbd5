import { mustBe, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-09",
    title: "A guest's clock is UTC",
    why: "Local time tells where the user is.",
    severity: "medium",
    fix: "Use this project's stylesheet, or clock offset utc.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => mustBe(subjectOf(domain), domain.xml, "clock.offset", ["utc"])),
};

export default rule;
