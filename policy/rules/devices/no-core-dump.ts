import { mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-09",
    title: "A guest's memory is in no core dump of the host's",
    why: "A crash of QEMU would write keys and traffic to the host's disk.",
    severity: "medium",
    fix: 'Use this project\'s stylesheet, or memoryDumpCore: "off" (0.9).',
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) =>
            mustBe(subjectOf(domain), domain.xml, "memory.dumpCore", ["off"]),
        ),
};

export default rule;
