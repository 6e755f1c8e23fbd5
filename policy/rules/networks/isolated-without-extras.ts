import { mustHaveOnly, subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

/** Each of them is judged by another rule, or says nothing about where packets go. */
const PARTS = [
    "bridge",
    "dns",
    "forward",
    "ip",
    "ipv6",
    "mac",
    "mtu",
    "port",
    "trustGuestRxFilters",
    "bandwidth",
    "title",
    "description",
    "metadata",
    "uuid",
    "connections",
    "portgroup",
    "vlan",
    "virtualport",
];

const rule: Rule = {
    id: "NT-05",
    title:
        "An isolated network has no routes, no domain, no raw dnsmasq options, no foreign stylesheet " +
        "and nothing that no rule knows",
    why: "Each of them changes what libvirt does behind the inputs that every other rule reads.",
    severity: "critical",
    fix:
        "Remove routes, domain, dnsmasqOptions; use the isolated network's stylesheet of this " +
        "project or none.",
    scope: "resource",
    check: (model) => [
        ...eachEnclave(model, ({ network }) => mustHaveOnly(subjectOf(network), network.xml, ...PARTS)),
        // Behind one that is not known any network may be isolated.
        ...model.networks.flatMap((network) =>
            network.stylesheet.kind !== "opaque"
                ? []
                : [
                      violation(
                          `${subjectOf(network)} stylesheet`,
                          `xml.xslt is not one of this project's: ${network.stylesheet.why}`,
                          network.stylesheet.at,
                      ),
                  ],
        ),
    ],
};

export default rule;
