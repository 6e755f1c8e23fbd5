import { mustBe, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-04",
    title: "A guest sees no serial numbers of the host's",
    why: "SMBIOS in mode host shows the host's maker, model and serial numbers.",
    severity: "high",
    fix: "Use this project's stylesheet, or smbios mode sysinfo with constant values.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => mustBe(subjectOf(domain), domain.xml, "os.smbios.mode", [undefined, "emulate", "sysinfo"])),
};

export default rule;
