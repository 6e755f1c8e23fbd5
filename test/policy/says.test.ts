/**
 * Of every rule: another offending value gives another message, so that no acknowledgement holds for both.
 */
import { rules } from "../../policy/registry";
import { NOT_RUN, findingId, runRules } from "../../policy/rule";
import { modelOf, type FixtureResource } from "./fixtures/resources";
import { made, type Attempt } from "./mutants/attempts";

jest.setTimeout(600_000);

const byId = new Map(rules.map((rule) => [rule.id, rule]));
/** Longer texts are stylesheets and parts of seeds, which acknowledged.test.ts changes. */
const LONG = 300;

const record = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;

/** Every text in `changed` that is not in `good` at its place, altered: a copy for each. */
function altered(good: unknown, changed: unknown): unknown[] {
    if (typeof changed === "string") {
        return changed === good || changed === "" || changed.length > LONG ? [] : [`${changed}7`];
    }
    if (!record(changed)) {
        return [];
    }
    return Object.entries(changed).flatMap(([key, value]) =>
        altered(record(good) ? good[key] : undefined, value).map((other): unknown => {
            if (Array.isArray(changed)) {
                return (changed as unknown[]).map((before, i) => (String(i) === key ? other : before));
            }
            return { ...changed, [key]: other };
        }),
    );
}

interface Other {
    /** The resource that has another text. */
    readonly urn: string;
    readonly stack: FixtureResource[];
}

/** The stack after the mutant, once more for each text that the mutant has put there. */
function others({ stack, changed }: Attempt): Other[] {
    const good = new Map(stack.map((resource) => [resource.urn, resource.props]));
    const now = changed();
    return now.flatMap((resource, i) =>
        altered(good.get(resource.urn), resource.props).map((props) => ({
            urn: resource.urn,
            stack: now.map((before, j) =>
                i === j ? { ...before, props: props as Record<string, unknown> } : before,
            ),
        })),
    );
}

/** What the rule that the mutant is about says of one resource, by the findings' names. */
const said = ({ mutant }: Attempt, stack: readonly FixtureResource[], urn: string): Map<string, string> => {
    const rule = byId.get(mutant.rule);
    return new Map(
        rule === undefined
            ? []
            : runRules([rule], modelOf(stack))
                  .filter((f) => f.subject !== NOT_RUN && f.at.resource === urn)
                  .map((f) => [findingId(f), f.message]),
    );
};

/** Mutants that change a text beside the one that is judged, with the reason. */
const BESIDE: ReadonlyMap<string, string> = new Map(
    Object.entries({
        "ID-02 NICs swapped": "a MAC is judged by where its NIC is, inside or outside",
        "NT-07 a second NIC": "the NICs are judged, whatever their MACs",
        "LC-07 a third disk": "a volume that is based on nothing is judged, whatever else it says",
        "CI-14 a file of the operator's": "its name and its source are judged, whatever else it says",
        "DD-19 a file of the operator's":
            "a volume that is based on nothing is judged, whatever else it says",
        "LC-07 a file of the operator's":
            "a volume that is based on nothing is judged, whatever else it says",
        "NT-01 the external network's stylesheet":
            "the stylesheet's own text is long, and the mode beside it opaque",
        "NT-09 three NICs": "the NICs are judged, whatever their MACs",
    }),
);
const isBeside = ({ rule, title }: Attempt["mutant"]): boolean =>
    [...BESIDE.keys()].some(
        (key) => key.startsWith(`${rule} `) && title.includes(key.slice(rule.length + 1)),
    );

test.each(["networks and domains", "values"] as const)("%s", async (part) => {
    const seen = new Set<string>();
    const same = new Set<string>();
    let compared = 0;
    for (const attempt of await made(part)) {
        const { mutant } = attempt;
        const name = `${mutant.rule}: ${mutant.title}`;
        if (mutant.preview !== undefined || mutant.exported === true || isBeside(mutant) || seen.has(name)) {
            continue;
        }
        seen.add(name);
        for (const { urn, stack } of others(attempt)) {
            const [before, after] = [said(attempt, attempt.changed(), urn), said(attempt, stack, urn)];
            const shared = [...before].filter(([id]) => after.has(id));
            compared += shared.length;
            // A finding of another name blocks by itself.
            const more = [...after.keys()].some((id) => !before.has(id));
            if (!more && shared.length > 0 && shared.every(([id, message]) => after.get(id) === message)) {
                same.add(`${name}: ${shared.map(([id, message]) => `${id} ${message}`).join("; ")}`);
            }
        }
    }
    expect([...same]).toEqual([]);
    expect(compared).toBeGreaterThan(200);
});
