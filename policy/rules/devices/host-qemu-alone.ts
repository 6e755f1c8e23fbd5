import { EMULATOR } from "../../../values/emulator";
import { nodesAt } from "../../../model";
import { must, mustBe, mustBeAbsent, mustHaveOnly, subjectOf, violation, whenKnown } from "../../check";
import { SETTINGS } from "../../helpers/domain";
import type { Rule } from "../../rule";
import { eachDevice, eachDomain } from "../../select";

const FOREIGN_BOOT = ["loader", "nvram", "kernel", "initrd", "cmdline", "dtb", "init"];
/** `smbios` is ID-04's, what boots first DD-18's. ACPI tables are files of the host's. */
const OS = ["type", "boot", "bootmenu", "bios", "smbios", ...FOREIGN_BOOT];

const rule: Rule = {
    id: "DD-10",
    title:
        "A guest runs on the host's own QEMU; nothing is passed to it past libvirt, and no foreign " +
        "firmware, kernel or stylesheet is used",
    why: "A wrapper around QEMU, a raw command line or an unknown stylesheet can undo every other rule.",
    severity: "critical",
    fix: "Remove it, or add what you need to this project's stylesheet, where rules can see it.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) => [
            ...(domain.stylesheet.kind === "opaque"
                ? [
                      violation(
                          `${subjectOf(domain)} stylesheet`,
                          `xml.xslt is not one of this project's: ${domain.stylesheet.why}`,
                          domain.stylesheet.at,
                      ),
                  ]
                : []),
            ...mustBeAbsent(subjectOf(domain), domain.xml, ...FOREIGN_BOOT.map((part) => `os.${part}`)),
            ...whenKnown(`${subjectOf(domain)} os`, nodesAt(domain.xml, "os"), (all) =>
                all.flatMap((os) => mustHaveOnly(`${subjectOf(domain)} os`, os, ...OS)),
            ),
            ...mustHaveOnly(subjectOf(domain), domain.xml, ...SETTINGS),
            ...mustBe(subjectOf(domain), domain.xml, "type", ["kvm", "qemu", undefined]),
        ]),
        ...eachDevice(model, "all", ["emulator"], (_domain, emulator, subject) =>
            must(
                subject,
                emulator.value,
                (path) => EMULATOR.test(path ?? ""),
                `no emulator, or one of the distribution's (${EMULATOR.source}), is allowed`,
            ),
        ),
    ],
};

export default rule;
