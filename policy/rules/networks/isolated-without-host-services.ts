import { mustBeAbsent, subjectOf } from "../../check";
import { servesNothing } from "../../helpers/host-services";
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
            ...servesNothing(network),
            ...mustBeAbsent(subjectOf(network), network.xml, "ip.dhcp"),
        ]),
};

export default rule;
