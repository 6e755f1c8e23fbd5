import { must, subjectOf, violation, whenKnown, whole } from "../../check";
import { marked, type Actuator, type Model } from "../../../model";
import { isStepType, STEP_VERBS, stepOf } from "../../../model/steps";
import { stepObjection } from "../../helpers/steps";
import type { Finding, Rule } from "../../rule";

/** Programs that it runs and what they are; what cannot be read is a finding. */
const lines = (
    actuator: Actuator,
    check: (line: string, property: string) => string | undefined,
): readonly Finding[] =>
    whenKnown(subjectOf(actuator), actuator.commands, (commands) =>
        Object.entries(commands).flatMap(([property, line]) => {
            const why = check(line, property);
            return why === undefined
                ? []
                : [
                      violation(
                          `${subjectOf(actuator)} ${property}`,
                          `${property} = ${JSON.stringify(line)}: ${why}`,
                          actuator.commands.at,
                      ),
                  ];
        }),
    );

const noStep = (line: string): string | undefined =>
    stepOf(line) === undefined ? `it is none of bin/sallyport's ${STEP_VERBS}` : undefined;

const alone = (model: Model): Finding[] =>
    model.actuators.flatMap((actuator) => [
        ...(isStepType(actuator.resource.type)
            ? []
            : [
                  violation(
                      `${subjectOf(actuator)} type`,
                      `a ${actuator.resource.type} is not on the ` +
                          `list${actuator.resource.digest === undefined ? "" : ` ${marked(actuator.resource.digest())}`}`,
                      whole(actuator),
                  ),
              ]),
        ...lines(actuator, noStep),
        ...must(
            `${subjectOf(actuator)} environment`,
            actuator.environment,
            (environment) => Object.keys(environment).length === 0,
            "no environment is allowed",
        ),
        ...actuator.otherProperties.map((name) =>
            violation(
                `${subjectOf(actuator)} ${name}`,
                `${name} is set; it may not be ${marked(actuator.resource.digest?.() ?? "")}`,
                whole(actuator),
            ),
        ),
    ]);

/** Steps whose values are something else's than the stack's. */
const ofOthers = (model: Model): Finding[] =>
    model.actuators.flatMap((actuator) => [
        ...lines(actuator, (line, property) => {
            const step = stepOf(line);
            return step === undefined ? undefined : stepObjection(model, property, step);
        }),
    ]);

/** What stands before a change runs its `delete` once more when it goes. */
const before = ({ previous }: Model): Finding[] =>
    (previous?.actuators ?? []).flatMap((actuator) => [
        ...lines(actuator, (line, property) => {
            const step = stepOf(line);
            if (property !== "delete" || previous === undefined) {
                return undefined;
            }
            return step === undefined ? noStep(line) : stepObjection(previous, property, step);
        }),
    ]);

const rule: Rule = {
    id: "ACT-01",
    title: "The only commands of a stack are this project's own steps, for what the stack declares",
    why:
        "A command on the host, or a dynamic resource, can undo all of this. Packages other than " +
        "libvirt, random and tls are taken for such. A step for something else wipes, clears or " +
        "opens what is not the stack's.",
    severity: "critical",
    fix: "Remove it; or run it outside the stack.",
    limits: "What bin/sallyport is, in the folder that Pulumi runs in or that the package is in, is the operator's. The package from a git address is a finding; acknowledge it by its digest.",
    local: alone,
    check: (model) => [...alone(model), ...ofOthers(model), ...before(model)],
};

export default rule;
