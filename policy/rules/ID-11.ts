import { mustBe, mustBeAbsent, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-11",
    title: "Nothing that names the domain can be read from inside",
    why: "Names of stacks and enclaves in firmware tables reach every program.",
    severity: "medium",
    fix: "Remove fwcfg entries, OEM strings and asset tags.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...mustBe(subjectOf(domain), domain.xml, "sysinfo.type", [undefined, "smbios"]),
        ...mustBeAbsent(subjectOf(domain), domain.xml, "sysinfo.oemStrings", "sysinfo.chassis", "sysinfo.entry"),
    ]),
};

export default rule;
