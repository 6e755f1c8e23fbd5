import { META_KEYS } from "../../../cloud-init/seed";
import { marked, sealOf } from "../../../model";
import { subjectOf, violation } from "../../check";
import { eachFile, noKeys, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "CI-08",
    title: "cloud-init reads its seed disk and nothing else",
    why: "Another source is a server that tells the guest what to do, on the network.",
    severity: "high",
    fix:
        "Remove datasource settings, files under /etc/cloud and every key of meta-data but " +
        "instance-id and local-hostname.",
    scope: "seed",
    check: (model) => [
        ...noKeys(
            model,
            "it changes where cloud-init asks",
            "datasource",
            "datasource_list",
            "disable_ec2_metadata",
            "seedfrom",
            "include",
        ),
        ...eachFile(model, "all", (file, domain) =>
            /^\/(etc\/cloud|boot|etc\/default\/grub)/.test(file.path)
                ? [wrongFile(domain, file, "it changes where cloud-init asks")]
                : [],
        ),
        ...eachPart(
            model,
            "all",
            "meta-data",
            (content) => content.metaKeys,
            (keys, domain, content, at) =>
                keys
                    .filter((key) => !META_KEYS.some((known) => known === key))
                    .map((key) =>
                        violation(
                            `${subjectOf(domain)} meta-data ${key}`,
                            `meta-data has ${key}; ${META_KEYS.join(" and ")} are allowed ` +
                                `${marked(sealOf(content.meta.kind === "known" ? content.meta.value[key] : content.meta))}`,
                            at,
                        ),
                    ),
        ),
    ],
};

export default rule;
