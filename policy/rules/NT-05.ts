import { mustBeAbsent, subjectOf, violation } from "../check";
import type { Rule } from "../rule";
import { eachEnclave } from "../select";

const rule: Rule = {
    id: "NT-05",
    title: "An isolated network has no routes, no domain, no raw dnsmasq options and no foreign stylesheet",
    why: "Each of them changes what libvirt does behind the inputs that every other rule reads.",
    severity: "critical",
    fix: "Remove routes, domain, dnsmasqOptions; use the isolated network's stylesheet of this project or none.",
    check: (model) => eachEnclave(model, ({ network }) => [
        ...mustBeAbsent(subjectOf(network), network.xml, "route", "domain", "dnsmasqOptions"),
        ...(network.stylesheet.kind === "opaque" ? [violation(subjectOf(network), `xml.xslt is not one of this project's: ${network.stylesheet.why}`, network.stylesheet.at)] : []),
    ]),
};

export default rule;
