import { holds } from "../../../model";
import { mustHaveOnly, subjectOf } from "../../check";
import { servesNothing } from "../../helpers/host-services";
import type { Rule } from "../../rule";
import { externalNetworks } from "../../select";

/** Addresses are NT-13's and NT-14's, port groups and virtual switches NT-25's. */
const PARTS = [
    "name",
    "bridge",
    "dns",
    "forward",
    "ip",
    "ipv6",
    "mac",
    "mtu",
    "title",
    "description",
    "metadata",
    "uuid",
    "bandwidth",
    "connections",
    "port",
    "portgroup",
    "vlan",
    "virtualport",
    "trustGuestRxFilters",
];

const rule: Rule = {
    id: "NT-12",
    title: "The host offers a Gateway no DHCP, no resolver, no TFTP and no routes",
    why:
        "A resolver beside the Gateway is clear-text DNS for a guest that is misconfigured or taken " +
        "over. (Provider 0.8.3 ignores dns.enabled: false; the stylesheet switches it off.)",
    severity: "high",
    fix: "Use this project's stylesheet for the NAT network and dhcp: { enabled: false }.",
    check: (model) =>
        externalNetworks(model)
            .filter((n) => holds(n.forward, (mode) => mode === "bridge") !== "yes")
            .flatMap((network) => [
                ...servesNothing(network),
                ...mustHaveOnly(subjectOf(network), network.xml, ...PARTS),
            ]),
};

export default rule;
