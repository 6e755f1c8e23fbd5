import { marked } from "../../topology/model";
import { must, subjectOf, violation, whenKnown, whole } from "../check";
import { STEP_VERBS, stepOf } from "../../topology/steps";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "ACT-01",
    title: "The only commands of a stack are this project's own steps",
    why: "A command on the host, or a dynamic resource, can undo all of this. Packages other than libvirt, random and tls are taken for such.",
    severity: "critical",
    fix: "Remove it; or run it outside the stack.",
    scope: "resource",
    check: (model) => model.actuators.flatMap((actuator) => [
        ...(actuator.resource.type === "command:local:Command" ? [] : [violation(`${subjectOf(actuator)} type`, `a ${actuator.resource.type} is not on the list${actuator.resource.digest === undefined ? "" : ` ${marked(actuator.resource.digest())}`}`, whole(actuator))]),
        ...whenKnown(subjectOf(actuator), actuator.commands, (commands) => Object.entries(commands).filter(([, line]) => stepOf(line) === undefined)
            .map(([key, line]) => violation(`${subjectOf(actuator)} ${key}`, `${key} = ${JSON.stringify(line)} is none of bin/sallyport's ${STEP_VERBS}`, actuator.commands.at))),
        ...must(`${subjectOf(actuator)} environment`, actuator.environment, (environment) => Object.keys(environment).length === 0, "no environment is allowed"),
    ]),
};

export default rule;
