import { must, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachEnclave } from "../select";

const rule: Rule = {
    id: "NT-10",
    title: "Nobody is on an isolated network but Gateways and Workstations that say so",
    why: "Whoever else is there listens, and answers.",
    severity: "critical",
    fix: "Declare the domain as Gateway or Workstation (components of this project), or take it off the network.",
    check: (model) => eachEnclave(model, ({ network, members }) => [...new Set(members.map((m) => m.domain))].flatMap((domain) =>
        must(`${subjectOf(domain)} on ${subjectOf(network)}`, domain.role, (role) => role !== undefined, `on ${subjectOf(network)} it has to be declared as gateway or workstation`))),
};

export default rule;
