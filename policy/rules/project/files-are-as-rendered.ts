import { PATHS } from "../../../cloud-init/guest";
import { isGateway, marked, sealOf, type Domain, type Model, type SeedFile } from "../../../model";
import { subjectOf, undecided, violation, whenKnown, whole } from "../../check";
import { canonical, expectedGuest, type ExpectedGuest } from "../../helpers/guest";
import { expectedAlone } from "../../helpers/single-guest";
import { wrongFile } from "../../helpers/seed";
import type { Finding, Rule } from "../../rule";
import { eachDomain, eachSeed } from "../../select";

/** Owner and mode; cloud-init's own where the seed says nothing (cc_write_files). */
const ownership = ({ owner, permissions }: Pick<SeedFile, "owner" | "permissions">): string =>
    `${owner ?? "root:root"} ${(permissions ?? "0644").padStart(4, "0")}`;

/** @param expects what this project would write into the guest */
const compared = (model: Model, expects: (domain: Domain) => ExpectedGuest | undefined): Finding[] =>
    eachDomain(model, "all", (domain) =>
        eachSeed(domain, (content) =>
            whenKnown(subjectOf(domain), content.files, (files) => {
                const expected = expects(domain);
                if (expected === undefined) {
                    return [
                        undecided(
                            subjectOf(domain),
                            "its place (one Gateway with outer and inner NIC, one seed) cannot be worked out",
                            whole(domain),
                        ),
                    ];
                }
                const judged: readonly string[] = [
                    PATHS.ruleset,
                    ...(isGateway(domain) ? [PATHS.torrc] : []),
                ];
                const wanted = new Map(expected.files.map((file) => [file.path, file]));
                return [
                    ...files.flatMap((file) => {
                        const same = wanted.get(file.path);
                        return same === undefined
                            ? [wrongFile(domain, file, "this project writes no such file here")]
                            : [
                                  ...(judged.includes(file.path) || same.content === file.content
                                      ? []
                                      : [
                                            wrongFile(
                                                domain,
                                                file,
                                                "its content is not what this project renders",
                                            ),
                                        ]),
                                  ...(ownership(file) === ownership(same)
                                      ? []
                                      : [
                                            wrongFile(
                                                domain,
                                                file,
                                                `it is ${ownership(file)}; ${ownership(same)} is ` +
                                                    "what this project renders",
                                            ),
                                        ]),
                              ];
                    }),
                    ...expected.files
                        .filter((file) => !files.some((f) => f.path === file.path))
                        .map((file) =>
                            violation(
                                `${subjectOf(domain)} ${file.path}`,
                                `${file.path} is missing`,
                                content.files.at,
                            ),
                        ),
                    ...whenKnown(`${subjectOf(domain)} firewall`, content.ruleset, (ruleset) =>
                        ruleset !== undefined && canonical(ruleset) === canonical(expected.ruleset)
                            ? []
                            : [
                                  violation(
                                      `${subjectOf(domain)} firewall`,
                                      "it is not the firewall that this project renders for this " +
                                          "enclave's members " +
                                          `${marked(sealOf(canonical(ruleset ?? { tables: [] })))}`,
                                      content.ruleset.at,
                                  ),
                              ],
                    ),
                ];
            }),
        ),
    );

const rule: Rule = {
    id: "GUEST-01",
    title: "Every guest gets exactly the files that this project renders for its place",
    why: "Other rules look at what they know; this one compares everything.",
    severity: "critical",
    fix: "Leave seeds to this project's components.",
    limits:
        "Before creation a seed is compared with what any configuration renders for it. Only the " +
        "stack shows whether Gateway and Workstation are of one configuration (ports, control, " +
        "source of the time).",
    localSeed: (model) => compared(model, expectedAlone),
    check: (model) => compared(model, (domain) => expectedGuest(model, domain)),
};

export default rule;
