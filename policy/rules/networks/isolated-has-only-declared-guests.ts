import { must, subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-10",
    title: "Nothing is on an isolated network but Gateways and Workstations that say so",
    why: "Any other guest there listens, and answers.",
    severity: "critical",
    fix:
        "Declare the domain as Gateway or Workstation (components of this project), or take it off " +
        "the network.",
    check: (model) => [
        ...eachEnclave(model, ({ network, members }) =>
            [...new Set(members.map((m) => m.domain))].flatMap((domain) =>
                must(
                    `${subjectOf(domain)} on ${subjectOf(network)}`,
                    domain.role,
                    (role) => role !== undefined,
                    `on ${subjectOf(network)} it has to be declared as gateway or workstation`,
                ),
            ),
        ),
        // Strangers of a live host, however they come to its devices.
        ...model.networks.flatMap((network) =>
            (network.touches ?? []).map(({ what, at }) =>
                violation(`${subjectOf(network)} network`, what, at),
            ),
        ),
        ...model.domains.flatMap((domain) =>
            (domain.touches?.wires ?? []).map(({ what, at }) =>
                violation(`${subjectOf(domain)} devices`, what, at),
            ),
        ),
    ],
};

export default rule;
