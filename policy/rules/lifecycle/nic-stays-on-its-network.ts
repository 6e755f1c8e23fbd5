import { nicsOf } from "../../../model";
import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, onIsolated } from "../../select";

const rule: Rule = {
    id: "LC-04",
    title: "No NIC leaves an isolated network while its guest lives",
    why: "A running guest that has been inside would come out with everything that it knows.",
    severity: "critical",
    fix: "Destroy the guest and build another one.",
    limits:
        "It needs `sallyport plan --preview`. The policy SDK hands over no old state, so the pack " +
        "judges only where NICs are going to be.",
    check: (model) => {
        const before = model.previous;
        return before === undefined
            ? []
            : eachDomain(model, "all", (domain) => {
                  const old = before.domains.find((d) => d.resource.id === domain.resource.id);
                  const inside = (old === undefined ? [] : nicsOf(old)).filter(
                      (nic) => onIsolated(before, nic) === "yes",
                  ).length;
                  const still = nicsOf(domain).filter((nic) => onIsolated(model, nic) === "yes").length;
                  return still < inside &&
                      domain.resource.operation !== "replace" &&
                      domain.resource.operation !== "create"
                      ? [
                            violation(
                                subjectOf(domain),
                                `${inside} NICs were on isolated networks, ${still} are to be, ` +
                                    "and the guest is not replaced",
                                whole(domain),
                            ),
                        ]
                      : [];
              });
    },
};

export default rule;
