import { subjectOf, violation, whenKnown } from "../check";
import { addressOf } from "../families/seed";
import type { Rule } from "../rule";
import { eachEnclave, eachSeed } from "../select";

const rule: Rule = {
    id: "SH-02",
    title: "No two guests of an enclave have one address or MAC",
    why: "With one address, two guests share circuits. (In different enclaves inner addresses and MACs are equal on purpose: they are the same for everyone and never meet.)",
    severity: "critical",
    fix: "Give each Workstation another address.",
    check: (model) => eachEnclave(model, ({ members }) => {
        const owners = new Map<string, string>();
        return [...new Set(members.map((m) => m.domain))].flatMap((domain) => eachSeed(domain, (content) => whenKnown(subjectOf(domain), content.network, (network) => (network?.nics ?? []).flatMap((nic) => [nic.mac, ...nic.addresses.map(addressOf)].flatMap((value) => {
            if (value === undefined) {
                return [];
            }
            const owner = owners.get(value);
            owners.set(value, owner ?? subjectOf(domain));
            return owner === undefined || owner === subjectOf(domain) ? [] : [violation(`${subjectOf(domain)} ${value}`, `${value} is ${owner}'s as well`, content.network.at)];
        })))));
    }),
};

export default rule;
