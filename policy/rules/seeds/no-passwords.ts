import { subjectOf, violation } from "../../check";
import { eachFile, eachSettings, noKeys, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";

const FILES = /^\/etc\/(passwd|shadow|group|gshadow|sudoers|sudoers\.d\/.*|pam\.d\/.*|security\/.*)$/;

const rule: Rule = {
    id: "CI-01",
    title: "No guest has a password or another way to log in that a seed gives it",
    why: "A password that a seed sets is in the seed, in the state and in everybody's copy of it.",
    severity: "critical",
    fix: "Remove passwords, users and chpasswd from user-data, and shadow and sudoers from its files.",
    scope: "seed",
    check: (model) => [
        ...noKeys(
            model,
            "it sets passwords or users",
            "password",
            "chpasswd",
            "users",
            "user",
            "groups",
            "system_info",
        ),
        ...eachSettings(model, "all", (settings, domain, at) =>
            Object.entries({ ssh_pwauth: false, disable_root: true }).flatMap(([key, wanted]) =>
                settings[key] === undefined || settings[key] === wanted
                    ? []
                    : [
                          violation(
                              `${subjectOf(domain)} user-data ${key}`,
                              `${key} is ${JSON.stringify(settings[key])}`,
                              at,
                          ),
                      ],
            ),
        ),
        ...eachFile(model, "all", (file, domain) =>
            FILES.test(file.path) ? [wrongFile(domain, file, "it decides who may log in")] : [],
        ),
    ],
};

export default rule;
