/**
 * What `start` and `stop` do, in which order: from what is there and what is chosen, by pure functions. Whatever
 * an interrupted run left is a state like any other, so the next run goes on from it.
 */
import { workstationFilterXml } from "../../libvirt/workstation-filter";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { sameFilter } from "../define-filter";
import { ABSENT, type GuestState, type Observed } from "./observe";
import type { Chosen, LifeGuest } from "./selection";

export type Step =
    | { readonly do: "start-pool"; readonly name: string }
    | { readonly do: "define-filter"; readonly name: string }
    | { readonly do: "start-network"; readonly name: string }
    | { readonly do: "start-guest"; readonly guest: LifeGuest }
    | { readonly do: "await-gateway"; readonly guest: LifeGuest }
    | { readonly do: "stop-workstation"; readonly guest: LifeGuest }
    | { readonly do: "stop-gateway"; readonly guest: LifeGuest }
    | { readonly do: "stop-network"; readonly name: string };

/** Why nothing is done. */
export interface Refusal {
    /** What it is about. */
    readonly title: string;
    readonly what: string;
    readonly fix: string;
}

/** Steps of one enclave, one after the other. Enclaves do not wait for each other. */
export interface Course {
    readonly enclave: EnclavePlan;
    readonly steps: readonly Step[];
}

export interface Order {
    /** When there is one, no step is taken. */
    readonly refusals: readonly Refusal[];
    readonly courses: readonly Course[];
}

const UP = "bin/pulumi up";

/** Whether libvirt has the filter with the rules of this version. */
export function hasFilter({ filters }: Observed, name: string): boolean {
    try {
        return sameFilter(filters.get(name) ?? "", workstationFilterXml(name));
    } catch {
        return false;
    }
}

const stateOf = ({ guests }: Observed, { domain }: LifeGuest): GuestState =>
    (guests.get(domain) ?? ABSENT).state;

/** Why a guest can't be started; undefined: it can, or runs. */
function obstacle(uri: string, seen: Observed, guest: LifeGuest): Refusal | undefined {
    const refusal = (what: string, fix: string): Refusal => ({ title: guest.name, what, fix });
    const { state, saved } = seen.guests.get(guest.domain) ?? ABSENT;
    switch (state) {
        case "running":
            return undefined;
        case "off":
        case "crashed":
            return saved
                ? refusal(
                      "its memory was saved on the disk, and a start would go on from there with the clock of then",
                      `virsh -c '${uri}' managedsave-remove ${guest.domain}`,
                  )
                : undefined;
        case "absent":
            return refusal(`there is no domain ${guest.domain} at ${uri}`, UP);
        case "stopping":
            return refusal("it is shutting down", "run the command again once it is off");
        case "paused":
            return refusal(
                "it is paused: by hand, or by QEMU because its disk is full; its clock has stopped since",
                `make room in its pool if that is full, then bin/sallyport restart ${guest.name}`,
            );
        case "suspended":
        case "unknown":
            return refusal(
                `libvirt says of its state: ${state === "suspended" ? "asleep" : "nothing that is known"}`,
                `bin/sallyport restart ${guest.name}`,
            );
    }
}

const absent = (kind: string, names: readonly string[], there: ReadonlyMap<string, unknown>): Refusal[] =>
    names
        .filter((name) => !there.has(name))
        .map((name) => ({ title: `${kind} ${name}`, what: "libvirt has none of this name", fix: UP }));

/** The guests of an enclave that a start needs: a Workstation needs its Gateway. */
export const toStart = ({ gateway, workstations }: Chosen): LifeGuest[] => [gateway, ...workstations];

/** Pools, filter, networks, Gateway, gate, Workstations. */
export function startOrder(plan: StackPlan, chosen: readonly Chosen[], seen: Observed): Order {
    const poolsOf = ({ pool, statusPool, dataPool }: EnclavePlan): string[] =>
        [plan.imagePool, pool, statusPool, dataPool].map(({ name }) => name);
    const networksOf = ({ external, isolated }: EnclavePlan): string[] => [external.name, isolated.name];
    const refusals = chosen.flatMap((one) => [
        ...absent("pool", poolsOf(one.enclave), seen.pools),
        ...absent("network", networksOf(one.enclave), seen.networks),
        ...toStart(one).flatMap((guest) => obstacle(plan.uri, seen, guest) ?? []),
    ]);
    const start = (guest: LifeGuest): Step[] =>
        stateOf(seen, guest) === "running" ? [] : [{ do: "start-guest", guest }];
    const courses = chosen.map((one): Course => ({
        enclave: one.enclave,
        steps: [
            ...poolsOf(one.enclave)
                .filter((name) => seen.pools.get(name) === false)
                .map((name): Step => ({ do: "start-pool", name })),
            ...(hasFilter(seen, one.enclave.isolated.name)
                ? []
                : [{ do: "define-filter", name: one.enclave.isolated.name } as const]),
            ...networksOf(one.enclave)
                .filter((name) => seen.networks.get(name) === false)
                .map((name): Step => ({ do: "start-network", name })),
            ...start(one.gateway),
            // Also of one that runs: what it said once may be long ago.
            { do: "await-gateway", guest: one.gateway },
            ...one.workstations.flatMap(start),
        ],
    }));
    return { refusals: unique(refusals), courses: refusals.length > 0 ? [] : courses };
}

const unique = (refusals: readonly Refusal[]): Refusal[] => [
    ...new Map(refusals.map((one) => [`${one.title}: ${one.what}`, one])).values(),
];

const isOff = (state: GuestState): boolean => state === "off" || state === "absent" || state === "crashed";

/**
 * Workstations, Gateway, networks. A Gateway goes after all of its Workstations, networks when no guest of the
 * enclave is left on them. Pools stay active: what is off, a refresh by another Pulumi forgets.
 */
export function stopOrder(chosen: readonly Chosen[], seen: Observed): Order {
    const courses = chosen.map((one): Course => {
        const runs = (guest: LifeGuest): boolean => !isOff(stateOf(seen, guest));
        const workstations = one.withGateway ? one.all : one.workstations;
        return {
            enclave: one.enclave,
            steps: [
                ...workstations.filter(runs).map((guest): Step => ({ do: "stop-workstation", guest })),
                ...(one.withGateway && runs(one.gateway)
                    ? [{ do: "stop-gateway", guest: one.gateway } as const]
                    : []),
                ...(one.withGateway ? [one.enclave.isolated.name, one.enclave.external.name] : [])
                    .filter((name) => seen.networks.get(name) === true)
                    .map((name): Step => ({ do: "stop-network", name })),
            ],
        };
    });
    return { refusals: [], courses };
}

/**
 * What a restart starts again: what was chosen, and the Workstations that ran before their Gateway was stopped.
 */
export const restarted = (chosen: readonly Chosen[], seen: Observed): Chosen[] =>
    chosen.map((one) => ({
        ...one,
        workstations: one.all.filter(
            (guest) => one.workstations.includes(guest) || !isOff(stateOf(seen, guest)),
        ),
    }));
