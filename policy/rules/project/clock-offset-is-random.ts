import { CLOCK_WINDOW, clockOffsetOf } from "../../../values/clock";
import {
    describeFact,
    isGateway,
    marked,
    sealOf,
    valueAt,
    type Actuator,
    type Domain,
    type Model,
} from "../../../model";
import { mustBe, subjectOf, undecided, violation } from "../../check";
import { createStep } from "../../../model/steps";
import type { Finding, Rule } from "../../rule";
import { eachDomain } from "../../select";

const stepsOf = (model: Model, domain: Domain): readonly Actuator[] =>
    model.actuators.filter((a) =>
        (domain.resource.propertyDependencies["description"] ?? []).includes(a.resource.id),
    );

/**
 * The window of the step that draws a domain's offset; undefined when the description depends on anything
 * else.
 */
function windowOf(model: Model, domain: Domain): number | undefined {
    const sources = domain.resource.propertyDependencies["description"] ?? [];
    const steps = stepsOf(model, domain).map(createStep);
    const window =
        sources.length === 1 && steps[0]?.verb === "clock-offset" ? Number(steps[0].options["window"]) : NaN;
    return window >= CLOCK_WINDOW.least && window <= CLOCK_WINDOW.most ? window : undefined;
}

function offset(model: Model, domain: Domain): Finding[] {
    const fact = valueAt(domain.xml, "description");
    const window = windowOf(model, domain);
    const subject = `${subjectOf(domain)} description`;
    if (window === undefined) {
        const wanted =
            `it has to come from one step "bin/sallyport clock-offset --window ${CLOCK_WINDOW.least} ` +
            `to ${CLOCK_WINDOW.most}" and nothing else ` +
            `${marked(sealOf(stepsOf(model, domain).map((step) => step.commands)))}`;
        return [
            (fact.kind === "known" ? violation : undecided)(
                subject,
                `${describeFact(fact)}; ${wanted}`,
                fact.at,
            ),
        ];
    }
    // Unknown: it is drawn during the first update, by that step.
    const seconds = fact.kind === "known" ? clockOffsetOf(fact.value ?? "") : 0;
    const sane = fact.kind !== "opaque" && seconds !== undefined && Math.abs(seconds) <= window;
    return sane
        ? []
        : [
              violation(
                  subject,
                  `${describeFact(fact)}; "clock-offset=" and a whole number from -${window} to ` +
                      `${window} is needed`,
                  fact.at,
              ),
          ];
}

const rule: Rule = {
    id: "CLOCK-01",
    title:
        "A Workstation's clock is off by a random number of seconds, and its description holds that " +
        "number and nothing else",
    why: "A guest that starts with the host's clock can be recognised by how wrong that is.",
    severity: "medium",
    fix:
        "Leave descriptions to this project's components; `clock.windowSeconds` of the enclave sets " +
        "the window.",
    limits:
        "Domains with one of this project's stylesheets. Others (all of provider 0.9) start with the " +
        "host's time in UTC: nothing draws an offset for them.",
    check: (model) =>
        eachDomain(model, "all", (domain) => {
            // Descriptions matter to our own stylesheets alone; without one of those there is nothing to read
            // them.
            if (domain.stylesheet.kind !== "pinned") {
                return [];
            }
            return isGateway(domain)
                ? mustBe(`${subjectOf(domain)} description`, domain.xml, "description", [undefined, ""])
                : offset(model, domain);
        }),
};

export default rule;
