import { holds, nodesAt, valueAt } from "../../topology/model";
import { mustBe, subjectOf, violation, whenKnown } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-08",
    title: "A guest has no performance counters and no clock of the host's beyond a PC's own",
    why: "Counters and paravirtual clocks measure the host, and other guests, finely.",
    severity: "medium",
    fix: "Use this project's stylesheet, or switch off pmu, vmport, kvmclock, hypervclock and hpet.",
    limits: "The CPU's time stamp counter is left as it is.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...mustBe(subjectOf(domain), domain.xml, "features.pmu.state", ["off"]),
        ...mustBe(subjectOf(domain), domain.xml, "features.vmport.state", ["off"]),
        ...whenKnown(subjectOf(domain), nodesAt(domain.xml, "clock.timer"), (timers) => ["kvmclock", "hypervclock", "hpet"].flatMap((name) => {
            const off = timers.some((t) => holds(valueAt(t, "name"), (n) => n === name) === "yes" && holds(valueAt(t, "present"), (p) => p === "no") === "yes");
            return off ? [] : [violation(`${subjectOf(domain)} ${name}`, `timer ${name} is not switched off`, domain.xml.at)];
        })),
    ]),
};

export default rule;
