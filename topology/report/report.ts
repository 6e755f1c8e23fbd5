/** One report of a plan; every format below is written from this record alone. */
import { createHash } from "node:crypto";
import { findingId, runRules, type Rule, type RuleFinding } from "../../policy/rule";
import { checkCertificate } from "../check-certificate";
import type { Model } from "../model";
import { proofOf, type Certificate, type QueryResult, type Trust, type Verdict } from "../reachability";

/** Format of the JSON; a new number when a reader of the old one would be misled. */
export const REPORT_VERSION = 1;

export interface ReportedFinding {
    /** `NT-07[alpha-workstation-1 nic 0]`: how it is acknowledged. */
    readonly id: string;
    readonly rule: string;
    readonly title: string;
    readonly why: string;
    readonly severity: Rule["severity"];
    readonly verdict: "violation" | "undecided";
    readonly subject: string;
    readonly message: string;
    readonly resource: string;
    readonly input: string;
    readonly fix: string;
    readonly hops: readonly string[];
}

export interface PathSummary {
    readonly id: string;
    readonly title: string;
    readonly verdict: Verdict;
    /** `source -> target`, sorted. */
    readonly paths: readonly string[];
    readonly more: number;
}

export interface PlanReport {
    readonly version: typeof REPORT_VERSION;
    readonly ok: boolean;
    readonly source: string;
    readonly verdict: Verdict;
    readonly counts: { readonly networks: number; readonly domains: number; readonly rules: number };
    readonly rules: readonly Pick<Rule, "id" | "title" | "why" | "severity" | "fix">[];
    readonly findings: readonly ReportedFinding[];
    readonly queries: readonly PathSummary[];
    readonly trust: readonly Trust[];
    readonly certificate: { readonly sha256: string; readonly nodes: number; readonly edges: number; readonly cut: readonly string[]; readonly objections: readonly string[] };
}

function reported(f: RuleFinding): ReportedFinding {
    const { rule, subject, verdict, message, at, fix, hops } = f;
    return {
        id: findingId(f), rule: rule.id, title: rule.title, why: rule.why, severity: rule.severity, verdict, subject, message,
        resource: at.resource, input: at.path, fix: fix ?? rule.fix, hops: hops ?? [],
    };
}

const summary = (q: QueryResult): PathSummary =>
    ({ id: q.id, title: q.title, verdict: q.verdict, paths: [...new Set(q.breaches.map((b) => `${b.source} -> ${b.target}`))].sort(), more: q.more });

const ORDER: readonly Rule["severity"][] = ["critical", "high", "medium", "low"];

export interface MadeReport {
    readonly report: PlanReport;
    readonly certificate: Certificate;
}

/**
 * Run the rules and the proof over a model.
 * @param source what was read, for the reader: "export.json"
 */
export function makeReport(model: Model, rules: readonly Rule[], source: string): MadeReport {
    const proof = proofOf(model);
    const objections = checkCertificate(proof.certificate);
    const problems = model.problems.map((p): ReportedFinding => ({
        id: `INPUT[${p.at.resource}]`, rule: "INPUT", title: "The input can be read in full", why: "what was not read was not checked", severity: "critical",
        verdict: "undecided", subject: p.at.resource, message: p.what, resource: p.at.resource, input: p.at.path, fix: p.fix, hops: [],
    }));
    const findings = [...problems, ...runRules(rules, model).map(reported)]
        .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const report: PlanReport = {
        version: REPORT_VERSION,
        ok: rules.length > 0 && findings.length === 0 && proof.verdict === "proved" && objections.length === 0,
        source,
        verdict: proof.verdict,
        counts: { networks: model.networks.length, domains: model.domains.length, rules: rules.length },
        rules: rules.map(({ id, title, why, severity, fix }) => ({ id, title, why, severity, fix })),
        findings,
        queries: proof.queries.map(summary),
        trust: proof.trust,
        certificate: {
            sha256: createHash("sha256").update(JSON.stringify(proof.certificate)).digest("hex"),
            nodes: proof.certificate.nodes.length, edges: proof.certificate.edges.length, cut: proof.certificate.cut, objections,
        },
    };
    return { report, certificate: proof.certificate };
}
