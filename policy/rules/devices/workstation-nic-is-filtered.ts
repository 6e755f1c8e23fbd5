import { filterOf } from "../../../model/filters";
import { nicSubject, undecided, violation, whole } from "../../check";
import { dependenciesOf } from "../../helpers/graph";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

const rule: Rule = {
    id: "DD-16",
    title:
        "A Workstation's NIC has the filter that leaves it its Gateway alone, defined by a step that " +
        "it waits for",
    why:
        "Linux answers on every bridge for all of its addresses: without a filter a Workstation asks " +
        "the host for its LAN address.",
    severity: "critical",
    fix:
        "Name this project's filter in the NIC (the stylesheet does) and make the domain depend on " +
        "`bin/sallyport define-filter`.",
    check: (model) =>
        eachNic(model, "workstation", (domain, nic) => {
            const verdict = filterOf(model, domain, nic);
            const subject = nicSubject(domain, nic);
            if ("why" in verdict) {
                return [
                    nic.filter.kind === "known"
                        ? violation(subject, verdict.why, nic.at)
                        : undecided(subject, verdict.why, nic.filter.at),
                ];
            }
            return dependenciesOf(model, domain.resource).has(verdict.step.resource.id)
                ? []
                : [
                      violation(
                          subject,
                          `it does not wait for ${verdict.step.resource.name}, which defines its filter`,
                          whole(domain),
                      ),
                  ];
        }),
};

export default rule;
