/** A comment for a pull request: verdict, findings, diagram, and what the proof rests on. */
import { oneLine } from "../util/one-line";
import type { Model } from "../model";
import type { PathDiff } from "./diff";
import { mermaid } from "./mermaid";
import type { PlanReport } from "./report";
import { shortName } from "./text";

/** Names and values come from the stack: nothing of theirs becomes markup. */
const plain = (text: string): string =>
    oneLine(text)
        .replace(/[\\`*_{}[\]<>|#@~!&$()]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d{1,9})[.)]/gi, (c) => `\\${c}`)
        // GitHub looks for people and issues in what is left when the markup is gone.
        .replace(/[@#]/g, "$&<!-- -->");

/** GitHub refuses comments above 65,536 characters. */
const SHOWN = 40;
/** Diagrams of more nodes are no help to anyone. */
const DRAWN = 120;

function findings(report: PlanReport): string[] {
    if (report.findings.length === 0) {
        return [];
    }
    const rows = report.findings
        .slice(0, SHOWN)
        .map(
            (f) =>
                `| ${plain(f.rule)} | ${f.severity} | ` +
                `${f.level === "mandatory" ? f.verdict : f.level}${f.acknowledged === undefined ? "" : `, acknowledged until ${f.acknowledged.expires}: ${plain(f.acknowledged.reason)}`} ` +
                `| ${plain(shortName(f.resource))} | ${plain(f.message)} | ${plain(f.fix)} |`,
        );
    const paths = report.findings
        .filter((f) => f.hops.length > 0)
        .slice(0, 10)
        .flatMap((f) => [
            "",
            `**${plain(f.message)}**`,
            "",
            ...f.hops.map((hop) => plain(hop).replace(/^(\d+)\\\./, "$1.")),
        ]);
    const rest = report.findings.length > SHOWN ? ["", `… and ${report.findings.length - SHOWN} more.`] : [];
    return [
        "### Findings",
        "",
        "| rule | severity | verdict | resource | what | fix |",
        "|---|---|---|---|---|---|",
        ...rows,
        ...rest,
        ...paths,
        "",
    ];
}

function changes(diff: PathDiff | undefined): string[] {
    if (diff === undefined) {
        return [];
    }
    const list = (title: string, paths: readonly string[]): string[] =>
        paths.length === 0 ? [] : [`**${title}**`, "", ...paths.map((p) => `- ${plain(p)}`), ""];
    const none =
        diff.appeared.length + diff.disappeared.length === 0 ? ["No path appears or disappears.", ""] : [];
    return [
        "### Change",
        "",
        ...none,
        ...list("Paths that appear", diff.appeared),
        ...list("Paths that disappear", diff.disappeared),
    ];
}

function verdict({ ok, findings: { length }, verdict: reached }: PlanReport): string {
    if (!ok) {
        return `**not shown to hold** (${length} findings, reachability ${reached})`;
    }
    return length === 0
        ? "isolation proved"
        : `nothing blocks (${length} findings are acknowledged or relaxed; reachability ${reached})`;
}

export function markdownReport(report: PlanReport, model: Model, diff?: PathDiff): string {
    const drawn =
        model.domains.length + model.networks.length <= DRAWN
            ? ["### Topology", "", "```mermaid", mermaid(model), "```", ""]
            : [];
    return [
        `## Sallyport: ${verdict(report)}`,
        "",
        `${report.counts.domains} domains, ${report.counts.networks} networks, ${report.counts.rules} rules.`,
        "",
        ...changes(diff),
        ...findings(report),
        "### Reachability without tor",
        "",
        "| query | verdict |",
        "|---|---|",
        ...report.queries.map((q) => `| ${plain(q.title)} | ${q.verdict} |`),
        "",
        ...drawn,
        "<details><summary>What this rests on</summary>",
        "",
        ...report.trust.map((t) => `- ${t.layer}: **${t.basis}**; ${plain(t.detail)}`),
        `- certificate sha256 \`${report.certificate.sha256}\`, ` +
            `${report.certificate.objections.length === 0 ? "accepted by the separate checker" : "**refused by the separate checker**"}`,
        "",
        "</details>",
        "",
    ].join("\n");
}
