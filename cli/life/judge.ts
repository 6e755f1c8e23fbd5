/** What `status` says of each part of an enclave, from plain records. Pure. */
import { type Check, failed, passed, undecided } from "../../util/output";
import type { StackPlan } from "../../plan/plan";
import { type HostFile, kernelChecks } from "./kernel";
import { ABSENT, type GuestState, type Observed, type ObservedGuest } from "./observe";
import { hasFilter } from "./order";
import { clockOff, describeClock, type Readiness, type StatusFile } from "./readiness";
import type { Chosen, LifeGuest } from "./selection";

/** What a running Gateway says; absent: it does not run. */
export interface Heard {
    readonly readiness: Readiness;
    /** Absent: it could not be read. */
    readonly file?: StatusFile;
}

/** What hosts say of their kernels. */
export interface Hosts {
    /** By enclave. */
    readonly files: ReadonlyMap<string, HostFile>;
    /** The script that the host's unit should have. */
    readonly version: string;
    /** Seconds since 1970 by this machine's clock; a running Gateway's status file tells the host's. */
    readonly now: number;
}

/** One guest, for programs. */
export interface GuestStatus extends LifeGuest {
    readonly state: GuestState;
    /** A Gateway's; absent for a Workstation, which says nothing. */
    readonly ready?: boolean;
}

const START = (name: string): string => `bin/sallyport start ${name}`;
const RESTART = (name: string): string => `bin/sallyport restart ${name}`;

/** Words for a state. */
const WORDS: Readonly<Record<GuestState, string>> = {
    absent: "not there",
    off: "off",
    running: "running",
    paused: "paused; its clock has stopped since",
    stopping: "shutting down",
    crashed: "crashed",
    suspended: "asleep",
    unknown: "in a state that libvirt does not tell",
};

/** Pools or networks: off is as it should be while no guest of the enclave runs. */
function active(
    [id, title]: readonly [string, string],
    names: readonly string[],
    there: ReadonlyMap<string, boolean>,
    running: boolean,
    enclave: string,
): Check {
    const missing = names.filter((name) => !there.has(name));
    const off = names.filter((name) => there.get(name) === false);
    if (missing.length > 0) {
        return failed(id, title, `not there: ${missing.join(", ")}`, "bin/pulumi up");
    }
    if (off.length === 0) {
        return passed(id, title, "active");
    }
    return running
        ? failed(id, title, `off while guests run: ${off.join(", ")}`, START(enclave))
        : passed(id, title, `off: ${off.join(", ")}`);
}

/**
 * The filter is defined, and bound to each running Workstation's NIC. That is libvirt's word: what the host's kernel
 * has, its API does not show.
 */
function filterCheck({ enclave, all }: Chosen, seen: Observed): Check {
    const [id, title, name] = ["status.filter", `${enclave.name}: filter`, enclave.isolated.name];
    if (!hasFilter(seen, name)) {
        return failed(
            id,
            title,
            seen.filters.has(name) ? `${name} has other rules than this version's` : `${name} is not defined`,
            START(enclave.name),
        );
    }
    const bare = all.filter(({ domain }) => {
        const { state, taps } = seen.guests.get(domain) ?? ABSENT;
        const runs = state === "running" || state === "paused";
        return runs && (taps.length === 0 || taps.some((tap) => seen.bindings.get(tap) !== name));
    });
    return bare.length === 0
        ? passed(id, title, "defined, and bound to each running Workstation, as libvirt has it")
        : failed(
              id,
              title,
              `libvirt has not bound it to the NIC of ${bare.map((guest) => guest.name).join(", ")}`,
              bare.map((guest) => RESTART(guest.name)).join("; "),
          );
}

/** A Gateway that runs. */
function gatewayChecks({ name }: LifeGuest, heard: Heard | undefined): Check[] {
    const { ready, detail } = heard?.readiness ?? {
        ready: undefined,
        detail: "its status file can't be read",
    };
    const readyCheck = ready
        ? passed("status.guest", name, `running, ${detail}`)
        : (ready === false ? failed : undecided)(
              "status.guest",
              name,
              `running, ${detail}`,
              `wait for it: ${START(name)}; see it: bin/sallyport console ${name}`,
          );
    if (heard?.file === undefined || ready !== true) {
        return [readyCheck];
    }
    const [id, title, off] = ["status.clock", `${name}: clock`, clockOff(heard.file)];
    if (off === undefined) {
        return [
            readyCheck,
            undecided(id, title, "its image does not tell the time", "make image, then bin/pulumi up"),
        ];
    }
    return [
        readyCheck,
        off === 0
            ? passed(id, title, "the host's")
            : failed(
                  id,
                  title,
                  `${describeClock(off)}: it was paused, or its clock runs at another speed`,
                  RESTART(name),
              ),
    ];
}

function guestCheck(guest: LifeGuest, { state, saved }: ObservedGuest, needs: string | undefined): Check {
    const [id, title] = ["status.guest", guest.name];
    const words = saved && state === "off" ? "off, with its memory saved on the disk" : WORDS[state];
    if (needs !== undefined) {
        return failed(id, title, `${words}, ${needs}`, START(guest.name));
    }
    if (state === "running" || (state === "off" && !saved)) {
        return passed(id, title, words);
    }
    return failed(
        id,
        title,
        words,
        { absent: "bin/pulumi up", off: `virsh managedsave-remove ${guest.domain}` }[state as string] ??
            RESTART(guest.name),
    );
}

/**
 * Checks of what was chosen. Guests that are off are as they should be, unless one that runs needs them.
 * @param heard what running Gateways say, by their domains
 * @param hosts what hosts say of their kernels
 */
export function judge(
    plan: StackPlan,
    chosen: readonly Chosen[],
    seen: Observed,
    heard: ReadonlyMap<string, Heard>,
    hosts: Hosts,
): { readonly checks: readonly Check[]; readonly guests: readonly GuestStatus[] } {
    const of = ({ domain }: LifeGuest): ObservedGuest => seen.guests.get(domain) ?? ABSENT;
    const lives = (guest: LifeGuest): boolean => !["absent", "off", "crashed"].includes(of(guest).state);
    const checks = chosen.flatMap((one): Check[] => {
        const { enclave, gateway, all } = one;
        const running = [gateway, ...all].some(lives);
        const behind = all.filter(lives).map(({ name }) => name);
        const gatewayRuns = of(gateway).state === "running";
        const pools = [plan.imagePool, enclave.pool, enclave.statusPool, enclave.dataPool].map(
            ({ name }) => name,
        );
        const networks = [enclave.external.name, enclave.isolated.name];
        const [isActive, label] = [active, (part: string) => `${enclave.name}: ${part}`];
        return [
            isActive(["status.pools", label("pools")], pools, seen.pools, running, enclave.name),
            isActive(["status.networks", label("networks")], networks, seen.networks, running, enclave.name),
            filterCheck(one, seen),
            ...kernelChecks(
                one,
                seen,
                hosts.files.get(enclave.name) ?? { absent: true },
                hosts.version,
                heard.get(gateway.domain)?.file?.written ?? hosts.now,
            ),
            ...(gatewayRuns
                ? gatewayChecks(gateway, heard.get(gateway.domain))
                : [
                      guestCheck(
                          gateway,
                          of(gateway),
                          behind.length > 0 && of(gateway).state === "off"
                              ? `while ${behind.join(", ")} run${behind.length === 1 ? "s" : ""} behind it`
                              : undefined,
                      ),
                  ]),
            ...one.workstations.map((guest) => guestCheck(guest, of(guest), undefined)),
        ];
    });
    const guests = chosen.flatMap((one) => [
        {
            ...one.gateway,
            state: of(one.gateway).state,
            ready: heard.get(one.gateway.domain)?.readiness.ready === true,
        },
        ...one.workstations.map((guest) => ({ ...guest, state: of(guest).state })),
    ]);
    return { checks, guests };
}
