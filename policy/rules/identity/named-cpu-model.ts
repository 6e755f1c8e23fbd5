import { isHostCpu } from "../../../values/cpu-model";
import { nodesAt, valueAt, type Domain } from "../../../model";
import { must, mustBe, mustHaveOnly, subjectOf, whenKnown } from "../../check";
import type { Finding, Rule } from "../../rule";
import { eachDomain } from "../../select";

/**
 * `migratable` is LC-13's, `numa` DD-08's. A cache or a width of addresses that is passed through is the
 * host's own.
 */
const PARTS = ["mode", "match", "check", "model", "feature", "topology", "migratable", "numa"];

/**
 * The model and nothing that goes beyond it: "minimum" and "optional" hand over whatever else the host has,
 * "strict" tells that it has nothing else.
 */
function exact(domain: Domain): readonly Finding[] {
    return whenKnown(`${subjectOf(domain)} cpu`, nodesAt(domain.xml, "cpu"), (cpus) =>
        cpus.flatMap((cpu) => [
            ...mustHaveOnly(`${subjectOf(domain)} cpu`, cpu, ...PARTS),
            ...mustBe(subjectOf(domain), domain.xml, "cpu.match", ["exact", undefined]),
            ...whenKnown(`${subjectOf(domain)} cpu model`, nodesAt(cpu, "model"), (models) =>
                models.flatMap((model) => [
                    ...mustHaveOnly(`${subjectOf(domain)} cpu model`, model, "fallback"),
                    ...mustBe(`${subjectOf(domain)} cpu model`, model, "fallback", ["forbid"]),
                ]),
            ),
            ...whenKnown(`${subjectOf(domain)} cpu features`, nodesAt(cpu, "feature"), (features) =>
                features.flatMap((feature, i) =>
                    mustBe(`${subjectOf(domain)} cpu feature ${i}`, feature, "policy", [
                        "disable",
                        "forbid",
                        "require",
                    ]),
                ),
            ),
        ]),
    );
}

const rule: Rule = {
    id: "ID-07",
    title: "A guest sees a named CPU model, not the host's",
    why: "The host's CPU is a fingerprint of the host.",
    severity: "high",
    fix: "Set virt.cpuModel to a named model such as qemu64.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "cpu.mode", ["custom", undefined]),
            ...must(
                subjectOf(domain),
                valueAt(domain.xml, "cpu.model"),
                (name) => !isHostCpu(name ?? ""),
                "a named model is needed",
            ),
            ...exact(domain),
        ]),
};

export default rule;
