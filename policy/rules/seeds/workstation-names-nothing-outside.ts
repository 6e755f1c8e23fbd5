import { PATHS } from "../../../cloud-init/guest";
import { INNER_SUBNET, contains, isAddress, parseSubnet } from "../../../values/addresses";
import { marked, sealOf } from "../../../model";
import { subjectOf, violation } from "../../check";
import { eachFile, eachSettings, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";

const ADDRESS = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const inner = (address: string): boolean =>
    isAddress(address) && (contains(parseSubnet(INNER_SUBNET), address) || address.startsWith("127."));

const rule: Rule = {
    id: "CI-03",
    title: "A Workstation's seed names nothing outside the enclave",
    why:
        "Whatever runs inside reads it: an outer address, a resolver, a proxy, a language or a time " +
        "zone tells where the user is.",
    severity: "critical",
    fix: "Leave the seed to this project; keep addresses to the inner network.",
    scope: "seed",
    check: (model) => [
        ...eachSettings(model, "workstation", (settings, domain, at) =>
            ["timezone", "locale", "keyboard", "fqdn", "manage_etc_hosts", "ca_certs", "yum_repos", "apt"]
                .filter((key) => key in settings && settings[key] !== "UTC")
                .map((key) =>
                    violation(
                        `${subjectOf(domain)} user-data ${key}`,
                        `user-data has ${key} ${marked(sealOf(settings[key]))}`,
                        at,
                    ),
                ),
        ),
        ...eachFile(model, "workstation", (file, domain) =>
            file.path === PATHS.ruleset || file.path === PATHS.openRuleset
                ? []
                : [...new Set(file.content.match(ADDRESS) ?? [])]
                      .filter((address) => !inner(address))
                      .map((address) => ({
                          ...wrongFile(domain, file, `it names ${address}`),
                          subject: `${subjectOf(domain)} ${file.path} ${address}`,
                      })),
        ),
    ],
};

export default rule;
