/** The guests of a stack by the names that people call them. Pure. */
import type { StackPlan } from "./plan";

export interface Guest {
    /** `red/ws1`, `red/gateway`; its domain where two guests would have one name. */
    readonly name: string;
    readonly domain: string;
    /** A Workstation's inner address; a Gateway's outer one. */
    readonly address: string;
}

/** All guests, enclave by enclave, each Gateway first. */
export function guestsOf(plan: Pick<StackPlan, "enclaves">): Guest[] {
    const guests = plan.enclaves.flatMap(({ name, gateway, workstations }) => [
        { name: `${name}/gateway`, domain: gateway.domain, address: gateway.outer.address },
        ...workstations.map((w) => ({ name: `${name}/${w.name}`, domain: w.domain, address: w.nic.address })),
    ]);
    const isAlone = (name: string): boolean => guests.filter((guest) => guest.name === name).length === 1;
    return guests.map((guest) => (isAlone(guest.name) ? guest : { ...guest, name: guest.domain }));
}

export interface Summary {
    /** By name: the address, and the line that opens the console. */
    readonly guests: Readonly<Record<string, string>>;
    readonly next: string;
}

/** What `up` ends with: a line for each guest, and what to do next. */
export const summaryOf = (plan: StackPlan, stack: string): Summary => ({
    guests: Object.fromEntries(
        guestsOf(plan).map(({ name, address }) => [
            name,
            `${address}; bin/sallyport console ${name} --stack ${stack}`,
        ]),
    ),
    next: `bin/sallyport plan --live --stack ${stack}`,
});
