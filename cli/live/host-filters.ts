/**
 * Whether a lab host's filters are what the stack's steps defined: a domain's XML names its filter and not
 * the filter's rules.
 */
import { valueAt, nicsOf, type Domain, type Fact, type Model, type Problem } from "../../model";
import { createStep } from "../../model/steps";
import { workstationFilterXml } from "../../libvirt/workstation-filter";
import { hostKeyOf } from "../../values/libvirt-uri";
import { sameFilter } from "../define-filter";
import { virshAt, type Virsh } from "../../libvirt/client";
import { kernelProblems } from "./host-kernel";

function isOurs(live: string, name: string): boolean {
    try {
        return sameFilter(live, workstationFilterXml(name));
    } catch {
        return false;
    }
}

const sure = <T>(fact: Fact<T>): T | undefined => (fact.kind === "known" ? fact.value : undefined);

/**
 * Running NICs whose filter is not bound to their tap: a domain's XML names its filter even after a person
 * has taken the binding away (virsh nwfilter-binding-delete), or libvirt could not make it again.
 */
async function unbound(guests: readonly Domain[], uri: string, virsh: Virsh): Promise<Problem[]> {
    const nics = guests
        .filter(({ running }) => running === true)
        .flatMap((guest) => nicsOf(guest).map((nic) => ({ guest, nic, filter: sure(nic.filter) })))
        .filter(({ filter }) => filter !== undefined);
    if (nics.length === 0) {
        return [];
    }
    const { outcome, stdout, message } = await virsh(["nwfilter-binding-list"]);
    const bound = new Map(
        [...stdout.matchAll(/^\s*(\S+)[ \t]+(\S+)[ \t]*$/gm)].map(([, tap = "", filter = ""]) => [
            tap,
            filter,
        ]),
    );
    return nics
        .filter(
            ({ nic, filter }) =>
                outcome !== "ok" || bound.get(sure(valueAt(nic.xml, "target.dev")) ?? "") !== filter,
        )
        .map(({ guest, nic, filter }) => ({
            at: { resource: guest.resource.id, path: "" },
            what: `filter ${filter ?? ""} is not bound to the tap of NIC ${nic.index}: ${outcome === "ok" ? "libvirt filters nothing there" : `bindings at ${uri} cannot be read: ${message}`}`,
            fix: "stop the guest and run bin/pulumi up: libvirt binds the filter when the guest starts",
        }));
}

/** A problem for each filter at these libvirts that is not there, not ours, not bound, or cannot be read. */
export async function filterProblems(
    model: Model,
    uris: readonly string[],
    connect: (uri: string) => Virsh = virshAt,
): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const uri of uris) {
        const guests = model.domains.filter(({ host }) => hostKeyOf(host) === hostKeyOf(uri));
        problems.push(
            ...(await unbound(guests, uri, connect(uri))),
            ...(await kernelProblems(guests, uri, connect(uri))),
        );
    }
    for (const actuator of model.actuators) {
        const step = createStep(actuator);
        const { uri: spelled = "", name = "" } = step?.verb === "define-filter" ? step.options : {};
        const uri = uris.find((read) => hostKeyOf(read) === hostKeyOf(spelled));
        if (uri !== undefined) {
            const { outcome, stdout, message } = await connect(uri)(["nwfilter-dumpxml", name]);
            if (outcome !== "ok" || !isOurs(stdout, name)) {
                problems.push({
                    at: { resource: actuator.resource.id, path: "" },
                    what: `filter ${name} at ${uri} ${outcome === "ok" ? "has other rules than its step defined" : `cannot be read: ${message}`}`,
                    fix: `bin/sallyport define-filter --uri '${uri}' --name ${name}, with the rules that the step names, defines it anew`,
                });
            }
        }
    }
    return problems;
}
