import { marked } from "../../../model";
import { undecided } from "../../check";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "MODEL-01",
    title: "Everything of libvirt's in the stack can be read",
    why: "What cannot be read could be anything.",
    severity: "critical",
    fix: "Follow the finding's own advice.",
    limits:
        "What a stack has read or imported instead of created. The policy SDK does not say so: it " +
        "needs `sallyport plan` on a preview or an export.",
    check: (model) => [
        ...model.problems.map((problem) =>
            undecided(
                problem.at.resource === ""
                    ? "stack"
                    : (problem.at.resource.split("::").at(-1) ?? problem.at.resource),
                problem.what,
                problem.at,
                { fix: problem.fix },
            ),
        ),
        ...model.unrecognised.map((resource) =>
            undecided(
                resource.name,
                `a ${resource.type} is declared, which no rule can ` +
                    `judge${resource.digest === undefined ? "" : ` ${marked(resource.digest())}`}`,
                { resource: resource.id, path: "" },
                { fix: "Remove it from the stack." },
            ),
        ),
    ],
};

export default rule;
