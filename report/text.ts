/** The report for people at a terminal. */
import { oneLine } from "../util/one-line";
import { describeTrust } from "../reachability";
import type { PlanReport, ReportedFinding } from "./report";

const MARK = { proved: "proved   ", refuted: "REFUTED  ", undecided: "UNDECIDED" } as const;

/** The last part of a URN, which people know the resource by. */
export const shortName = (resource: string): string => resource.split("::").at(-1) ?? resource;

/** Findings that are about one rule are told together. */
function finding(f: ReportedFinding): string[] {
    const where =
        f.resource === "" ? "" : ` (${shortName(f.resource)}${f.input === "" ? "" : `, ${f.input}`})`;
    const undecided = f.verdict === "undecided" ? "undecided: " : "";
    return [
        `${f.level === "mandatory" ? "FAIL" : "note"} ${f.id} ${f.severity}: ` +
            `${undecided}${f.message}${where}`,
        ...f.hops.map((hop) => `       ${hop}`),
        `     why: ${f.why}`,
        `     fix: ${f.fix}`,
        ...(f.acknowledged === undefined
            ? []
            : [`     acknowledged until ${f.acknowledged.expires}: ${f.acknowledged.reason}`]),
    ];
}

function outcome({ ok, findings: { length }, verdict }: PlanReport): string {
    if (!ok) {
        return `not ok: ${length} findings, reachability ${verdict}`;
    }
    return length === 0
        ? "ok: every rule holds and every query is proved"
        : `ok: nothing blocks; ${length} findings are acknowledged or relaxed by the policy configuration, ` +
              `reachability ${verdict}`;
}

/** Findings that are written out; the rest is in --json. */
const SHOWN = 60;

export function textReport(report: PlanReport): string {
    const { counts, certificate, findings } = report;
    const lines = [
        `Plan of ${report.source}: ${counts.domains} domains, ${counts.networks} networks, ` +
            `${counts.rules} rules`,
        ...findings.slice(0, SHOWN).flatMap(finding),
        ...(findings.length > SHOWN
            ? [`… and ${findings.length - SHOWN} more findings (--json shows all)`]
            : []),
        "",
        "Reachability without tor:",
        ...report.queries.map((q) => `  ${MARK[q.verdict]} ${q.id}: ${q.title}`),
        `Certificate: ${certificate.nodes} places, ${certificate.edges} edges, ${certificate.cut.length} tor taken out, sha256 ${certificate.sha256.slice(0, 16)}; ${
            certificate.objections.length === 0
                ? "the separate checker agrees"
                : `the separate checker objects: ${certificate.objections[0]}`
        }`,
        "It rests on:",
        ...report.trust.map((t) => `  ${describeTrust(t)}`),
        "",
        outcome(report),
    ];
    return lines.map(oneLine).join("\n");
}
