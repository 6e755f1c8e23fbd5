import { EMULATOR } from "../../topology/emulator";
import { must, mustBeAbsent, mustHaveOnly, subjectOf, violation } from "../check";
import { SETTINGS } from "../families/domain";
import type { Rule } from "../rule";
import { eachDevice, eachDomain } from "../select";

const rule: Rule = {
    id: "DD-10",
    title: "A guest runs on the host's own QEMU; nothing is passed to it past libvirt, and no foreign firmware, kernel or stylesheet is used",
    why: "A wrapper around QEMU, a raw command line or an unknown stylesheet can undo every other rule.",
    severity: "critical",
    fix: "Remove it, or add what you need to this project's stylesheet, where rules can see it.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) => [
            ...(domain.stylesheet.kind === "opaque" ? [violation(`${subjectOf(domain)} stylesheet`, `xml.xslt is not one of this project's: ${domain.stylesheet.why}`, domain.stylesheet.at)] : []),
            ...mustBeAbsent(subjectOf(domain), domain.xml, "os.loader", "os.nvram", "os.kernel", "os.initrd", "os.cmdline", "os.dtb", "os.init"),
            ...mustHaveOnly(subjectOf(domain), domain.xml, ...SETTINGS),
        ]),
        ...eachDevice(model, "all", ["emulator"], (_domain, emulator, subject) => must(subject, emulator.value, (path) => EMULATOR.test(path ?? ""), `no emulator, or one of the distribution's (${EMULATOR.source}), is allowed`)),
    ],
};

export default rule;
