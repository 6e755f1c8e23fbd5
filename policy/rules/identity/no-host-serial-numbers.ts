import { known, nodesAt, valueAt, type Fact, type Node } from "../../../model";
import { SMBIOS } from "../../../values/smbios";
import { must, mustBe, subjectOf, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

/** `<entry name="serial">0</entry>`, or `{ name, value }` of provider 0.9. */
const textOf = (entry: Node): Fact<string | undefined> => {
    const value = valueAt(entry, "value");
    return value.kind === "known" && value.value === undefined ? entry.value : value;
};

const rule: Rule = {
    id: "ID-04",
    title: "A guest sees no serial numbers of the host's, and the firmware tables that every guest has",
    why:
        "SMBIOS in mode host shows the host's maker, model and serial numbers; another value in mode " +
        "sysinfo tells guests, stacks and hosts apart.",
    severity: "high",
    fix:
        "Use this project's stylesheet, or smbios mode sysinfo with these values alone: " +
        `${[...SMBIOS].map(([table, entries]) => `${table} ${[...entries].map((e) => e.join(" ")).join(", ")}`).join("; ")}.`,
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "os.smbios.mode", [undefined, "emulate", "sysinfo"]),
            ...[...SMBIOS].flatMap(([table, values]) =>
                whenKnown(
                    `${subjectOf(domain)} ${table}`,
                    nodesAt(domain.xml, `sysinfo.${table}.entry`),
                    (entries) =>
                        entries.flatMap((entry, i) => {
                            const name = valueAt(entry, "name");
                            const text = textOf(entry);
                            const missing = name.kind === "known" ? text : name;
                            const both =
                                name.kind === "known" && text.kind === "known"
                                    ? known([name.value ?? "", text.value ?? ""] as const, entry.at)
                                    : missing;
                            return must(
                                `${subjectOf(domain)} ${table} entry ${i}`,
                                both as Fact<readonly [string, string]>,
                                ([key, value]) => values.get(key) === value,
                                "only the entries that every guest has are allowed",
                            );
                        }),
                ),
            ),
        ]),
};

export default rule;
