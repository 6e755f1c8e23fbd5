/**
 * Unsafe changes, drawn at random from a grammar of kinds (generator/kinds), and the proof that `plan` and
 * the pack refuse each one; and changes that say nothing, in which nothing may be found.
 *
 * SALLYPORT_GENERATOR_RUNS: how many (default 3,000). SALLYPORT_GENERATOR_SEED: of the choices (default 11).
 * SALLYPORT_GENERATOR_AT: play this one of a run again, by its number.
 */
import { rules } from "../../policy/registry";
import { allBases } from "./generator/bases";
import { legitimate } from "./generator/legitimate";
import { idOf, type Base } from "./generator/production";
import { productions } from "./generator/productions";
import { counted, run, smallest, type Attempt, type RunOptions } from "./generator/run";

jest.setTimeout(6 * 3_600_000);

const number = (name: string, otherwise: number): number =>
    Number(process.env[`SALLYPORT_GENERATOR_${name}`] ?? otherwise);
const [RUNS, SEED] = [number("RUNS", 3000), number("SEED", 11)];
const AT = process.env["SALLYPORT_GENERATOR_AT"];
const options: RunOptions = { runs: RUNS, seed: SEED, rules };

let bases: readonly Base[] = [];
beforeAll(async () => {
    bases = await allBases();
});

const described = ({ production, form, base, index, found }: Attempt): string =>
    `${idOf(production)}; in ${form} of "${base.title}" (provider ${base.shape}, ` +
    `${base.phase})${found.length === 0 ? "" : ` found ${found.join(", ")}`}. ` +
    `Unsafe: ${production.why}. Again: SALLYPORT_GENERATOR_SEED=${SEED} SALLYPORT_GENERATOR_AT=${index}`;

/** How many of each kind, in each form, of each provider. */
function table(attempts: readonly Attempt[]): string {
    const rows = counted(attempts).map(
        ([kind, form, shape, count]) => `${kind.padEnd(10)} ${form.padEnd(10)} ${shape}  ${count}`,
    );
    return [
        `${attempts.length} unsafe changes of ${productions.length} productions, seed ${SEED}:`,
        ...rows,
    ].join("\n");
}

it("every production has a name of its own", () => {
    const names = productions
        .map(idOf)
        .map((id, i) => `${id} ${(productions[i]?.shapes ?? []).join()} ${productions[i]?.on ?? ""}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

it("each unsafe change is refused", () => {
    const { attempts, survivors, crashes } = run(
        bases,
        AT === undefined ? options : { ...options, only: Number(AT) },
    );
    process.stdout.write(`${table(attempts)}\n`);
    const least = [...new Map(survivors.map((a) => [a.production, a])).values()].map((a) =>
        smallest(bases, options, a),
    );
    expect(least.map(described)).toEqual([]);
    expect(crashes.map(described)).toEqual([]);
    expect(
        productions.filter((p) => AT === undefined && !attempts.some((a) => a.production === p)).map(idOf),
    ).toEqual([]);
});

it("nothing is found in a change that says nothing", () => {
    const { attempts } = run(bases, {
        ...options,
        runs: 8 * legitimate.length,
        productions: legitimate,
        every: true,
    });
    expect(attempts.filter((a) => a.found.length > 0).map(described)).toEqual([]);
});

it("without rules it fails", () => {
    const { attempts, survivors } = run(bases, { ...options, runs: productions.length, rules: [] });
    // What cannot be read at all is refused before any rule.
    expect(survivors.length).toBeGreaterThan(0.9 * attempts.length);
});

it("without one rule it fails", () => {
    const few = { ...options, runs: productions.length };
    const { attempts } = run(bases, { ...few, every: true });
    const alone = new Map(attempts.filter((a) => a.found.length === 1).map((a) => [a.found[0] ?? "", a]));
    const switchable = rules.filter((rule) => alone.has(rule.id));
    expect(switchable.length).toBeGreaterThan(40);
    for (const rule of switchable.slice(0, 5)) {
        const { index } = alone.get(rule.id) as Attempt;
        expect(
            run(bases, { ...few, rules: rules.filter((other) => other !== rule), only: index }).survivors,
        ).toHaveLength(1);
    }
});
