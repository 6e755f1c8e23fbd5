/**
 * Nothing of a ruleset's text may be lost in the records that it is read into: rendered again, they are the
 * same text. Not compared are comments, blank lines, indentation, and counters, which the records list as
 * they are declared.
 */
import { renderRuleset } from "../../../cloud-init/nft/render";
import type { SeedRuleset } from "../..";

const COUNTER = /^counter \S+ \{ \}$/;

/** Names of rules are comments, and comments anybody's. */
const named = (ruleset: SeedRuleset): SeedRuleset => ({
    ...ruleset,
    tables: ruleset.tables.map((table, t) => ({
        ...table,
        sets: table.sets.map((set) => ({ ...set, why: "" })),
        chains: table.chains.map((chain, c) => ({
            ...chain,
            rules: chain.rules.map((rule, r) => ({ ...rule, id: `r${t}-${c}-${r}`, why: "" })),
        })),
    })),
});

/**
 * The first line that is not what the records say, if there is one.
 * @param lines without comments, blank lines and indentation
 * @throws Error when the records hold a name or an address that cannot be rendered
 */
export function lostLine(
    lines: readonly string[],
    ruleset: SeedRuleset,
): { readonly index: number; readonly expected: string } | undefined {
    const expected = renderRuleset(named(ruleset))
        .split("\n")
        .map((line) => line.trim())
        .filter(
            (line) =>
                line !== "" &&
                !line.startsWith("#") &&
                !COUNTER.test(line) &&
                (ruleset.flushes || line !== "flush ruleset"),
        );
    const places = lines.flatMap((line, index) => (COUNTER.test(line) ? [] : [index]));
    const wrong = [...places, -1].findIndex((place, i) => lines[place] !== expected[i]);
    return wrong === -1
        ? undefined
        : { index: places[wrong] ?? lines.length, expected: expected[wrong] ?? "nothing more" };
}
