import { must, mustBeAbsent, partsOf, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-03",
    title: "The host serves no DHCP, DNS or TFTP on an isolated network",
    why:
        "dnsmasq on the host is a service that a compromised Workstation reaches, and names leave " +
        "through it.",
    severity: "critical",
    fix: "Remove dhcp and dns, and every address, from the isolated network.",
    scope: "resource",
    check: (model) =>
        eachEnclave(model, ({ network }) => [
            ...must(
                `${subjectOf(network)} dhcp`,
                network.dhcp,
                (on) => !on,
                "DHCP may not be on",
                partsOf(network.xml, "ip"),
            ),
            ...must(
                `${subjectOf(network)} dns`,
                network.dns,
                (on) => !on,
                "the host's resolver may not be on",
            ),
            ...mustBeAbsent(
                subjectOf(network),
                network.xml,
                "dns.forwarder",
                "dns.host",
                "dns.srv",
                "dns.txt",
                "ip.tftp",
                "ip.dhcp",
            ),
        ]),
};

export default rule;
