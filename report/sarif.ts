/** SARIF 2.1.0, as GitHub's and GitLab's code scanning read it (OASIS sarif-v2.1.0). */
import { asciiJson, oneLine } from "../util/one-line";
import { describeTrust } from "../reachability";
import { rulesOf, type PlanReport, type ReportedFinding } from "./report";
import { shortName } from "./text";

const LEVEL = { critical: "error", high: "error", medium: "warning", low: "warning" } as const;
/** GitHub sorts by this number (0.0 to 10.0). */
const SCORE = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" } as const;

/** Brackets would make a link of a message (SARIF 2.1.0, 3.11.6). */
const words = (text: string): string => oneLine(text).replace(/[\\[\]]/g, "\\$&");

function result(f: ReportedFinding, artifact: string, index: number): Record<string, unknown> {
    const hops = f.hops.map((hop) => `\n${words(hop)}`).join("");
    const location = {
        // A resource has no line of its own: readers that need one get the file's first.
        physicalLocation: { artifactLocation: { uri: artifact }, region: { startLine: 1 } },
        logicalLocations: [
            {
                name: oneLine(shortName(f.resource)),
                fullyQualifiedName: oneLine(f.input === "" ? f.resource : `${f.resource}#${f.input}`),
                kind: "resource",
            },
        ],
    };
    const level = f.verdict === "undecided" ? "error" : LEVEL[f.severity];
    return {
        ruleId: f.rule,
        ruleIndex: index,
        level: f.level === "mandatory" ? level : "note",
        message: {
            text:
                `${f.verdict === "undecided" ? "undecided: " : ""}${words(f.message)}.\nFix: ` +
                `${words(f.fix)}.${hops}`,
        },
        locations: [location],
        partialFingerprints: { "sallyport/v1": f.id },
        ...(f.acknowledged === undefined
            ? {}
            : {
                  suppressions: [
                      {
                          kind: "external",
                          status: "accepted",
                          justification: `${f.acknowledged.reason} (until ${f.acknowledged.expires})`,
                      },
                  ],
              }),
    };
}

export function sarifReport(report: PlanReport, version: string): string {
    const rules = rulesOf(report);
    const ids = new Map(rules.map((rule, i) => [rule.id, i]));
    const artifact = encodeURI(oneLine(report.source).replaceAll("\\", "/"));
    return asciiJson(
        JSON.stringify(
            {
                $schema: "https://json.schemastore.org/sarif-2.1.0.json",
                version: "2.1.0",
                runs: [
                    {
                        tool: {
                            driver: {
                                name: "sallyport",
                                version,
                                rules: rules.map((r) => ({
                                    id: r.id,
                                    name: r.id,
                                    shortDescription: { text: r.title },
                                    fullDescription: { text: `${r.title}: ${r.why}` },
                                    help: { text: r.fix },
                                    defaultConfiguration: { level: LEVEL[r.severity] },
                                    properties: {
                                        "security-severity": SCORE[r.severity],
                                        tags: ["security"],
                                    },
                                })),
                            },
                        },
                        results: report.findings.map((f) => result(f, artifact, ids.get(f.rule) ?? -1)),
                        invocations: [
                            {
                                executionSuccessful: true,
                                exitCode: report.ok ? 0 : 1,
                                // What the proof rests on, whatever the verdict.
                                toolExecutionNotifications: report.trust.map((t) => ({
                                    level: "note",
                                    descriptor: { id: `trust/${t.layer.replaceAll(" ", "-")}` },
                                    message: { text: words(describeTrust(t)) },
                                })),
                            },
                        ],
                        properties: { trust: report.trust, certificate: report.certificate.sha256 },
                    },
                ],
            },
            undefined,
            2,
        ),
    );
}
