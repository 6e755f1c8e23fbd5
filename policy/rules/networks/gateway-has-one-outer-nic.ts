import { holds, marked, type Attachment } from "../../../model";
import { subjectOf, undecided, violation, whenKnown, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, onIsolated, placesOf } from "../../select";

const rule: Rule = {
    id: "NT-09",
    title: "A Gateway has exactly one NIC outside and at least one on an isolated network",
    why:
        "With one NIC for both, Workstations share a wire with the outside; with two outside, the " +
        "firewall guards only one.",
    severity: "critical",
    fix: "Give the Gateway one NIC on the external network and one on its isolated network.",
    check: (model) =>
        eachDomain(model, "gateway", (domain) =>
            whenKnown(subjectOf(domain), domain.nics, (nics) => {
                const places = nics.map((nic) => onIsolated(model, nic));
                const count = (answer: string): number => places.filter((place) => place === answer).length;
                if (count("undecided") > 0) {
                    return [
                        undecided(
                            subjectOf(domain),
                            `where some of its NICs lead is not known ${marked(placesOf(nics))}`,
                            whole(domain),
                        ),
                    ];
                }
                const connected = nics.every(
                    (nic) => holds<Attachment>(nic.attachment, (place) => place.to !== "nowhere") === "yes",
                );
                return count("no") === 1 && count("yes") >= 1 && connected
                    ? []
                    : [
                          violation(
                              subjectOf(domain),
                              `it has ${count("no")} NICs ` +
                                  `outside${connected ? "" : " (one of them unplugged)"} and ` +
                                  `${count("yes")} on isolated networks; exactly 1 outside and at ` +
                                  `least 1 inside are needed ${marked(placesOf(nics))}`,
                              whole(domain),
                          ),
                      ];
            }),
        ),
};

export default rule;
