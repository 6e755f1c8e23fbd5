import { holds, nodesAt, valueAt } from "../../../model";
import { mustBe, mustHaveOnly, subjectOf, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "ID-09",
    title: "A guest's clock is UTC, or a Workstation's some seconds off it",
    why: "Local time tells where the user is.",
    severity: "medium",
    fix: "Use this project's stylesheet, or clock offset utc.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...whenKnown(`${subjectOf(domain)} clock`, nodesAt(domain.xml, "clock"), (clocks) =>
                clocks.flatMap((clock) =>
                    mustHaveOnly(
                        `${subjectOf(domain)} clock`,
                        clock,
                        "offset",
                        "basis",
                        "adjustment",
                        "timer",
                    ),
                ),
            ),
            ...(holds(valueAt(domain.xml, "clock.offset"), (offset) => offset === "variable") === "yes"
                ? mustBe(subjectOf(domain), domain.xml, "clock.basis", ["utc", undefined])
                : mustBe(subjectOf(domain), domain.xml, "clock.offset", ["utc"])),
        ]),
};

export default rule;
