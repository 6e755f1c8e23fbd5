/** Reports of a plan. */
export { makeReport, type PlanReport, type ReportedFinding } from "./report";
export { diffPaths, readReport, textDiff, type PathDiff } from "./diff";
export { junitReport } from "./junit";
export { markdownReport } from "./markdown";
export { sarifReport } from "./sarif";
export { textReport } from "./text";
