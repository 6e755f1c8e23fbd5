import { must, partsOf, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-02",
    title: "The host has no address on an isolated network",
    why: "With an address, guests talk to the host, and the host can be made to route.",
    severity: "critical",
    fix: "Remove addresses (provider 0.8) or ips (0.9) from the isolated network.",
    scope: "resource",
    check: (model) =>
        eachEnclave(model, ({ network }) =>
            must(
                subjectOf(network),
                network.addresses,
                (addresses) => addresses.length === 0,
                "no address is allowed",
                partsOf(network.xml, "ip"),
            ),
        ),
};

export default rule;
