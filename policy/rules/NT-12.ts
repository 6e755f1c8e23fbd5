import { holds } from "../../topology/model";
import { must, subjectOf } from "../check";
import type { Rule } from "../rule";
import { externalNetworks } from "../select";

const rule: Rule = {
    id: "NT-12",
    title: "The host offers a Gateway no DHCP and no resolver",
    why: "A resolver beside the Gateway is clear-text DNS for whoever is misconfigured or taken over. (Provider 0.8.3 ignores dns.enabled: false; the stylesheet switches it off.)",
    severity: "high",
    fix: "Use this project's stylesheet for the NAT network and dhcp: { enabled: false }.",
    check: (model) => externalNetworks(model).filter((n) => holds(n.forward, (mode) => mode === "bridge") !== "yes").flatMap((network) => [
        ...must(`${subjectOf(network)} dhcp`, network.dhcp, (on) => !on, "DHCP may not be on"),
        ...must(`${subjectOf(network)} dns`, network.dns, (on) => !on, "the host's resolver may not be on"),
    ]),
};

export default rule;
