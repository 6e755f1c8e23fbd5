import { PATHS } from "../../cloud-init/guest";
import { isGateway } from "../../topology/model";
import { subjectOf, undecided, violation, whenKnown, whole } from "../check";
import { canonical, expectedGuest } from "../families/guest";
import { wrongFile } from "../families/seed";
import type { Rule } from "../rule";
import { eachDomain, eachSeed } from "../select";

const rule: Rule = {
    id: "GUEST-01",
    title: "Every guest gets exactly the files that this project renders for its place",
    why: "Rules judge what they know; this one leaves nothing over.",
    severity: "critical",
    fix: "Leave seeds to this project's components.",
    check: (model) => eachDomain(model, "all", (domain) => eachSeed(domain, (content) => whenKnown(subjectOf(domain), content.files, (files) => {
        const expected = expectedGuest(model, domain);
        if (expected === undefined) {
            return [undecided(subjectOf(domain), "its place (one Gateway with outer and inner NIC, one seed) cannot be worked out", whole(domain))];
        }
        const judged: readonly string[] = [PATHS.ruleset, ...(isGateway(domain) ? [PATHS.torrc] : [])];
        const wanted = new Map(expected.files.map((file) => [file.path, file]));
        return [
            ...files.flatMap((file) => {
                const same = wanted.get(file.path);
                return same === undefined ? [wrongFile(domain, file, "this project writes no such file here")]
                    : judged.includes(file.path) || same.content === file.content ? [] : [wrongFile(domain, file, "its content is not what this project renders")];
            }),
            ...expected.files.filter((file) => !files.some((f) => f.path === file.path)).map((file) => violation(`${subjectOf(domain)} ${file.path}`, `${file.path} is missing`, content.files.at)),
            ...whenKnown(`${subjectOf(domain)} firewall`, content.ruleset, (ruleset) => (ruleset !== undefined && canonical(ruleset) === canonical(expected.ruleset) ? [] : [
                violation(`${subjectOf(domain)} firewall`, "it is not the firewall that this project renders for this enclave's members", content.ruleset.at),
            ])),
        ];
    }))),
};

export default rule;
