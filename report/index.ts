/** Reports of a plan. */
export {
    blocking,
    makeReport,
    REPORT_VERSION,
    type PlanReport,
    type PolicySettings,
    type ReportedFinding,
} from "./report";
export { diffPaths, readReport, textDiff, type PathDiff } from "./diff";
export { junitReport } from "./junit";
export { markdownReport } from "./markdown";
export { mermaid } from "./mermaid";
export { sarifReport } from "./sarif";
export { textReport } from "./text";
