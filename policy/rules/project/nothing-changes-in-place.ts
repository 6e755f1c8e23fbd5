import {
    marked,
    sealOf,
    type Domain,
    type Model,
    type Network,
    type Pool,
    type Seed,
    type Volume,
} from "../../../model";
import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";

type Settled = Domain | Network | Volume | Pool | Seed;

const settled = (model: Model): readonly Settled[] => [
    ...model.domains,
    ...model.networks,
    ...model.volumes,
    ...model.pools,
    ...model.seeds,
];
const recent = (record: Settled): boolean => record.resource.shape === "provider-0.9";
/**
 * Provider 0.9 stops a domain and defines it anew (domain_resource.go, Update). Of a network it sets
 * autostart alone.
 */
const redefined = (record: Settled): boolean => recent(record) && "nics" in record;
/** What reaches the host when the resource is made, and in an update does not. */
const settings = (record: Settled): string =>
    JSON.stringify({
        ...record,
        resource: undefined,
        host: undefined,
        ...(recent(record) && "forward" in record ? { autostart: undefined } : {}),
    });

const rule: Rule = {
    id: "UPDATE-01",
    title: "Nothing is changed in place but domains of provider 0.9",
    why:
        "Updates write the new inputs into the state and leave the host as it is. A NIC that was on " +
        "a NAT network stays there, and the state says isolated from then on.",
    severity: "critical",
    fix: 'Replace it: set replaceOnChanges to ["*"] and deleteBeforeReplace (components of this project do).',
    limits:
        "It needs `sallyport plan --preview`. The policy SDK hands over no operations, and an export " +
        "does not tell what an earlier update has not done: LC-12 compares with the host.",
    check: (model) => {
        const before = new Map(
            model.previous === undefined
                ? []
                : settled(model.previous).map((record) => [record.resource.id, settings(record)]),
        );
        return settled(model)
            .filter(({ resource }) => resource.operation === "update")
            .filter((record) => !redefined(record))
            .flatMap((record) => {
                const old = before.get(record.resource.id);
                return old === settings(record)
                    ? []
                    : [
                          violation(
                              subjectOf(record),
                              "its inputs change and it is not replaced, so the host keeps the " +
                                  `old ones ${marked(sealOf([old, settings(record)]))}`,
                              whole(record),
                          ),
                      ];
            });
    },
};

export default rule;
