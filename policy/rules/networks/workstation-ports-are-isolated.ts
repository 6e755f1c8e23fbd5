import { must, mustBe, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

const rule: Rule = {
    id: "NT-18",
    title: "Workstations' ports are isolated from each other, the Gateway's are not",
    why:
        "On one bridge, Workstations otherwise see, spoof and attack each other past the Gateway's " +
        "firewall.",
    severity: "high",
    fix:
        'Use this project\'s stylesheet (provider 0.8) or portOptions: { isolated: "yes" } on the ' +
        "NIC (0.9).",
    check: (model) => [
        ...eachNic(model, "workstation", (domain, nic) =>
            must(
                nicSubject(domain, nic),
                nic.isolatedPort,
                (isolated) => isolated,
                "a Workstation's port has to be isolated",
            ),
        ),
        ...eachNic(model, "gateway", (domain, nic) =>
            must(
                nicSubject(domain, nic),
                nic.isolatedPort,
                (isolated) => !isolated,
                "a Gateway on an isolated port reaches no Workstation",
            ),
        ),
        ...model.networks.flatMap((network) =>
            mustBe(subjectOf(network), network.xml, "port.isolated", [undefined, "no"]),
        ),
    ],
};

export default rule;
