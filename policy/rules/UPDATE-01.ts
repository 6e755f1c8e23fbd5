import { marked, sealOf, type Domain, type Model, type Network, type Volume } from "../../topology/model";
import { subjectOf, violation, whole } from "../check";
import type { Rule } from "../rule";

type Settled = Domain | Network | Volume;

/** What reaches the host when the resource is made. */
const settings = (record: Settled): string => JSON.stringify({ ...record, resource: undefined, host: undefined });
const settled = (model: Model): readonly Settled[] => [...model.domains, ...model.networks, ...model.volumes];

const rule: Rule = {
    id: "UPDATE-01",
    title: "Nothing that provider 0.8 has made is changed in place",
    why: "Its updates write the new inputs into the state and leave the host as it is: a NIC that was on a NAT network stays there, and every later look at the state says isolated.",
    severity: "critical",
    fix: "Replace it: set replaceOnChanges to [\"*\"] and deleteBeforeReplace (components of this project do).",
    limits: "It needs `sallyport plan --preview`. The policy SDK hands over no operations, and an export does not tell what an earlier update has not done: LC-12 compares with the host.",
    check: (model) => {
        const before = new Map(model.previous === undefined ? [] : settled(model.previous).map((record) => [record.resource.id, settings(record)]));
        return settled(model).filter(({ resource }) => resource.operation === "update" && resource.shape !== "provider-0.9").flatMap((record) => {
            const old = before.get(record.resource.id);
            return old === settings(record) ? [] : [violation(subjectOf(record), `its inputs change and it is not replaced, so the host keeps the old ones ${marked(sealOf([old, settings(record)]))}`, whole(record))];
        });
    },
};

export default rule;
