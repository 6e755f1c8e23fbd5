import { holds, isGateway, membersOf } from "../../topology/model";
import { must, subjectOf, violation, whole } from "../check";
import type { Rule } from "../rule";
import { externalNetworks } from "../select";

const MODES = ["nat", "route", "bridge"];

const rule: Rule = {
    id: "NT-11",
    title: "An external network serves one Gateway and no other guest",
    why: "A neighbour on the same wire can take over the Gateway's neighbour table and watch its connections.",
    severity: "high",
    fix: "Give each Gateway an external network of its own (mode nat), or a bridge that the host owns.",
    check: (model) => {
        const members = membersOf(model);
        return externalNetworks(model).flatMap((network) => {
            const guests = [...new Set((members.get(network.resource.id) ?? []).map((m) => m.domain))];
            const own = holds(network.forward, (mode) => mode === "bridge") === "yes" ? guests.filter((d) => !isGateway(d)).length === 0 : guests.length === 1;
            return [
                ...must(`${subjectOf(network)} forward`, network.forward, (mode) => MODES.includes(mode), "nat, route or bridge is allowed"),
                ...(own ? [] : [violation(subjectOf(network), `on it are ${guests.map(subjectOf).join(", ")}; one Gateway is allowed`, whole(network))]),
            ];
        });
    },
};

export default rule;
