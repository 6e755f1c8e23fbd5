/**
 * A guest's identity hangs on its names and on what is written down, not on places in lists: random edits of
 * random stacks, and what was not edited before and after.
 */
import fc from "fast-check";
import { edited, type StoredEnclave } from "../../cli/workstation/edit";
import { gatewaySeed, workstationSeed } from "../../cloud-init/seed";
import { loadPlan } from "../../plan/load";
import type { StackPlan } from "../../plan/plan";
import { placed } from "../support/placed";
import { goodStack } from "./fixtures/good";

jest.setTimeout(600_000);

interface Workstation {
    readonly name: string;
    readonly address?: string;
    readonly control?: boolean;
}
interface Enclave {
    readonly name: string;
    readonly workstations?: readonly Workstation[];
    readonly transparentProxy?: boolean;
}

const NAMES = ["a", "b", "c", "irc", "web", "mail"] as const;
const workstations = fc
    .uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), control: fc.boolean() }), {
        maxLength: 4,
        selector: (w) => w.name,
    })
    // Written down at different times, so not in the list's order.
    .chain((list) => fc.tuple(fc.constant(placed(...list)), fc.nat({ max: 20 })))
    .map(([list, turn]) =>
        list.map((w, i) => ({ ...w, address: list[(i + turn) % list.length]?.address ?? "" })),
    );
const enclave: fc.Arbitrary<Enclave> = fc.record(
    { name: fc.constantFrom("red", "blue", "press"), workstations, transparentProxy: fc.boolean() },
    { requiredKeys: ["name"] },
);
const stack = fc.uniqueArray(enclave, { minLength: 1, maxLength: 3, selector: (e) => e.name });

/** One edit; `pick` says what of. */
type Step = {
    readonly kind: "add" | "remove" | "addEnclave" | "removeEnclave" | "shuffle";
    readonly pick: number;
};
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.record({
        kind: fc.constantFrom(
            "add" as const,
            "remove" as const,
            "addEnclave" as const,
            "removeEnclave" as const,
            "shuffle" as const,
        ),
        pick: fc.nat({ max: 1000 }),
    }),
    { minLength: 1, maxLength: 5 },
);

const turned = <T>(list: readonly T[], by: number): T[] => {
    const at = list.length === 0 ? 0 : by % list.length;
    return [...list.slice(at), ...list.slice(0, at)].reverse();
};

/** As the verb does it; what it refuses changes nothing. */
function verb(enclaves: readonly Enclave[], kind: "add" | "remove", pick: number): readonly Enclave[] {
    const place = enclaves[pick % enclaves.length]?.name;
    const name = [...NAMES, "ws1"][pick % (NAMES.length + 1)] ?? "a";
    try {
        return edited(enclaves as readonly StoredEnclave[], { verb: kind, enclave: place, name })
            .enclaves as readonly Enclave[];
    } catch {
        return enclaves;
    }
}

function after(enclaves: readonly Enclave[], { kind, pick }: Step): readonly Enclave[] {
    switch (kind) {
        case "add":
        case "remove":
            return verb(enclaves, kind, pick);
        case "addEnclave":
            return turned([...enclaves, { name: `new${pick}` }], pick);
        case "removeEnclave":
            return enclaves.length > 1 ? enclaves.filter((_, i) => i !== pick % enclaves.length) : enclaves;
        case "shuffle":
            return turned(
                enclaves.map((e) =>
                    e.workstations === undefined ? e : { ...e, workstations: turned(e.workstations, pick) },
                ),
                pick,
            );
    }
}

/** Everything that a guest is, by its domain; a Gateway also by who may use its control port. */
function guests(plan: StackPlan): Map<string, unknown> {
    return new Map(
        plan.enclaves.flatMap((e): [string, unknown][] => {
            const { workstations: members, ...enclaveItself } = e;
            const control = members
                .filter((w) => w.control === true)
                .map((w) => w.nic.address)
                .sort();
            return [
                [`${e.gateway.domain} ${control.join()}`, { ...enclaveItself, seed: gatewaySeed(e) }],
                ...members.map((w): [string, unknown] => [
                    w.domain,
                    { plan: w, seed: workstationSeed(e, w), enclaveItself },
                ]),
            ];
        }),
    );
}

const planOf = (enclaves: readonly Enclave[]): StackPlan =>
    loadPlan("sallyport", "identity", { enclaves }).plan;

const domainsOf = (plan: StackPlan): string[] =>
    plan.enclaves.flatMap((e) => [e.gateway.domain, ...e.workstations.map((w) => w.domain)]);

/** Derived subnets of enclaves may meet; that is refused, and no edit. */
const isRefused = (enclaves: readonly Enclave[]): boolean => {
    try {
        planOf(enclaves);
        return false;
    } catch (error) {
        return /external\.subnet/.test(String(error));
    }
};

/** A Workstation that goes and comes again under its name is another one. */
const same = <T>(before: ReadonlyMap<string, T>, now: ReadonlyMap<string, T>, gone: ReadonlySet<string>) =>
    [...before]
        .filter(([name]) => now.has(name) && !gone.has(name.split(" ")[0] ?? ""))
        .map(([name]) => name);

test("random edits leave plans and rendered files of everyone else as they were", () => {
    let compared = 0;
    fc.assert(
        fc.property(stack, steps, (start, edits) => {
            let enclaves: readonly Enclave[] = start;
            const gone = new Set<string>();
            fc.pre(!isRefused(start));
            const before = guests(planOf(start));
            for (const step of edits) {
                enclaves = after(enclaves, step);
                fc.pre(!isRefused(enclaves));
                const there = new Set(domainsOf(planOf(enclaves)));
                [...before.keys()]
                    .map((name) => name.split(" ")[0] ?? "")
                    .filter((name) => !there.has(name))
                    .forEach((name) => gone.add(name));
            }
            const now = guests(planOf(enclaves));
            for (const name of same(before, now, gone)) {
                compared += 1;
                expect(now.get(name)).toEqual(before.get(name));
            }
            // Whoever stays is there: only a Gateway's list of control may have changed.
            const kept = new Set([...now.keys()].map((name) => name.split(" ")[0]));
            expect(
                [...before.keys()].every((n) => kept.has(n.split(" ")[0]) || gone.has(n.split(" ")[0] ?? "")),
            ).toBe(true);
        }),
        { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(200);
});

test("random edits leave declared resources of everyone else as they were", async () => {
    await fc.assert(
        fc.asyncProperty(stack, steps, async (start, edits) => {
            const end = edits.reduce<readonly Enclave[]>((list, step) => after(list, step), start);
            fc.pre(!isRefused(start) && !isRefused(end));
            const [before, now] = [guests(planOf(start)), guests(planOf(end))];
            const unchanged = [...before]
                .filter(([name, value]) => JSON.stringify(value) === JSON.stringify(now.get(name)))
                .map(([name]) => name.split(" ")[0] ?? "");
            const [old, fresh] = [
                await goodStack({ enclaves: start }, "preview", "identity"),
                await goodStack({ enclaves: end }, "preview", "identity"),
            ];
            for (const name of unchanged) {
                const of = (all: typeof old): unknown =>
                    all.filter((r) => r.name === name || r.name.startsWith(`${name}-`));
                expect(of(fresh)).toEqual(of(old));
                expect((of(old) as unknown[]).length).toBeGreaterThan(3);
            }
        }),
        { numRuns: 5, endOnFailure: true },
    );
});

test("the list of who may use the control port is all that a Gateway has of its Workstations", () => {
    const list = placed({ name: "a", control: true }, { name: "b" }, { name: "c", control: true });
    const seed = (...workstations: readonly Workstation[]): string =>
        JSON.stringify(gatewaySeed(planOf([{ name: "red", workstations }]).enclaves[0] as never));
    const [a, b, c] = list as [Workstation, Workstation, Workstation];
    expect(seed(c, b, a)).toBe(seed(a, b, c));
    expect(seed(a, c)).toBe(seed(a, b, c));
    expect(seed(a, b)).not.toBe(seed(a, b, c));
    expect(seed({ ...a, control: false }, b)).toBe(seed());
});
