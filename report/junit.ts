/** JUnit XML, as every CI reads it: one test case for each rule and each query. */
import { oneLine } from "../util/one-line";
import { blocking, rulesOf, type PlanReport } from "./report";

const ESCAPES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
};
// eslint-disable-next-line no-control-regex -- XML 1.0 cannot write these
const UNWRITABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f]/g;
const escape = (text: string): string =>
    text.replace(UNWRITABLE, "?").replace(/[&<>"\n]/g, (c) => ESCAPES[c] ?? c);

interface Case {
    readonly suite: string;
    readonly name: string;
    readonly failures: readonly string[];
}

function cases(report: PlanReport): Case[] {
    const failing = blocking(report);
    const accepted = (id: string): boolean =>
        report.findings.some((f) => f.rule === id) && !failing.some((f) => f.rule === id);
    const ofRules = rulesOf(report).map(({ id, title }): Case => ({
        suite: "rules",
        name: `${id} ${title}`,
        failures: failing
            .filter((f) => f.rule === id)
            .map((f) => [`${f.verdict}: ${f.message}`, ...f.hops, `fix: ${f.fix}`].map(oneLine).join("\n")),
    }));
    const ofQueries = report.queries.map((q): Case => ({
        suite: "reachability",
        name: `${q.id} ${q.title}`,
        failures:
            q.verdict === "proved" || accepted(q.id) ? [] : [oneLine(`${q.verdict}: ${q.paths.join(", ")}`)],
    }));
    const certificate: Case = {
        suite: "reachability",
        name: "the certificate is accepted by the separate checker",
        failures: report.certificate.objections.slice(0, 5).map(oneLine),
    };
    return [...ofRules, ...ofQueries, certificate];
}

export function junitReport(report: PlanReport): string {
    const all = cases(report);
    const suites = ["rules", "reachability"].map((name) => {
        const own = all.filter((c) => c.suite === name);
        // What the proof rests on, whatever the verdict.
        const properties =
            name !== "reachability"
                ? []
                : [
                      "    <properties>",
                      ...report.trust.map(
                          (t) =>
                              `      <property name="trust: ${escape(t.layer)}" ` +
                              `value="${escape(oneLine(`${t.basis}; ${t.detail}`))}"/>`,
                      ),
                      `      <property name="certificate sha256" value="${report.certificate.sha256}"/>`,
                      "    </properties>",
                  ];
        const body = own.map((c) => {
            const failures = c.failures.map(
                (f) => `      <failure message="${escape(f.split("\n")[0] ?? "")}">${escape(f)}</failure>`,
            );
            return failures.length === 0
                ? `    <testcase classname="sallyport.${name}" name="${escape(c.name)}"/>`
                : [
                      `    <testcase classname="sallyport.${name}" name="${escape(c.name)}">`,
                      ...failures,
                      "    </testcase>",
                  ].join("\n");
        });
        return [
            `  <testsuite name="sallyport ${name}" tests="${own.length}" ` +
                `failures="${own.filter((c) => c.failures.length > 0).length}">`,
            ...properties,
            ...body,
            "  </testsuite>",
        ].join("\n");
    });
    const failed = all.filter((c) => c.failures.length > 0).length;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="sallyport plan" tests="${all.length}" failures="${failed}">`,
        ...suites,
        "</testsuites>",
        "",
    ].join("\n");
}
