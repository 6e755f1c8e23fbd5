import { mustBe, mustBeAbsent, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, eachNic } from "../../select";

const rule: Rule = {
    id: "DD-18",
    title: "A guest boots from its disk and from nothing else",
    why: "The first machine to answer a network boot owns the guest.",
    severity: "high",
    fix: "Use this project's stylesheet, or os.boot hd alone.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "os.boot.dev", ["hd", undefined]),
            ...mustBe(subjectOf(domain), domain.xml, "os.bootmenu.enable", [undefined, "no"]),
            ...mustBeAbsent(subjectOf(domain), domain.xml, "os.bios.useserial"),
        ]),
        ...eachNic(model, "all", (domain, nic) => mustBeAbsent(nicSubject(domain, nic), nic.xml, "boot")),
    ],
};

export default rule;
