import { digestOf, digestOfNode, holds, marked, nodesAt, valueAt } from "../../../model";
import { mustBe, mustHaveOnly, subjectOf, violation, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const OFF = ["kvmclock", "hypervclock", "hpet"];
const TIMERS = ["rtc", "pit", ...OFF];
/** A PC's own; what imitates another hypervisor brings its clocks along. */
const FEATURES = ["acpi", "apic", "pae", "hap", "pmu", "vmport", "tcg"];

const rule: Rule = {
    id: "ID-08",
    title: "A guest has no performance counters and no clock of the host's beyond a PC's own",
    why: "Counters and paravirtual clocks measure the host, and other guests, finely.",
    severity: "medium",
    fix: "Use this project's stylesheet, or switch off pmu, vmport, kvmclock, hypervclock and hpet.",
    limits: "The CPU's time stamp counter is left as it is.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "features.pmu.state", ["off"]),
            ...mustBe(subjectOf(domain), domain.xml, "features.vmport.state", ["off"]),
            ...whenKnown(subjectOf(domain), nodesAt(domain.xml, "clock.timer"), (timers) => [
                ...OFF.flatMap((name) => {
                    const mine = timers.filter((t) => holds(valueAt(t, "name"), (n) => n === name) !== "no");
                    const off =
                        mine.length > 0 &&
                        mine.every((t) => holds(valueAt(t, "present"), (p) => p === "no") === "yes");
                    return off
                        ? []
                        : [
                              violation(
                                  `${subjectOf(domain)} ${name}`,
                                  `timer ${name} is not switched off ` +
                                      `${marked(digestOf(mine.map(digestOfNode)))}`,
                                  domain.xml.at,
                              ),
                          ];
                }),
                ...timers.flatMap((timer, i) => [
                    ...mustBe(`${subjectOf(domain)} timer ${i}`, timer, "name", TIMERS),
                    ...mustBe(`${subjectOf(domain)} timer ${i}`, timer, "track", [undefined, "guest"]),
                    ...mustHaveOnly(
                        `${subjectOf(domain)} timer ${i}`,
                        timer,
                        "name",
                        "present",
                        "tickpolicy",
                        "track",
                        "catchup",
                    ),
                ]),
            ]),
            ...whenKnown(`${subjectOf(domain)} features`, nodesAt(domain.xml, "features"), (all) =>
                all.flatMap((features) =>
                    mustHaveOnly(`${subjectOf(domain)} features`, features, ...FEATURES),
                ),
            ),
        ]),
};

export default rule;
