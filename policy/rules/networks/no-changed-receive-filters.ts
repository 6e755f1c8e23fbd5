import { mustBe, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

const rule: Rule = {
    id: "NT-20",
    title: "No guest may change the host's receive filters",
    why: "trustGuestRxFilters lets a guest open the host side of its NIC for other MACs.",
    severity: "high",
    fix: "Remove trustGuestRxFilters.",
    scope: "resource",
    check: (model) => [
        ...eachNic(model, "all", (domain, nic) =>
            mustBe(nicSubject(domain, nic), nic.xml, "trustGuestRxFilters", [undefined, "no"]),
        ),
        ...model.networks.flatMap((network) =>
            mustBe(subjectOf(network), network.xml, "trustGuestRxFilters", [undefined, "no"]),
        ),
    ],
};

export default rule;
