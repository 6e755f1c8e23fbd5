import { subjectOf, violation, whenKnown } from "../../check";
import type { Domain, Origin } from "../../../model";
import { addressOf } from "../../helpers/seed";
import type { Finding, Rule } from "../../rule";
import { eachEnclave, eachSeed } from "../../select";

const rule: Rule = {
    id: "SH-02",
    title: "No two guests of an enclave have one address, MAC or instance-id",
    why:
        "With one address, two guests share circuits; with one instance-id, they are one guest to " +
        "whatever reads it. (In different enclaves inner addresses and MACs are equal on purpose: " +
        "they are the same for everyone and never meet.)",
    severity: "critical",
    fix: "Give each Workstation another address.",
    limits:
        "Between enclaves inner addresses, MACs and instance-ids of one place are equal, so that " +
        "none of them tells enclaves apart. UUIDs: ID-05. Serial numbers: ID-13, ID-04.",
    check: (model) =>
        eachEnclave(model, ({ members }) => {
            const owners = new Map<string, string>();
            const claim = (domain: Domain, value: string | undefined, at: Origin): Finding[] => {
                if (value === undefined) {
                    return [];
                }
                const owner = owners.get(value);
                owners.set(value, owner ?? subjectOf(domain));
                return owner === undefined || owner === subjectOf(domain)
                    ? []
                    : [violation(`${subjectOf(domain)} ${value}`, `${value} is ${owner}'s as well`, at)];
            };
            return [...new Set(members.map((m) => m.domain))].flatMap((domain) =>
                eachSeed(domain, (content) => [
                    ...whenKnown(subjectOf(domain), content.network, (network) =>
                        (network?.nics ?? []).flatMap((nic) =>
                            [nic.mac, ...nic.addresses.map(addressOf)].flatMap((value) =>
                                claim(domain, value, content.network.at),
                            ),
                        ),
                    ),
                    ...whenKnown(`${subjectOf(domain)} instance-id`, content.instanceId, (id) =>
                        claim(domain, id, content.instanceId.at),
                    ),
                ]),
            );
        }),
};

export default rule;
