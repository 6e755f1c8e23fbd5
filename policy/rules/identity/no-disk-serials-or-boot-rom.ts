import { mustBe, mustBeAbsent, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, eachNic } from "../../select";

const rule: Rule = {
    id: "ID-13",
    title: "Disks have no serial numbers, NICs no boot ROM",
    why: "A serial number links guests; a boot ROM speaks before the guest's firewall.",
    severity: "medium",
    fix: "Remove serial and wwn; use this project's stylesheet for the NIC's rom.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) =>
            (domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
                mustBeAbsent(
                    `${subjectOf(domain)} disk ${disk.index}`,
                    disk.xml,
                    "serial",
                    "wwn",
                    "vendor",
                    "product",
                ),
            ),
        ),
        ...eachNic(model, "all", (domain, nic) =>
            mustBe(nicSubject(domain, nic), nic.xml, "rom.enabled", ["no"]),
        ),
    ],
};

export default rule;
