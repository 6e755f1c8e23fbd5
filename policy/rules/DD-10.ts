import { mustBeAbsent, subjectOf, violation } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "DD-10",
    title: "Nothing is passed to QEMU past libvirt, and no foreign firmware, kernel or stylesheet is used",
    why: "A raw command line or an unknown stylesheet can undo every other rule.",
    severity: "critical",
    fix: "Remove it, or add what you need to this project's stylesheet, where rules can see it.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...(domain.stylesheet.kind === "opaque" ? [violation(subjectOf(domain), `xml.xslt is not one of this project's: ${domain.stylesheet.why}`, domain.stylesheet.at)] : []),
        ...mustBeAbsent(subjectOf(domain), domain.xml, "qemuCommandline", "qemuOverride", "qemuCapabilities", "qemuDeprecation", "commandline", "override",
            "os.loader", "os.nvram", "os.kernel", "os.initrd", "os.cmdline", "os.dtb", "os.init"),
    ]),
};

export default rule;
