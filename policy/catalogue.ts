/** docs/policies.md, from the rules themselves. */
import { externalControls } from "./external-controls";
import { GROUPS, rules as registered } from "./registry";
import type { Rule } from "./rule";

/** Ids of the catalogue: 177. */
export const catalogueIds = (): string[] =>
    [...GROUPS].flatMap(([group, [, count]]) =>
        Array.from({ length: count }, (_, i) => `${group}-${String(i + 1).padStart(2, "0")}`),
    );

const cell = (text: string): string =>
    text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

const link = (id: string): string => `[${id}](#${id.toLowerCase()})`;

/** Which part of a rule is judged before its resource is created. */
function early({ scope, local, localSeed }: Rule): string {
    if (scope === "resource" || scope === "seed") {
        return ", before creation";
    }
    return local === undefined && localSeed === undefined ? "" : ", in part before creation";
}

/**
 * @param negativeTests changes of good stacks that each rule has been seen to reject, by rule id
 * @param files the file of each rule, by rule id; a rule of no file is a query of the reachability proof
 */
export function renderCatalogue(
    negativeTests: ReadonlyMap<string, readonly string[]>,
    files: ReadonlyMap<string, string>,
): string {
    const byId = new Map(registered.map((rule) => [rule.id, rule]));
    const others = new Map(externalControls.map((e) => [e.id, e]));
    const row = (id: string): string => {
        const rule = byId.get(id);
        const anchor = `<a id="${id.toLowerCase()}"></a>`;
        const line = (...cells: readonly string[]): string => `| ${anchor}${cells.join(" | ")} |`;
        if (rule === undefined) {
            const other = others.get(id);
            return other === undefined
                ? line(id, "", "**missing**", "", "", "")
                : line(
                      id,
                      cell(other.title),
                      other.by === undefined ? (other.open ?? "**missing**") : "elsewhere",
                      cell(other.why),
                      cell(other.by ?? ""),
                      cell(other.negativeTest ?? ""),
                  );
        }
        const [first, ...more] = negativeTests.get(id) ?? [];
        const limits = rule.limits === undefined ? "" : ` Not covered: ${rule.limits}`;
        return line(
            `[${id}](../${files.get(id) ?? "reachability/queries.ts"})`,
            cell(rule.title),
            `${rule.severity}${early(rule)}`,
            cell(`${rule.why}${limits}`),
            cell(rule.fix),
            first === undefined ? "none" : `${more.length + 1} mutants, such as: ${cell(first)}`,
        );
    };
    const head =
        "| id | what holds | severity | why | what to change, or who enforces it | negative test " +
        "|\n|---|---|---|---|---|---|";
    const own = registered.filter((rule) => !catalogueIds().includes(rule.id));
    return [
        "# Policies",
        "",
        "<!-- Generated from policy/rules; do not edit. -->",
        "",
        ...[...GROUPS].map(
            ([group, [title]]) =>
                `- ${title}: ${catalogueIds()
                    .filter((id) => id.startsWith(`${group}-`))
                    .map(link)
                    .join(" ")}`,
        ),
        `- Of this project's own: ${own.map(({ id }) => link(id)).join(" ")}`,
        "",
        "An id in a table leads to the rule's file. How a rule is added: [writing a " +
            "rule](writing-a-rule.md).",
        "",
        "What the policy pack demands of a stack, and where each of the 177 invariants of the " +
            "catalogue is enforced. Every rule is",
        "mandatory unless the configuration says otherwise. What a rule cannot decide is a " +
            "violation, never a pass. Of an invariant",
        "without a rule the row says who enforces it (elsewhere), that it cannot be broken here " +
            "(not applicable), or that it can and",
        'it is enforced nowhere (not done). Rules marked "before creation" also judge each resource ' +
            "by itself before it is created, which",
        "`up --skip-preview` does not skip; they then speak of a seed's guest by the seed's name " +
            "without `-seed`.",
        "",
        "    bin/pulumi preview --policy-pack policy --policy-pack-config config.json",
        "",
        "```json",
        JSON.stringify(
            {
                sallyport: {
                    levels: { "NT-22": "advisory" },
                    acknowledge: [
                        {
                            finding: "NT-13[lab-external]",
                            says: "the finding's message, word for word",
                            reason: "why it is accepted, and by whom",
                            expires: "2027-03-31",
                        },
                    ],
                },
            },
            null,
            2,
        ),
        "```",
        "",
        "An acknowledgement is for one finding and what it says, as both are printed: a NIC that " +
            "moves to another network is another",
        "finding. (Where it says one thing before an update and another after, give both.) One " +
            "that has run out or matches nothing is a violation, and so is a",
        'rule that does not exist. Pulumi\'s own switches (`"all": "disabled"`, `"sallyport": ' +
            '"advisory"`) reach past this: do not use them.',
        "`bin/sallyport plan --policy-config config.json` reads the same file; what is " +
            "acknowledged stays in the report, with its reason.",
        "`pulumi policy analyze` passes no resource options, so LC-03 fails there; " +
            "`bin/sallyport plan` judges exports.",
        ...[...GROUPS].flatMap(([group, [title]]) => [
            "",
            `## ${title}`,
            "",
            head,
            ...catalogueIds()
                .filter((id) => id.startsWith(`${group}-`))
                .map(row),
        ]),
        "",
        "## Of this project's own",
        "",
        head,
        ...own.map((rule) => row(rule.id)),
        "",
    ].join("\n");
}
