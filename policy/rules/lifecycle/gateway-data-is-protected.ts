import { possible, type Actuator, type Domain, type Model, type Volume } from "../../../model";
import { createStep, deleteStep } from "../../../model/steps";
import { subjectOf, violation, whole } from "../../check";
import { dataVolumesOf } from "../../helpers/disks";
import type { Finding, Rule } from "../../rule";
import { eachDomain } from "../../select";

const named = (name: string | undefined, volume: Volume): boolean =>
    name !== undefined && (possible(volume.name) ?? []).includes(name);

/** Steps that run for a volume, whatever they do: one that is taken away, or made anew, may wipe it. */
const stepsFor = (model: Model, volume: Volume): readonly Actuator[] =>
    model.actuators.filter(
        (actuator) =>
            [createStep(actuator), deleteStep(actuator)].some(
                (step) => step?.verb === "wipe" || step?.verb === "true",
            ) &&
            (Object.values(actuator.resource.propertyDependencies).some((ids) =>
                ids.includes(volume.resource.id),
            ) ||
                named(deleteStep(actuator)?.options["volume"], volume)),
    );

const guarded = (model: Model, domain: Domain, volume: Volume): Finding[] => [
    ...[volume, ...stepsFor(model, volume)]
        .filter(({ resource }) => domain.allowDataLoss !== true && !resource.protect)
        .map((record) =>
            violation(
                `${subjectOf(domain)} ${subjectOf(record)}`,
                `${subjectOf(record)} ${record === volume ? "is no overlay" : "may wipe what is no overlay"} and is not protected`,
                whole(record),
            ),
        ),
    ...stepsFor(model, volume).flatMap((step) => {
        const others = Object.values(step.resource.propertyDependencies)
            .flat()
            .filter((id) => id !== volume.resource.id);
        return others.length === 0
            ? []
            : [
                  violation(
                      `${subjectOf(domain)} ${subjectOf(step)} causes`,
                      `${subjectOf(step)} may wipe ${subjectOf(volume)} when something else changes: ` +
                          [...new Set(others)].map((id) => id.split("::").at(-1)).join(", "),
                      whole(step),
                  ),
              ];
    }),
];

const rule: Rule = {
    id: "LC-09",
    title: "A guest's data volume is protected, and wiped for its own sake alone",
    why:
        "A Gateway's holds tor's guards and keys, a Workstation's the home folders. What protects it is " +
        "asked before anything is removed.",
    severity: "high",
    fix:
        "Leave data volumes to this project's components. sallyport:allowDataLoss names guests whose " +
        "volume may go.",
    limits: "Whoever changes the state by hand, or removes files on the host, is not asked.",
    check: (model) =>
        eachDomain(model, "all", (domain) =>
            dataVolumesOf(model, domain).flatMap((volume) => guarded(model, domain, volume)),
        ),
};

export default rule;
