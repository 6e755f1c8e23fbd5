/** One report of a plan; every format below is written from this record alone. */
import { createHash } from "node:crypto";
import { capped } from "../policy/cap";
import {
    judgeFindings,
    readPolicyConfig,
    todayOf,
    type Acknowledgement,
    type Judged,
    type Level,
} from "../policy/config";
import { findingId, runRules, type Rule, type RuleFinding } from "../policy/rule";
import type { Model } from "../model";
import {
    type Breach,
    type Certificate,
    type CertifiedInput,
    type QueryResult,
    type Trust,
    type Verdict,
} from "../reachability";
import { proofOf } from "../policy/reachability-rules";

/** Format of the JSON; a new number when a reader of the old one would be misled. */
export const REPORT_VERSION = 2;

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
    /** By the policy configuration; only mandatory ones make a plan fail. */
    readonly level: Level;
    /** A person has looked at it: why it is accepted, and until when. */
    readonly acknowledged?: Pick<Acknowledgement, "reason" | "expires">;
}

/** What blocks. */
export const blocking = (report: Pick<PlanReport, "findings">): readonly ReportedFinding[] =>
    report.findings.filter((f) => f.level === "mandatory");

/**
 * Rules of the report and of its findings; the latter has some of its own (what could not be read, a
 * configuration's mistakes).
 */
export function rulesOf(report: PlanReport): PlanReport["rules"] {
    const known = new Set(report.rules.map((rule) => rule.id));
    const more = new Map(
        report.findings
            .filter((f) => !known.has(f.rule))
            .map(({ rule, title, why, severity, fix }) => [rule, { id: rule, title, why, severity, fix }]),
    );
    return [...report.rules, ...more.values()];
}

interface PathSummary {
    readonly id: string;
    readonly title: string;
    readonly verdict: Verdict;
    /** `source -> target: how it leaves`, sorted. One that leaves by another network is another path. */
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
    readonly certificate: {
        readonly sha256: string;
        readonly nodes: number;
        readonly edges: number;
        readonly cut: readonly string[];
        readonly objections: readonly string[];
    };
}

function reported({ finding: f, level, acknowledged }: Judged): ReportedFinding {
    const { rule, subject, verdict, message, at, fix, hops }: RuleFinding = f;
    return {
        level,
        ...(acknowledged === undefined
            ? {}
            : { acknowledged: { reason: acknowledged.reason, expires: acknowledged.expires } }),
        id: findingId(f),
        rule: rule.id,
        title: rule.title,
        why: rule.why,
        severity: rule.severity,
        verdict,
        subject,
        message,
        resource: at.resource,
        input: at.path,
        fix: fix ?? rule.fix,
        hops: hops ?? [],
    };
}

/** The first hop only says that the guest uses its NIC. */
const pathOf = ({ source, target, hops }: Breach): string => {
    const leaves = (hops[1] ?? hops[0])?.because;
    return `${source} -> ${target}${leaves === undefined ? "" : `: ${leaves}`}`;
};

const summary = (q: QueryResult): PathSummary => ({
    id: q.id,
    title: q.title,
    verdict: q.verdict,
    paths: [...new Set(q.breaches.map(pathOf))].sort(),
    more: q.more,
});

const ORDER: readonly Rule["severity"][] = ["critical", "high", "medium", "low"];

interface MadeReport {
    readonly report: PlanReport;
    readonly certificate: Certificate;
}

/** What an operator says about findings, as the policy pack is told it: `{ levels, acknowledge }`. */
export interface PolicySettings {
    readonly config: unknown;
    /** Day by which acknowledgements are measured, `2026-11-22`; default today. */
    readonly today?: string;
    /** Goes into the certificate. */
    readonly input?: CertifiedInput;
}

/**
 * Run the rules and the proof over a model.
 * @param source what was read, for the reader: "export.json"
 */
export function makeReport(
    model: Model,
    rules: readonly Rule[],
    source: string,
    { config, today = todayOf(new Date()), input }: PolicySettings = { config: undefined },
): MadeReport {
    const proof = proofOf(model);
    const { objections } = proof;
    const certificate: Certificate =
        input === undefined ? proof.certificate : { ...proof.certificate, input };
    const problems = model.problems.map((p): ReportedFinding => ({
        id: `INPUT[${p.at.resource}]`,
        rule: "INPUT",
        title: "The input can be read in full",
        why: "what was not read was not checked",
        severity: "critical",
        verdict: "undecided",
        subject: p.at.resource,
        message: p.what,
        resource: p.at.resource,
        input: p.at.path,
        fix: p.fix,
        hops: [],
        level: "mandatory",
    }));
    const findings = [
        ...problems,
        ...capped(judgeFindings(runRules(rules, model), readPolicyConfig(config, rules), today)).map(
            reported,
        ),
    ].sort(
        (a, b) =>
            ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
            Number(a.id > b.id) - Number(a.id < b.id),
    );
    const report: PlanReport = {
        version: REPORT_VERSION,
        // What is not proved has to be a finding, which may be acknowledged; one that no rule reports never
        // passes.
        ok:
            rules.length > 0 &&
            blocking({ findings }).length === 0 &&
            objections.length === 0 &&
            proof.queries.every((q) => q.verdict === "proved" || findings.some((f) => f.rule === q.id)),
        source,
        verdict: proof.verdict,
        counts: { networks: model.networks.length, domains: model.domains.length, rules: rules.length },
        rules: rules.map(({ id, title, why, severity, fix }) => ({ id, title, why, severity, fix })),
        findings,
        queries: proof.queries.map(summary),
        trust: proof.trust,
        certificate: {
            sha256: createHash("sha256").update(JSON.stringify(certificate)).digest("hex"),
            nodes: certificate.nodes.length,
            edges: certificate.edges.length,
            cut: certificate.cut,
            objections,
        },
    };
    return { report, certificate };
}
