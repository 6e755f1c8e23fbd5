/** Which paths a change opens and which it closes. */
import { oneLine } from "../util/one-line";
import { InputError } from "../model/adapters/input-error";
import { REPORT_VERSION, type PlanReport } from "./report";

export interface PathDiff {
    readonly appeared: readonly string[];
    readonly disappeared: readonly string[];
}

type Old = Pick<PlanReport, "queries">;

const pathsOf = (report: Old): Set<string> =>
    new Set(report.queries.flatMap((q) => q.paths.map((path) => `${q.id}: ${path}`)));

/** @throws InputError when the text is no report of `sallyport plan --json` */
export function readReport(text: string, what: string): Old {
    const again = "write it again with `sallyport plan --json`";
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw new InputError(`${what} is not JSON`, again);
    }
    const old = value as { version?: unknown; queries?: unknown } | null;
    if (
        typeof old !== "object" ||
        old === null ||
        old.version !== REPORT_VERSION ||
        !Array.isArray(old.queries)
    ) {
        throw new InputError(`${what} is no report of version ${REPORT_VERSION}`, again);
    }
    const queries = old.queries.filter(
        (q: unknown): q is PlanReport["queries"][number] =>
            typeof q === "object" && q !== null && Array.isArray((q as { paths?: unknown }).paths),
    );
    if (queries.length !== old.queries.length) {
        throw new InputError(`${what}: a query has no paths`, again);
    }
    return { queries };
}

export function diffPaths(before: Old, after: Old): PathDiff {
    const [old, now] = [pathsOf(before), pathsOf(after)];
    return {
        appeared: [...now].filter((p) => !old.has(p)).sort(),
        disappeared: [...old].filter((p) => !now.has(p)).sort(),
    };
}

export function textDiff(diff: PathDiff): string {
    const lines = [...diff.appeared.map((p) => `+ ${p}`), ...diff.disappeared.map((p) => `- ${p}`)];
    return lines.length === 0 ? "no path appears or disappears" : lines.map(oneLine).join("\n");
}
