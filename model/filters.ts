/** Whether the host's end of a NIC has the filter that leaves a guest its Gateway alone (workstation-filter.ts). */
import { hostKeyOf } from "../values/libvirt-uri";
import { possible, valueAt, nodesAt, type Actuator, type Domain, type Model, type Nic } from ".";
import { createStep } from "./steps";
import { WORKSTATION_FILTER_DIGEST } from "../libvirt/workstation-filter";

/** Why a NIC's filter can't be relied on, or the step that defines it. */
export type FilterVerdict = { readonly step: Actuator } | { readonly why: string };

const found = new WeakMap<Model, ReadonlyMap<string, Actuator>>();
const key = (uri: string, name: string): string => JSON.stringify([hostKeyOf(uri), name]);

/** Steps of the stack that define our rules, by the libvirt that their URI leads to and the filter's name. */
function defined(model: Model): ReadonlyMap<string, Actuator> {
    let steps = found.get(model);
    if (steps === undefined) {
        steps = new Map(model.actuators.flatMap((actuator) => {
            const step = createStep(actuator);
            return step?.verb === "define-filter" && step.options["rules"] === WORKSTATION_FILTER_DIGEST
                ? [[key(step.options["uri"] ?? "", step.options["name"] ?? ""), actuator] as const] : [];
        }));
        found.set(model, steps);
    }
    return steps;
}

/** The filter of one NIC: surely ours, or why not. A filter that is defined elsewhere may be anything. */
export function filterOf(model: Model, domain: Domain, nic: Nic): FilterVerdict {
    const names = possible(nic.filter);
    const [name] = names ?? [];
    if (names?.length !== 1) {
        return { why: "which filter the NIC has is not known" };
    }
    if (name === undefined) {
        return { why: "the NIC has no filter" };
    }
    const refs = nodesAt(nic.xml, "filterref");
    if (refs.kind !== "known" || refs.value.some((ref) => ref.children.some((child) => child.name !== "filter")) || valueAt(nic.xml, "filterref.filter").kind !== "known") {
        return { why: `filter ${name} is given parameters, which can undo it` };
    }
    const uri = model.hosts.find((host) => host.key === domain.host)?.uri;
    if (uri?.kind !== "known") {
        return { why: `on which host filter ${name} is defined is not known` };
    }
    const step = defined(model).get(key(uri.value ?? "", name));
    return step === undefined ? { why: `no step of this stack defines filter ${name} at ${uri.value ?? ""}` } : { step };
}
