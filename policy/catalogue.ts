/** docs/policies.md, from the rules themselves. */
import { elsewhere } from "./external-controls";
import { rules as registered } from "./registry";

/** Groups of the catalogue and how many invariants each has. */
export const GROUPS: Readonly<Record<string, readonly [string, number]>> = {
    NT: ["Networks", 27],
    DD: ["Devices", 25],
    ID: ["Identity", 16],
    TR: ["tor", 25],
    FW: ["Firewall", 22],
    CI: ["cloud-init and secrets", 18],
    HS: ["Host", 18],
    LC: ["Lifecycle", 16],
    SH: ["Sharing between enclaves", 10],
};

/** Ids of the catalogue: 177. */
export const catalogueIds = (): string[] =>
    Object.entries(GROUPS).flatMap(([group, [, count]]) =>
        Array.from({ length: count }, (_, i) => `${group}-${String(i + 1).padStart(2, "0")}`),
    );

const cell = (text: string): string =>
    text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

/** @param negativeTests changes of good stacks that each rule has been seen to reject, by rule id */
export function renderCatalogue(negativeTests: ReadonlyMap<string, readonly string[]>): string {
    const byId = new Map(registered.map((rule) => [rule.id, rule]));
    const others = new Map(elsewhere.map((e) => [e.id, e]));
    const row = (id: string): string => {
        const rule = byId.get(id);
        const other = others.get(id);
        if (rule !== undefined) {
            const tests = negativeTests.get(id) ?? [];
            return `| ${id} | ${cell(rule.title)} | ${rule.severity}${rule.scope === "resource" || rule.scope === "seed" ? ", before creation" : rule.local === undefined && rule.localSeed === undefined ? "" : ", in part before creation"} | ${cell([rule.why, ...(rule.limits === undefined ? [] : [`Not covered: ${rule.limits}`])].join(" "))} | ${cell(rule.fix)} | ${tests.length === 0 ? "none" : `${tests.length} mutants, such as: ${cell(tests[0] ?? "")}`} |`;
        }
        return other === undefined
            ? `| ${id} | | **missing** | | | |`
            : `| ${id} | ${cell(other.title)} | ${other.by === undefined ? (other.open ?? "**missing**") : "elsewhere"} | ${cell(other.why)} | ${cell(other.by ?? "")} | ${cell(other.negativeTest ?? "")} |`;
    };
    const head =
        "| id | what holds | severity | why | what to change, or who enforces it | negative test |\n|---|---|---|---|---|---|";
    const own = registered.filter((rule) => !catalogueIds().includes(rule.id));
    return [
        "# Policies",
        "",
        "<!-- Generated from policy/rules; do not edit. -->",
        "",
        "What the policy pack demands of a stack, and where each of the 177 invariants of the catalogue is enforced. Every rule is",
        "mandatory unless the configuration says otherwise. What a rule cannot decide is a violation, never a pass. Of an invariant",
        "without a rule the row says who enforces it (elsewhere), that it cannot be broken here (not applicable), or that it can and",
        'nobody enforces it (not done). Rules marked "before creation" also judge each resource by itself before it is created, which',
        "`up --skip-preview` does not skip; they then speak of a seed's guest by the seed's name without `-seed`.",
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
        "An acknowledgement is for one finding and what it says, as both are printed: a NIC that moves to another network is another",
        "finding. (Where it says one thing before an update and another after, give both.) One that has run out or matches nothing is a violation, and so is a",
        'rule that does not exist. Pulumi\'s own switches (`"all": "disabled"`, `"sallyport": "advisory"`) reach past this: do not use them.',
        "`bin/sallyport plan --policy-config config.json` reads the same file; what is acknowledged stays in the report, with its reason.",
        "`pulumi policy analyze` passes no resource options, so LC-03 fails there; `bin/sallyport plan` judges exports.",
        ...Object.entries(GROUPS).flatMap(([group, [title]]) => [
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
