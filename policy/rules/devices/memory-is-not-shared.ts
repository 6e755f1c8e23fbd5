import { mustBe, mustBeAbsent, mustBePresent, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-08",
    title: "A guest's memory is shared with no one",
    why:
        "Merged pages tell one guest what another holds (timing of writes); shared or file backing " +
        "is a channel.",
    severity: "medium",
    fix:
        "Use this project's stylesheet, or memoryBacking: { memoryNosharepages: true } without huge " +
        "pages, source, NUMA cells and shared access (0.9).",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBePresent(subjectOf(domain), domain.xml, "memoryBacking.nosharepages"),
            ...mustBeAbsent(subjectOf(domain), domain.xml, "memoryBacking.hugepages", "cpu.numa"),
            ...mustBe(subjectOf(domain), domain.xml, "memoryBacking.source.type", [undefined, "anonymous"]),
            ...mustBe(subjectOf(domain), domain.xml, "memoryBacking.access.mode", [undefined, "private"]),
        ]),
};

export default rule;
