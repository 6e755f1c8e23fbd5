import { must, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "LC-02",
    title: "No guest starts by itself with the host",
    why: "libvirt starts guests in no order: a Workstation may run before its Gateway.",
    severity: "high",
    fix: "Set autostart: false.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) =>
            must(subjectOf(domain), domain.autostart, (on) => !on, "false is needed"),
        ),
};

export default rule;
