import { subjectOf, violation } from "../check";
import type { Rule } from "../rule";
import { eachPart } from "../select";

const rule: Rule = {
    id: "SH-03",
    title: "No key and no onion service is in two guests",
    why: "One key in two enclaves makes them one.",
    severity: "critical",
    fix: "Generate keys inside each guest.",
    check: (model) => {
        const owners = new Map<string, string>();
        return eachPart(model, "all", "torrc", (content) => content.torrc, (lines, domain, _content, at) => lines.filter((line) => /^HiddenServiceDir$/i.test(line.option)).flatMap((line) => {
            const key = line.value.replace(/\/+$/, "");
            const owner = owners.get(key);
            owners.set(key, owner ?? subjectOf(domain));
            return owner === undefined ? [] : [violation(`${subjectOf(domain)} ${key}`, `${key} is ${owner}'s as well`, at)];
        }));
    },
};

export default rule;
