import { describeFact, type Attachment } from "../../../model";
import { must, nicSubject, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

const rule: Rule = {
    id: "NT-24",
    title: "Every NIC is on a libvirt network, and on one only",
    why:
        "User-mode networking, macvtap, host bridges and sockets lead out past every network that is " +
        "declared. In provider 0.8.3 networkName wins over networkId, bridge, vepa, private, macvtap " +
        "and passthrough: what is set besides is a trap for the reader.",
    severity: "critical",
    fix: "Set networkName to the plain name of a declared network and nothing else.",
    scope: "resource",
    check: (model) =>
        eachNic(model, "all", (domain, nic) => [
            ...must<Attachment>(
                nicSubject(domain, nic),
                nic.attachment,
                (a) => ["network", "undeclared-network", "nowhere"].includes(a.to),
                "only a libvirt network is allowed",
                [nic.xml],
            ),
            ...nic.shadowed.map((fact) =>
                violation(
                    `${nicSubject(domain, nic)} ${fact.at.path.split(".").at(-1) ?? ""}`,
                    `${describeFact(fact)} is set too; one source is allowed`,
                    fact.at,
                ),
            ),
        ]),
};

export default rule;
