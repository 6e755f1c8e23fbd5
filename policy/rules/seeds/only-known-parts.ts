import { marked, sealOf } from "../../../model";
import { subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const KEYS = ["write_files", "hostname", "fqdn", "ssh_pwauth", "disable_root"];

const rule: Rule = {
    id: "CI-15",
    title: "A seed has the parts that this project knows and no others",
    why: "A key that this project has not reviewed may do anything at first boot, as root.",
    severity: "high",
    fix: "Remove the key, or add it to this rule with the rule that judges its value.",
    scope: "seed",
    check: (model) => [
        ...eachPart(
            model,
            "all",
            "user-data",
            (content) => content.keys,
            (keys, domain, content, at) =>
                keys
                    .filter((key) => !KEYS.includes(key))
                    .map((key) =>
                        violation(
                            `${subjectOf(domain)} user-data ${key}`,
                            `user-data has ${key}; known are ${KEYS.join(", ")} ` +
                                `${marked(sealOf(content.settings.kind === "known" ? content.settings.value[key] : content.settings))}`,
                            at,
                        ),
                    ),
        ),
        ...model.seeds.flatMap((seed) =>
            Object.keys(seed.otherProperties).map((key) =>
                violation(
                    `${subjectOf(seed)} ${key}`,
                    `the seed has ${key}; userData, networkConfig and metaData are read ` +
                        `${marked(sealOf(seed.otherProperties[key]))}`,
                    { resource: seed.resource.id, path: key },
                ),
            ),
        ),
    ],
};

export default rule;
