/**
 * Another offending value gives another message, in the words of either provider, so that no acknowledgement
 * holds for both: the rule's own, or else that of a rule that looks at the same thing.
 */
import { rules } from "../../policy/registry";
import { NOT_RUN, findingId, runRules, type Rule } from "../../policy/rule";
import type { Model } from "../../model";
import { modelOf, type FixtureResource } from "./fixtures/resources";
import { made, type Attempt } from "./mutants/attempts";

jest.setTimeout(600_000);

const byId = new Map(rules.map((rule) => [rule.id, rule]));
/** Longer texts are stylesheets and parts of seeds, which acknowledged.test.ts changes. */
const LONG = 300;

const record = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;

/** Every text in `changed` that is not in `good` at its place, altered: a copy for each, and where. */
function altered(good: unknown, changed: unknown, at = ""): (readonly [at: string, copy: unknown])[] {
    if (typeof changed === "string") {
        return changed === good || changed === "" || changed.length > LONG ? [] : [[at, `${changed}7`]];
    }
    if (!record(changed)) {
        return [];
    }
    return Object.entries(changed).flatMap(([key, value]) =>
        altered(record(good) ? good[key] : undefined, value, `${at}.${key}`).map(
            ([where, other]) =>
                [
                    where,
                    Array.isArray(changed)
                        ? (changed as unknown[]).map((before, i) => (String(i) === key ? other : before))
                        : { ...changed, [key]: other },
                ] as const,
        ),
    );
}

interface Other {
    /** Which of its texts. */
    readonly at: string;
    /** The resource that has another text. */
    readonly urn: string;
    readonly stack: FixtureResource[];
}

/** The stack after the mutant, once more for each text that the mutant has put there. */
function others({ stack, changed }: Attempt): Other[] {
    const good = new Map(stack.map((resource) => [resource.urn, resource.props]));
    const now = changed();
    return now.flatMap((resource, i) =>
        altered(good.get(resource.urn), resource.props).map(([at, props]) => ({
            at,
            urn: resource.urn,
            stack: now.map((before, j) =>
                i === j ? { ...before, props: props as Record<string, unknown> } : before,
            ),
        })),
    );
}

/** What a rule says, by the findings' names: what acknowledgements of them would quote. */
const said = (rule: Rule, model: Model): readonly (readonly [id: string, message: string, of: string])[] =>
    runRules([rule], model)
        .filter((f) => f.subject !== NOT_RUN)
        .map((f) => [findingId(f), f.message, f.at.resource]);

/** The proof's own are slow, and seldom the only ones that differ. */
const quickFirst = [...rules].sort(
    (a, b) => Number(a.id.startsWith("PATH-")) - Number(b.id.startsWith("PATH-")),
);
const quotes = (model: Model): ((rule: Rule) => ReadonlyMap<string, string>) => {
    const made = new Map<Rule, ReadonlyMap<string, string>>();
    return (rule) => {
        const quoted = made.get(rule) ?? new Map(said(rule, model).map(([id, message]) => [id, message]));
        made.set(rule, quoted);
        return quoted;
    };
};

/** Mutants that change a text beside the one that is judged, with the reason. */
const BESIDE: ReadonlyMap<string, string> = new Map(
    Object.entries({
        "NT-12 TFTP": "the host's own address may be any that clashes with nothing (NT-14)",
        "DD-13 libvirt's own USB controller": "that there is no other controller of USB is what is judged",
    }),
);
const isBeside = ({ rule, title }: Attempt["mutant"]): boolean =>
    [...BESIDE.keys()].some(
        (key) => key.startsWith(`${rule} `) && title.includes(key.slice(rule.length + 1)),
    );

const shapeOf = (stack: Attempt["stack"]): string =>
    stack.some(({ props }) => props["devices"] !== undefined) ? "0.9" : "0.8";

test.each([
    ["networks and domains", 200],
    ["values", 200],
    ["whole stacks", 30],
    ["provider 0.9", 1000],
] as const)("%s", async (part, atLeast) => {
    const seen = new Set<string>();
    const same: string[] = [];
    let compared = 0;
    for (const attempt of await made(part)) {
        const { mutant } = attempt;
        // Both providers' stacks have mutants of one title.
        const name = `${shapeOf(attempt.stack)} ${mutant.rule}: ${mutant.title}`;
        const rule = byId.get(mutant.rule);
        if (
            rule === undefined ||
            mutant.preview !== undefined ||
            mutant.exported === true ||
            isBeside(mutant) ||
            seen.has(name)
        ) {
            continue;
        }
        seen.add(name);
        const quoted = quotes(modelOf(attempt.changed()));
        const before = quoted(rule);
        for (const { at, urn, stack } of others(attempt)) {
            const other = modelOf(stack);
            const after = said(rule, other).filter(([, , of]) => of === urn);
            compared += after.filter(([id]) => before.has(id)).length;
            if (
                after.length > 0 &&
                after.every(([id, message]) => before.get(id) === message) &&
                // Whatever rule says it blocks until a person has looked at it.
                quickFirst.every((r) =>
                    said(r, other).every(([id, message]) => quoted(r).get(id) === message),
                )
            ) {
                same.push(`${name} (${at}): ${after.map(([id, message]) => `${id} ${message}`).join("; ")}`);
            }
        }
    }
    expect(same).toEqual([]);
    expect(compared).toBeGreaterThan(atLeast);
});
