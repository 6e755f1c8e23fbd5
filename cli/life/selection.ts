/** Which guests a verb is about: all of a stack, an enclave's, or one. Pure. */
import { guestsOf } from "../../plan/guests";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { CliError } from "../../util/error";
import { nearest } from "../../util/nearest";

/** A guest by what people and libvirt call it. */
export interface LifeGuest {
    readonly name: string;
    readonly domain: string;
}

/** The part of an enclave that is meant. */
export interface Chosen {
    readonly enclave: EnclavePlan;
    readonly gateway: LifeGuest;
    /** Whether the Gateway is meant; what a chosen Workstation needs is not chosen by that. */
    readonly withGateway: boolean;
    /** The Workstations that are meant. */
    readonly workstations: readonly LifeGuest[];
    /** All of the enclave's. */
    readonly all: readonly LifeGuest[];
}

/**
 * What is meant by `ENCLAVE`, `ENCLAVE/GUEST`, a guest's name alone, or nothing: all.
 * @throws CliError naming the nearest
 */
export function choose(plan: StackPlan, wanted: string | undefined): Chosen[] {
    const named = new Map(guestsOf(plan).map(({ name, domain }) => [domain, name]));
    const guest = (domain: string): LifeGuest => ({ domain, name: named.get(domain) ?? domain });
    const whole = plan.enclaves.map((enclave): Chosen => {
        const all = enclave.workstations.map((w) => guest(w.domain));
        return { enclave, gateway: guest(enclave.gateway.domain), withGateway: true, workstations: all, all };
    });
    if (wanted === undefined) {
        return whole;
    }
    const enclave = whole.find((one) => one.enclave.name === wanted);
    if (enclave !== undefined) {
        return [enclave];
    }
    const fits = ({ name, domain }: LifeGuest): boolean =>
        name === wanted || domain === wanted || name.endsWith(`/${wanted}`);
    const found = whole.flatMap((one): Chosen[] => [
        ...(fits(one.gateway) ? [{ ...one, workstations: [] }] : []),
        ...one.all.filter(fits).map((w) => ({ ...one, withGateway: false, workstations: [w] })),
    ]);
    const names = whole.flatMap((one) => [
        one.enclave.name,
        one.gateway.name,
        ...one.all.map(({ name }) => name),
    ]);
    if (found.length !== 1) {
        const near = found.length > 1 ? undefined : nearest(wanted, names);
        const called = found.map((one) => (one.withGateway ? one.gateway : one.workstations[0])?.name ?? "");
        throw new CliError(
            found.length > 1
                ? `${found.length} guests are called ${wanted}`
                : `the stack declares no enclave or guest ${wanted}${near === undefined ? "" : `; the nearest is ${near}`}`,
            `name ${near ?? `one of ${(found.length > 1 ? called : names).join(", ")}`}`,
        );
    }
    return found;
}
