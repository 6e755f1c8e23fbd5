import { possible, valueAt } from "../../../model";
import { subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "ID-05",
    title: "No two guests have one UUID",
    why: "SMBIOS shows it to the guest: a UUID twice links two guests.",
    severity: "medium",
    fix: "Leave uuid and hwuuid out.",
    check: (model) => {
        const owners = new Map<string, string>();
        // SMBIOS shows hwuuid in place of uuid.
        return eachDomain(model, "all", (domain) =>
            ["uuid", "hwuuid"]
                .flatMap((part) => possible(valueAt(domain.xml, part)) ?? [])
                .flatMap((uuid) => {
                    const owner = uuid === undefined ? undefined : owners.get(uuid);
                    if (uuid !== undefined) {
                        owners.set(uuid, owner ?? subjectOf(domain));
                    }
                    return owner === undefined
                        ? []
                        : [
                              violation(
                                  subjectOf(domain),
                                  `uuid ${uuid ?? ""} is ${owner}'s as well`,
                                  domain.xml.at,
                              ),
                          ];
                }),
        );
    },
};

export default rule;
