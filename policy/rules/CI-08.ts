import { subjectOf, violation, whenKnown } from "../check";
import { eachFile, noKeys, wrongFile } from "../families/seed";
import type { Rule } from "../rule";
import { eachDomain, eachSeed } from "../select";

const rule: Rule = {
    id: "CI-08",
    title: "cloud-init reads its seed disk and asks nobody else",
    why: "Another source is a server that tells the guest what to do, on the network.",
    severity: "high",
    fix: "Remove datasource settings and files under /etc/cloud.",
    scope: "seed",
    check: (model) => [
        ...noKeys(model, "it changes where cloud-init asks", "datasource", "datasource_list", "disable_ec2_metadata", "seedfrom", "include"),
        ...eachFile(model, "all", (file, domain) => (/^\/(etc\/cloud|boot|etc\/default\/grub)/.test(file.path) ? [wrongFile(domain, file, "it changes where cloud-init asks")] : [])),
        ...eachDomain(model, "all", (domain) => eachSeed(domain, (_content, seed) => whenKnown(subjectOf(domain), seed.metaData, (text) =>
            /seedfrom|dsmode\s*:\s*net|^\s*ds\s*=/m.test(text ?? "") ? [violation(`${subjectOf(domain)} meta-data`, "meta-data sends cloud-init elsewhere", seed.metaData.at)] : []))),
    ],
};

export default rule;
