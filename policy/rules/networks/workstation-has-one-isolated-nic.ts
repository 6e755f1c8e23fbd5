import { describeFact, marked } from "../../../model";
import { nicSubject, subjectOf, undecided, violation, whenKnown, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, onIsolated, placesOf } from "../../select";

const rule: Rule = {
    id: "NT-07",
    title: "A Workstation has exactly one NIC, on an isolated network",
    why: "A second path out is a path past Tor.",
    severity: "critical",
    fix: "Attach the Workstation to the enclave's isolated network, by its plain name, and to nothing else.",
    check: (model) =>
        eachDomain(model, "workstation", (domain) =>
            whenKnown(subjectOf(domain), domain.nics, (nics) => [
                ...(nics.length === 1
                    ? []
                    : [
                          violation(
                              subjectOf(domain),
                              `it has ${nics.length} NICs; exactly one is allowed ${marked(placesOf(nics))}`,
                              whole(domain),
                          ),
                      ]),
                ...nics.flatMap((nic) => {
                    const answer = onIsolated(model, nic);
                    const message =
                        `${describeFact(nic.attachment)}; only an isolated network that is declared ` +
                        "here is allowed";
                    return answer === "yes"
                        ? []
                        : [
                              answer === "no"
                                  ? violation(nicSubject(domain, nic), message, nic.attachment.at)
                                  : undecided(nicSubject(domain, nic), message, nic.attachment.at),
                          ];
                }),
            ]),
        ),
};

export default rule;
