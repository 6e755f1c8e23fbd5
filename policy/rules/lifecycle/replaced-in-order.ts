import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "LC-03",
    title:
        "What is replaced goes before its successor comes, and no Gateway is replaced under its " +
        "Workstations",
    why:
        "Names are fixed, so a successor cannot come first. A Workstation whose Gateway is gone " +
        "takes the next one, whichever it is.",
    severity: "high",
    fix:
        "Set deleteBeforeReplace, and take a property of each Workstation from its Gateway, as this " +
        "project's components do. A dependency alone does not stop a Workstation.",
    limits:
        "Who is replaced while others stay is seen in a preview alone: it needs `sallyport plan " +
        "--preview`. The policy SDK hands over no operations, so the pack sees deleteBeforeReplace " +
        "only, and exports and previews do not say that.",
    check: (model) => [
        ...(model.source !== "policy"
            ? []
            : [model.networks, model.domains, model.seeds, model.volumes, model.pools]
                  .flat()
                  .filter((r) => r.resource.deleteBeforeReplace !== true)
                  .map((r) => violation(subjectOf(r), "deleteBeforeReplace is not set", whole(r)))),
        ...eachEnclave(model, ({ gateways, workstations }) =>
            gateways
                .filter((g) => g.resource.operation === "replace" || g.resource.operation === "delete")
                .flatMap((g) =>
                    workstations
                        .filter((w) => w.resource.operation === "same" || w.resource.operation === "update")
                        .map((w) =>
                            violation(
                                subjectOf(w),
                                `it stays while ${subjectOf(g)} is to be ${g.resource.operation ?? ""}d`,
                                whole(w),
                            ),
                        ),
                ),
        ),
    ],
};

export default rule;
