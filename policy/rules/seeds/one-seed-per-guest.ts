import { INSTANCE_ID } from "../../../cloud-init/seed";
import type { Seed } from "../../../model";
import { must, subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, eachSeed } from "../../select";

const rule: Rule = {
    id: "CI-12",
    title: "Each guest has a seed of its own",
    why: "Two guests on one seed are one guest twice: same addresses, same everything.",
    severity: "high",
    fix: "Declare a seed for each domain.",
    limits:
        "Instance-ids are compared within an enclave (SH-02). An instance-id is a digest of the seed " +
        "alone. Guests of one place in two enclaves have the same one on purpose, with seeds and " +
        "disks of their own. Keys of an SSH server: CI-02, ID-12.",
    check: (model) => {
        const owners = new Map<Seed, string>();
        return eachDomain(model, "all", (domain) =>
            eachSeed(domain, (content, seed) => {
                const owner = owners.get(seed);
                owners.set(seed, owner ?? subjectOf(domain));
                return [
                    ...(owner === undefined
                        ? []
                        : [
                              violation(
                                  subjectOf(domain),
                                  `${subjectOf(seed)} is ${owner}'s as well`,
                                  whole(seed),
                              ),
                          ]),
                    ...must(
                        `${subjectOf(domain)} instance-id`,
                        content.instanceId,
                        (id) => id !== undefined && INSTANCE_ID.test(id),
                        "sallyport- and sixteen hexadecimal digits are needed",
                    ),
                ];
            }),
        );
    },
};

export default rule;
