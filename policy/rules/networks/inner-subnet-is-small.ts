import { subjectOf, violation } from "../../check";
import { eachNetworkConfig, prefixOf } from "../../helpers/seed";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "NT-15",
    title: "A guest's inner subnet is no larger than a /24",
    why:
        "The larger the subnet, the more addresses there are to pretend to be. (A /24 holds all " +
        "Workstations of one enclave, with the same addresses for everyone.)",
    severity: "medium",
    fix: "Use a prefix length of 24 or more in network-config.",
    scope: "seed",
    check: (model) =>
        eachNetworkConfig(model, "workstation", (nics, domain, at) =>
            nics.flatMap((nic) =>
                nic.addresses
                    .filter((cidr) => !(prefixOf(cidr) >= 24))
                    .map((cidr) =>
                        violation(
                            subjectOf(domain),
                            `${nic.name} has ${cidr}; /24 or smaller is allowed`,
                            at,
                        ),
                    ),
            ),
        ),
};

export default rule;
