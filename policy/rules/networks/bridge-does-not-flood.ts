import { filterOf } from "../../../model/filters";
import { isGateway, holds, valueAt } from "../../../model";
import { nicSubject, undecided, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-19",
    title: "No Workstation gets frames for another that the bridge floods",
    why:
        "A bridge sends what it has not learnt the place of to every port: a Workstation then hears " +
        "what its siblings are told.",
    severity: "medium",
    fix:
        "Leave the filter on every Workstation's NIC (DD-16), which takes frames for that NIC alone. " +
        'Or let libvirt manage the bridge\'s table: bridge: { macTableManager: "libvirt" } ' +
        "(provider 0.9).",
    limits: "libvirt's own table is not the default here: it needs a kernel whose bridges filter VLANs.",
    check: (model) =>
        eachEnclave(model, ({ network, members, workstations }) =>
            workstations.length < 2 ||
            holds(valueAt(network.xml, "bridge.macTableManager"), (manager) => manager === "libvirt") ===
                "yes"
                ? []
                : members
                      .filter(({ domain }) => !isGateway(domain))
                      .flatMap(({ domain, nic }) => {
                          const verdict = filterOf(model, domain, nic);
                          return !("why" in verdict)
                              ? []
                              : [
                                    (nic.filter.kind === "known" ? violation : undecided)(
                                        nicSubject(domain, nic),
                                        `it shares ${network.resource.name}, where the bridge ` +
                                            `learns and floods, and ${verdict.why}`,
                                        nic.at,
                                    ),
                                ];
                      }),
        ),
};

export default rule;
