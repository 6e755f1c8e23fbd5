import { subjectOf, violation, whole } from "../../check";
import { createStep } from "../../../model/steps";
import { dependenciesOf } from "../../helpers/graph";
import { isStatusOf, runsFor } from "../../helpers/steps";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "LC-01",
    title: "A Workstation waits for its network, its Gateway and the Gateway's word that tor is ready",
    why: "A Workstation that comes first runs without protection of its own enclave.",
    severity: "critical",
    fix:
        "Make it depend on the network, the Gateway and its wait-ready step (components of this " +
        "project do).",
    check: (model) =>
        eachEnclave(model, ({ network, gateways, workstations }) =>
            workstations.flatMap((domain) => {
                const waitsFor = dependenciesOf(model, domain.resource);
                const gate =
                    gateways.length > 0 &&
                    gateways.every((gateway) =>
                        model.actuators.some((a) => {
                            const step = waitsFor.has(a.resource.id) ? createStep(a) : undefined;
                            return (
                                step?.verb === "wait-ready" &&
                                gateway.name.kind === "known" &&
                                step.options["domain"] === gateway.name.value &&
                                isStatusOf(model, gateway, step.options) &&
                                runsFor(a.resource, gateway.resource)
                            );
                        }),
                    );
                return model.source === "live"
                    ? []
                    : [
                          ...[network, ...gateways]
                              .filter((r) => !waitsFor.has(r.resource.id))
                              .map((r) =>
                                  violation(
                                      `${subjectOf(domain)} on ${subjectOf(r)}`,
                                      `it does not depend on ${subjectOf(r)}`,
                                      whole(domain),
                                  ),
                              ),
                          ...(gate
                              ? []
                              : [
                                    violation(
                                        `${subjectOf(domain)} gate`,
                                        "it depends on no wait-ready step that reads its own " +
                                            "Gateway's status file at that Gateway's host, each time " +
                                            "that the Gateway is made",
                                        whole(domain),
                                    ),
                                ]),
                      ];
            }),
        ),
};

export default rule;
