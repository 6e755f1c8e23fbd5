import { valueAt } from "../../topology/model";
import { must, mustBe, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-07",
    title: "A guest sees a named CPU model, not the host's",
    why: "The host's CPU is a fingerprint of the host.",
    severity: "high",
    fix: "Set virt.cpuModel to a named model such as qemu64.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...mustBe(subjectOf(domain), domain.xml, "cpu.mode", ["custom", undefined]),
        ...must(subjectOf(domain), valueAt(domain.xml, "cpu.model"), (name) => !/^(host|max|host-passthrough|host-model|maximum)$/.test(name ?? ""), "a named model is needed"),
    ]),
};

export default rule;
