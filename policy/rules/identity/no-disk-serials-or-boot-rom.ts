import { DATA_DISKS } from "../../../values/disk-files";
import { mustBe, mustBeAbsent, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, eachNic } from "../../select";

const rule: Rule = {
    id: "ID-13",
    title: "Disks have no serial numbers but the one that every data volume has, NICs no boot ROM",
    why: "A serial number links guests; a boot ROM speaks before the guest's firewall.",
    severity: "medium",
    fix: "Remove serial and wwn; use this project's stylesheet for the NIC's rom.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) =>
            (domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) => [
                // The same for everyone; which disk may have it is DD-19's.
                ...mustBe(`${subjectOf(domain)} disk ${disk.index}`, disk.xml, "serial", [
                    undefined,
                    ...DATA_DISKS.map(({ serial }) => serial),
                ]),
                ...mustBeAbsent(
                    `${subjectOf(domain)} disk ${disk.index}`,
                    disk.xml,
                    "wwn",
                    "vendor",
                    "product",
                ),
            ]),
        ),
        ...eachNic(model, "all", (domain, nic) =>
            mustBe(nicSubject(domain, nic), nic.xml, "rom.enabled", ["no"]),
        ),
    ],
};

export default rule;
