/** What a lab host's libvirt has of a stack now, as plain records: one call, since over ssh each is a login. */
import { randomUUID } from "node:crypto";
import type { StackPlan } from "../../plan/plan";
import { virshFix } from "../../libvirt/errors";
import type { Virsh } from "../../libvirt/client";
import { CliError } from "../../util/error";

/** `suspended`: asleep by ACPI. `unknown`: a state that libvirt does not name, or did not tell. */
export type GuestState =
    "absent" | "off" | "running" | "paused" | "stopping" | "crashed" | "suspended" | "unknown";

/** virDomainState of libvirt-domain.h, as `domstats` tells it. 2 is a guest that waits for its disk. */
const STATES: Readonly<Record<string, GuestState>> = {
    1: "running",
    2: "running",
    3: "paused",
    4: "stopping",
    5: "off",
    6: "crashed",
    7: "suspended",
};

export interface ObservedGuest {
    readonly state: GuestState;
    readonly uuid: string;
    /** Whether its memory was saved on the disk: a start would go on from there, with the clock of then. */
    readonly saved: boolean;
    /** Taps of its NICs while it runs. */
    readonly taps: readonly string[];
}

export interface Observed {
    /** Pools that are there, and whether they are active. */
    readonly pools: ReadonlyMap<string, boolean>;
    /** Networks that are there, and whether they are active. */
    readonly networks: ReadonlyMap<string, boolean>;
    /** Documents of the stack's filters that are there, by name. */
    readonly filters: ReadonlyMap<string, string>;
    /** Filter of each tap that libvirt has bound one to. */
    readonly bindings: ReadonlyMap<string, string>;
    /** Domains that are there, of whatever stack. */
    readonly guests: ReadonlyMap<string, ObservedGuest>;
}

export const ABSENT: ObservedGuest = { state: "absent", uuid: "", saved: false, taps: [] };

/** The questions, in the order that `observed` reads the answers in. */
const QUESTIONS = [
    "pool-list --all --name",
    "pool-list --name",
    "net-list --all --name",
    "net-list --name",
    "nwfilter-binding-list",
    "list --all --uuid --name",
    "list --all --with-managed-save --name",
    "domstats --state --nowait",
] as const;

const filtersOf = (plan: StackPlan): string[] => plan.enclaves.map(({ isolated }) => isolated.name);
const domainsOf = (plan: StackPlan): string[] =>
    plan.enclaves.flatMap(({ gateway, workstations }) => [
        gateway.domain,
        ...workstations.map((w) => w.domain),
    ]);

/** One line for virsh. What is not there has no answer, and virsh goes on. @param mark separates answers */
const line = (plan: StackPlan, mark: string): string =>
    [
        ...QUESTIONS,
        ...filtersOf(plan).map((name) => `nwfilter-dumpxml ${name}`),
        ...domainsOf(plan).map((name) => `domiflist ${name}`),
    ]
        .map((question) => `${question}; echo ${mark}`)
        .join("; ");

const words = (text: string): string[] =>
    text
        .split("\n")
        .map((one) => one.trim())
        .filter((one) => one !== "");

const activity = (all: string, active: string): ReadonlyMap<string, boolean> => {
    const on = new Set(words(active));
    return new Map(words(all).map((name) => [name, on.has(name)]));
};

const pairs = (text: string, pattern: RegExp): (readonly [string, string])[] =>
    [...text.matchAll(pattern)].map(([, a = "", b = ""]) => [a, b]);

/** State of each domain in the output of `domstats --state`. */
function statesIn(text: string): ReadonlyMap<string, GuestState> {
    return new Map(
        text.split(/^Domain: /m).flatMap((part): [string, GuestState][] => {
            const name = /^'(.*)'$/m.exec(part)?.[1];
            const number = /^\s*state\.state=(\d+)\s*$/m.exec(part)?.[1] ?? "";
            return name === undefined ? [] : [[name, STATES[number] ?? "unknown"]];
        }),
    );
}

/** Read the answers. Pure. @param answers as many as there were questions */
export function observed(plan: StackPlan, answers: readonly string[]): Observed {
    const [pools = "", on = "", networks = "", active = "", bindings = "", ids = "", saved = "", stats = ""] =
        answers;
    const rest = answers.slice(QUESTIONS.length);
    const filters = filtersOf(plan);
    const domains = domainsOf(plan);
    const states = statesIn(stats);
    const kept = new Set(words(saved));
    const taps = new Map(
        domains.map((name, i) => [
            name,
            pairs(rest[filters.length + i] ?? "", /^\s*(\S+)\s+(network|bridge)\s/gm)
                .map(([tap]) => tap)
                .filter((tap) => tap !== "-"),
        ]),
    );
    return {
        pools: activity(pools, on),
        networks: activity(networks, active),
        filters: new Map(
            filters.flatMap((name, i): [string, string][] =>
                (rest[i] ?? "").trim() === "" ? [] : [[name, rest[i] ?? ""]],
            ),
        ),
        bindings: new Map(pairs(bindings, /^\s*(\S+)[ \t]+(\S+)[ \t]*$/gm)),
        guests: new Map(
            pairs(ids, /^\s*([0-9a-f-]{36})[ \t]+(.*\S)[ \t]*$/gm).map(([uuid, name]) => [
                name,
                {
                    uuid,
                    state: states.get(name) ?? "unknown",
                    saved: kept.has(name),
                    taps: taps.get(name) ?? [],
                },
            ]),
        ),
    };
}

/**
 * Ask libvirt.
 * @param mark for tests; a text that no answer holds
 * @throws CliError when it does not answer, or not every question
 */
export async function observe(virsh: Virsh, plan: StackPlan, mark: string = randomUUID()): Promise<Observed> {
    const { outcome, stdout, message } = await virsh([line(plan, mark)]);
    const answers = stdout.split(mark);
    const asked = QUESTIONS.length + filtersOf(plan).length + domainsOf(plan).length;
    if (outcome !== "ok" || answers.length !== asked + 1) {
        throw new CliError(
            `libvirt at ${plan.uri} does not say what it has: ${message || "its answer is cut short"}`,
            virshFix(outcome, plan.uri),
        );
    }
    return observed(plan, answers.slice(0, asked));
}
