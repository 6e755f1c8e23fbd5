/** Whether a lab host's filters are what the stack's steps defined: a domain's XML names its filter and not the filter's rules. */
import type { Model, Problem } from "../../model";
import { createStep } from "../../model/steps";
import { workstationFilterXml } from "../../libvirt/workstation-filter";
import { sameFilter } from "../filter-command";
import { virshAt, type Virsh } from "../../libvirt/virsh";

function isOurs(live: string, name: string): boolean {
    try {
        return sameFilter(live, workstationFilterXml(name));
    } catch {
        return false;
    }
}

/** A problem for each filter at these libvirts that is not there, not ours, or cannot be read. */
export async function filterProblems(model: Model, uris: readonly string[], connect: (uri: string) => Virsh = virshAt): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const actuator of model.actuators) {
        const step = createStep(actuator);
        const { uri = "", name = "" } = step?.verb === "define-filter" ? step.options : {};
        if (uris.includes(uri)) {
            const { outcome, stdout, message } = await connect(uri)(["nwfilter-dumpxml", name]);
            if (outcome !== "ok" || !isOurs(stdout, name)) {
                problems.push({
                    at: { resource: actuator.resource.id, path: "" }, what: `filter ${name} at ${uri} ${outcome === "ok" ? "has other rules than its step defined" : `cannot be read: ${message}`}`,
                    fix: `bin/sallyport define-filter --uri '${uri}' --name ${name}, with the rules that the step names, defines it anew`,
                });
            }
        }
    }
    return problems;
}
