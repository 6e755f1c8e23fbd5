/**
 * What every verb prints: text for people, `--json` for programs. Exit status 0 only when nothing failed and
 * nothing is undecided, and when there was something to check at all.
 */

import { asciiJson, oneLine } from "./one-line";

export type CheckStatus = "pass" | "fail" | "undecided";

/** One checked statement. */
export interface Check {
    /** Stable, for programs: `image.checksum`. */
    readonly id: string;
    readonly title: string;
    readonly status: CheckStatus;
    /** What was seen. */
    readonly detail: string;
    /** The fix; empty when there is nothing to do. */
    readonly fix: string;
}

export interface Report {
    readonly ok: boolean;
    readonly checks: readonly Check[];
}

/** A check that held. */
export const passed = (id: string, title: string, detail: string): Check => ({
    id,
    title,
    status: "pass",
    detail,
    fix: "",
});
/** A check that did not hold. */
export const failed = (id: string, title: string, detail: string, fix: string): Check => ({
    id,
    title,
    status: "fail",
    detail,
    fix,
});
/** A check that could not be made; counts as a failure. */
export const undecided = (id: string, title: string, detail: string, fix: string): Check => ({
    id,
    title,
    status: "undecided",
    detail,
    fix,
});

/** No checks at all is not ok: whoever checked nothing has shown nothing. */
export function report(checks: readonly Check[]): Report {
    return { ok: checks.length > 0 && checks.every((check) => check.status === "pass"), checks };
}

/** 0 when the report is ok, else 1. */
export const exitStatus = (r: Report): 0 | 1 => (r.ok ? 0 : 1);

const MARK: Readonly<Record<CheckStatus, string>> = { pass: "ok  ", fail: "FAIL", undecided: "??  " };

/** Lines of our own, each of which may hold what a guest or a stack has chosen (util/one-line.ts). */
export const printed = (lines: readonly string[]): string => lines.map(oneLine).join("\n");

/** A text whose lines are somebody else's: nothing in it reaches the terminal as a control sequence. */
export const printable = (text: string): string => printed(text.split("\n"));

/** The report as text (one line a check, one more for its fix) or as JSON. */
export function formatReport(r: Report, json: boolean): string {
    if (json) {
        return asciiJson(JSON.stringify(r, undefined, 2));
    }
    return printed(
        r.checks.flatMap((check) => [
            ...`${MARK[check.status]} ${check.title}: ${check.detail}`
                .split("\n")
                .map((line, i) => (i === 0 ? line : `     ${line}`)),
            ...(check.status === "pass" || check.fix === "" ? [] : [`     fix: ${check.fix}`]),
        ]),
    );
}

/** Print the report on stdout and set the process's exit status. */
export function emit(r: Report, json: boolean): void {
    process.stdout.write(`${formatReport(r, json)}\n`);
    process.exitCode = exitStatus(r);
}
