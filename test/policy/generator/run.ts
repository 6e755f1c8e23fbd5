/** A run: so many changes, each drawn from the seed and its own number, each judged. */
import type { Rule } from "../../../policy/rule";
import { judge, placesOf, type Found } from "./judge";
import { idOf, type Base, type Form, type Production, type Shape } from "./production";
import { productions as all } from "./productions";
import { Random } from "./random";

export interface Attempt {
    readonly index: number;
    readonly production: Production;
    readonly form: Form;
    readonly base: Base;
    readonly found: Found;
}

export interface Run {
    readonly seed: number;
    readonly attempts: readonly Attempt[];
    /** Unsafe, and nothing was said. */
    readonly survivors: readonly Attempt[];
    /** Readers that ended in an error of their own: the plan fails, and says the wrong thing. */
    readonly crashes: readonly Attempt[];
}

export interface RunOptions {
    readonly runs: number;
    readonly seed: number;
    readonly rules: readonly Rule[];
    /** Default: all. */
    readonly productions?: readonly Production[];
    /** Every rule's finding of each change, and not the first alone. */
    readonly every?: boolean;
    /** The attempt of this number alone. */
    readonly only?: number;
}

type Place = ReturnType<typeof placesOf>[number];
const size = ({ base }: Place): number => base.stack.length;

/** @throws Error for a production that no base has anything for */
function placed(
    bases: readonly Base[],
    productions: readonly Production[] = all,
): ReadonlyMap<Production, readonly Place[]> {
    return new Map(
        productions.map((production) => {
            const places = [...placesOf(production, bases)].sort((a, b) => size(a) - size(b));
            if (places.length === 0) {
                throw new Error(`${idOf(production)}: no base has what it changes`);
            }
            return [production, places];
        }),
    );
}

/**
 * Large stacks are slow to judge, and seldom show more: one of six is taken of all, the others of the smaller
 * half.
 */
const half = (r: Random, places: readonly Place[]): readonly Place[] =>
    r.chance(1 / 6) ? places : places.filter((p) => size(p) <= 35 || size(places[0] as Place) > 35);

function attempt(
    index: number,
    seed: number,
    production: Production,
    places: readonly Place[],
    rules: readonly Rule[],
    every: boolean,
    scale = 1,
): Attempt {
    const r = new Random(seed, index, scale);
    const { form, base } = r.pick(half(r, places));
    try {
        return { index, production, form, base, found: judge(production, form, base, r, rules, every) };
    } catch (error) {
        throw new Error(
            `${idOf(production)} in ${form} of ${base.title} (${base.shape}, ${base.phase}), ` +
                `number ${index}: ` +
                `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            { cause: error },
        );
    }
}

const isCrash = ({ found }: Attempt): boolean => found.some((id) => id.startsWith("CRASH"));

export function run(
    bases: readonly Base[],
    { runs, seed, rules, productions = all, every = false, only }: RunOptions,
): Run {
    const places = placed(bases, productions);
    const attempts = (only === undefined ? [...Array(runs).keys()] : [only]).map((index) => {
        // Each is drawn as often as any other, whatever the number of them.
        const production = productions[index % productions.length] as Production;
        return attempt(index, seed, production, places.get(production) ?? [], rules, every);
    });
    return {
        seed,
        attempts,
        survivors: attempts.filter(({ found }) => found.length === 0),
        crashes: attempts.filter(isCrash),
    };
}

/**
 * The same production's survivor with the fewest resources and the first choices, if a smaller one than this
 * survives.
 */
export function smallest(
    bases: readonly Base[],
    { seed, rules }: RunOptions,
    { index, production }: Attempt,
): Attempt & { readonly scale: number } {
    const places = placed(bases, [production]).get(production) ?? [];
    for (const scale of [0, 0.25, 0.5, 1]) {
        const found = attempt(index, seed, production, places, rules, false, scale);
        if (found.found.length === 0 || scale === 1) {
            return { ...found, scale };
        }
    }
    throw new Error("the loop ends with scale 1");
}

/** Attempts by kind, form and shape. */
export function counted(
    attempts: readonly Attempt[],
): readonly (readonly [kind: string, form: Form, shape: Shape, count: number])[] {
    const counts = new Map<string, number>();
    for (const { production, form, base } of attempts) {
        const key = `${production.kind} ${form} ${base.shape}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => {
            const [kind = "", form, shape] = key.split(" ");
            return [kind, form as Form, shape as Shape, count];
        });
}
