import { nodesAt } from "../../../model";
import { SMBIOS } from "../../../values/smbios";
import { mustBe, mustHaveOnly, subjectOf, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "ID-11",
    title: "Nothing that names the domain can be read from inside",
    why: "Names of stacks and enclaves in firmware tables reach every program.",
    severity: "medium",
    fix: "Remove fwcfg entries, OEM strings and asset tags.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "sysinfo.type", [undefined, "smbios"]),
            ...whenKnown(`${subjectOf(domain)} sysinfo`, nodesAt(domain.xml, "sysinfo"), (all) =>
                all.flatMap((info) => [
                    ...mustHaveOnly(`${subjectOf(domain)} sysinfo`, info, "type", ...SMBIOS.keys()),
                    ...info.children
                        .filter((table) => table.name !== "type")
                        .flatMap((table) =>
                            mustHaveOnly(`${subjectOf(domain)} sysinfo ${table.name}`, table, "entry"),
                        ),
                ]),
            ),
        ]),
};

export default rule;
