import type { Origin } from "../../../model";
import { subjectOf, violation } from "../../check";
import { eachFile } from "../../helpers/seed";
import type { Finding, Rule } from "../../rule";
import { eachPart } from "../../select";

const KEYS = /^\s*(?:PrivateKey|PresharedKey)\s*=\s*(\S+)/gm;

const rule: Rule = {
    id: "SH-03",
    title: "No key and no onion service is in two guests",
    why: "One key in two enclaves makes them one.",
    severity: "critical",
    fix: "Generate keys inside each guest; give each enclave's tunnel a key of its own.",
    check: (model) => {
        const owners = new Map<string, string>();
        /** @param what is said of it in place of the key itself */
        const claim = (key: string, owner: string, subject: string, what: string, at: Origin): Finding[] => {
            const before = owners.get(key);
            owners.set(key, before ?? owner);
            return before === undefined || before === owner
                ? []
                : [violation(subject, `${what} is ${before}'s as well`, at)];
        };
        return [
            ...eachPart(
                model,
                "all",
                "torrc",
                (content) => content.torrc,
                (lines, domain, _content, at) =>
                    lines
                        .filter((line) => /^HiddenServiceDir$/i.test(line.option))
                        .flatMap((line) => {
                            const folder = line.value.replace(/\/+$/, "");
                            return claim(
                                `folder ${folder}`,
                                subjectOf(domain),
                                `${subjectOf(domain)} ${folder}`,
                                folder,
                                at,
                            );
                        }),
            ),
            ...eachFile(model, "all", (file, domain) =>
                [...file.content.matchAll(KEYS)].flatMap(([, key = ""]) =>
                    claim(
                        `key ${key}`,
                        subjectOf(domain),
                        `${subjectOf(domain)} ${file.path}`,
                        `a key in ${file.path}`,
                        file.at,
                    ),
                ),
            ),
        ];
    },
};

export default rule;
