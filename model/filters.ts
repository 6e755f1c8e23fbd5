/**
 * Whether the host's end of a NIC has the filter that leaves a guest its Gateway alone
 * (workstation-filter.ts).
 */
import { hostKeyOf } from "../values/libvirt-uri";
import { memoize } from "../util/memoize";
import {
    digestOf,
    digestOfNode,
    marked,
    possible,
    valueAt,
    nodesAt,
    type Actuator,
    type Domain,
    type Model,
    type Nic,
} from ".";
import { createStep } from "./steps";
import { WORKSTATION_FILTER_DIGEST } from "../libvirt/workstation-filter";

/** Why a NIC's filter can't be relied on, or the step that defines it. */
type FilterVerdict = { readonly step: Actuator } | { readonly why: string };

/** Steps of the stack that define our rules, by the libvirt that their URI leads to and the filter's name. */
const defined = memoize((model: Model): ReadonlyMap<string, ReadonlyMap<string, Actuator>> => {
    const steps = new Map<string, Map<string, Actuator>>();
    for (const actuator of model.actuators) {
        const step = createStep(actuator);
        if (step?.verb === "define-filter" && step.options["rules"] === WORKSTATION_FILTER_DIGEST) {
            const host = hostKeyOf(step.options["uri"] ?? "");
            steps.set(
                host,
                (steps.get(host) ?? new Map<string, Actuator>()).set(step.options["name"] ?? "", actuator),
            );
        }
    }
    return steps;
});

/** The URI of each host of the model that is known, and the libvirt that it leads to. */
const urisOf = memoize(
    (model: Model): ReadonlyMap<string, { readonly uri: string; readonly host: string }> =>
        new Map(
            model.hosts.flatMap(({ key, uri }) =>
                uri.kind === "known" ? [[key, { uri: uri.value, host: hostKeyOf(uri.value) }] as const] : [],
            ),
        ),
);

const NO_FILTER: FilterVerdict = { why: "the NIC has no filter" };
const UNKNOWN_FILTER: FilterVerdict = { why: "which filter the NIC has is not known" };

/** The filter of one NIC: surely ours, or why not. A filter that is defined elsewhere may be anything. */
export function filterOf(model: Model, domain: Domain, nic: Nic): FilterVerdict {
    if (nic.filter.kind === "known" && nic.filter.value === undefined) {
        return NO_FILTER;
    }
    const [name, ...more] = possible(nic.filter) ?? [];
    if (name === undefined || more.length > 0) {
        return UNKNOWN_FILTER;
    }
    const refs = nodesAt(nic.xml, "filterref");
    if (
        refs.kind !== "known" ||
        refs.value.some((ref) => ref.children.some((child) => child.name !== "filter")) ||
        valueAt(nic.xml, "filterref.filter").kind !== "known"
    ) {
        const given = refs.kind === "known" ? refs.value.map(digestOfNode) : refs.why;
        return { why: `filter ${name} is given parameters, which can undo it ${marked(digestOf(given))}` };
    }
    const at = urisOf(model).get(domain.host);
    if (at === undefined) {
        return { why: `on which host filter ${name} is defined is not known` };
    }
    const step = defined(model).get(at.host)?.get(name);
    return step === undefined
        ? { why: `no step of this stack defines filter ${name} at ${at.uri}` }
        : { step };
}
