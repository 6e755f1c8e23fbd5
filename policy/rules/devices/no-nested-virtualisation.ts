import { digestOf, digestOfNode, holds, marked, nodesAt, valueAt } from "../../../model";
import { subjectOf, violation, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-23",
    title: "A guest under KVM cannot be a hypervisor",
    why: "Nested virtualisation is the hypervisor's least tested part.",
    severity: "medium",
    fix: "Use this project's stylesheet, or disable vmx and svm.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => {
            const kvm = holds(valueAt(domain.xml, "type"), (type) => type === "qemu") !== "yes";
            return !kvm
                ? []
                : whenKnown(subjectOf(domain), nodesAt(domain.xml, "cpu.feature"), (features) =>
                      ["vmx", "svm"].flatMap((name) => {
                          const mine = features.filter(
                              (f) => holds(valueAt(f, "name"), (n) => n === name) !== "no",
                          );
                          const off = mine.some(
                              (f) =>
                                  holds(valueAt(f, "name"), (n) => n === name) === "yes" &&
                                  holds(valueAt(f, "policy"), (p) => p === "disable" || p === "forbid") ===
                                      "yes",
                          );
                          return off
                              ? []
                              : [
                                    violation(
                                        `${subjectOf(domain)} ${name}`,
                                        `cpu feature ${name} is not disabled ` +
                                            `${marked(digestOf(mine.map(digestOfNode)))}`,
                                        domain.xml.at,
                                    ),
                                ];
                      }),
                  );
        }),
};

export default rule;
