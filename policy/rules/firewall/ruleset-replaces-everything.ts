import { subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "FW-14",
    title: "A ruleset is one file that replaces everything in one transaction",
    why: "Between two files there is a moment without rules.",
    severity: "high",
    fix: "Write one file that begins with flush ruleset.",
    scope: "seed",
    check: (model) =>
        eachPart(
            model,
            "all",
            "firewall ruleset",
            (content) => content.ruleset,
            (ruleset, domain, _content, at) =>
                ruleset.flushes
                    ? []
                    : [
                          violation(
                              `${subjectOf(domain)} firewall`,
                              "the file does not begin with flush ruleset",
                              at,
                          ),
                      ],
        ),
};

export default rule;
