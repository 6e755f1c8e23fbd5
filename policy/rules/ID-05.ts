import { possible, valueAt } from "../../model";
import { subjectOf, violation } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "ID-05",
    title: "No two guests have one UUID",
    why: "SMBIOS shows it to the guest: a UUID twice links two guests.",
    severity: "medium",
    fix: "Leave uuid out.",
    check: (model) => {
        const owners = new Map<string, string>();
        return eachDomain(model, "all", (domain) => (possible(valueAt(domain.xml, "uuid")) ?? []).flatMap((uuid) => {
            const owner = uuid === undefined ? undefined : owners.get(uuid);
            if (uuid !== undefined) {
                owners.set(uuid, owner ?? subjectOf(domain));
            }
            return owner === undefined ? [] : [violation(subjectOf(domain), `uuid ${uuid ?? ""} is ${owner}'s as well`, domain.xml.at)];
        }));
    },
};

export default rule;
