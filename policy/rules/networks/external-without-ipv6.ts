import { must, mustBe, partsOf, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { externalNetworks } from "../../select";

const rule: Rule = {
    id: "NT-13",
    title: "An external network has no IPv6",
    why:
        "IPv6 is routed, not translated: a stable global address of the Gateway's own, and no " +
        "firewall rules for it.",
    severity: "high",
    fix: "Remove IPv6 addresses from the external network.",
    check: (model) =>
        externalNetworks(model).flatMap((network) => [
            ...must(
                subjectOf(network),
                network.addresses,
                (addresses) => addresses.every((a) => a.family === "ipv4"),
                "IPv4 alone is allowed",
                partsOf(network.xml, "ip"),
            ),
            ...mustBe(subjectOf(network), network.xml, "ipv6", [undefined, "no"]),
            ...mustBe(subjectOf(network), network.xml, "forward.nat.ipv6", [undefined, "no"]),
        ]),
};

export default rule;
