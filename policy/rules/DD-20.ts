import { mustBe, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "DD-20",
    title: "The host's security driver confines every guest",
    why: "Without sVirt or AppArmor a bug in QEMU is a way into the host.",
    severity: "critical",
    fix: "Remove seclabel; the host's default confines.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...mustBe(subjectOf(domain), domain.xml, "seclabel.type", [undefined, "dynamic", "static"]),
        ...mustBe(subjectOf(domain), domain.xml, "seclabel.model", [undefined, "selinux", "apparmor", "dac"]),
        ...mustBe(subjectOf(domain), domain.xml, "seclabel.relabel", [undefined, "yes"]),
    ]),
};

export default rule;
