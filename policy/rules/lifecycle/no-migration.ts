import { must, mustBe, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "LC-13",
    title: "No guest's host devices or disks are set up for migration",
    why: "A migration sends a guest's memory over a network.",
    severity: "medium",
    fix: "Remove shareable and migration settings.",
    limits: "What is done by hand, with virsh, is not seen.",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "cpu.migratable", [undefined, "off", "no"]),
            ...(domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
                must(
                    `${subjectOf(domain)} disk ${disk.index}`,
                    disk.shareable,
                    (on) => !on,
                    "a shareable disk is not allowed",
                ),
            ),
        ]),
};

export default rule;
