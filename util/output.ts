/**
 * What every verb prints: text for people, `--json` for programs: one envelope, also for errors
 * (docs/operations.md, "Exit status and JSON").
 */

import { CliError, Finding } from "./error";
import { asciiJson, oneLine } from "./one-line";

/** `advisory` and `disabled` are levels that a policy configuration gives; only `fail` and `undecided` block. */
export type CheckStatus = "pass" | "fail" | "undecided" | "acknowledged" | "advisory" | "disabled";

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

/** A verb that came to its end. It may have more members of its own, such as `findings` or `files`. */
export interface Report {
    readonly ok: boolean;
    readonly checks: readonly Check[];
}

/** A verb that did not: nothing was checked. */
export interface Failure {
    readonly ok: false;
    readonly checks: readonly [];
    /** `fix` is empty where the message has it. */
    readonly error: { readonly message: string; readonly fix: string };
}

/** What `--json` prints. */
export type Envelope = Report | Failure;

/** 0: all of it holds. 1: something was found, undecided included. 2: could not be checked, or wrong usage. */
export type ExitStatus = 0 | 1 | 2;

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

/** No checks at all is not ok: a run that checked nothing has shown nothing. */
export function report(checks: readonly Check[]): Report {
    return { ok: checks.length > 0 && checks.every((check) => check.status === "pass"), checks };
}

/** What an error is to programs. */
export function failure(error: unknown): Envelope {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Finding) {
        return report([failed(error.id, error.id, message, error.fix)]);
    }
    return { ok: false, checks: [], error: { message, fix: error instanceof CliError ? error.fix : "" } };
}

/** A report without a check shows nothing: 2, as an error. */
export function exitStatus(envelope: Envelope): ExitStatus {
    if (envelope.ok) {
        return 0;
    }
    return "error" in envelope || envelope.checks.length === 0 ? 2 : 1;
}

const MARK: Readonly<Record<CheckStatus, string>> = {
    pass: "ok  ",
    fail: "FAIL",
    undecided: "??  ",
    acknowledged: "--  ",
    advisory: "--  ",
    disabled: "--  ",
};

/** The envelope as programs read it. */
export const envelopeJson = (envelope: Envelope): string => asciiJson(JSON.stringify(envelope, undefined, 2));

/** Lines of our own, each of which may hold what a guest or a stack has chosen (util/one-line.ts). */
export const printed = (lines: readonly string[]): string => lines.map(oneLine).join("\n");

/** A text with lines of others: nothing in it reaches the terminal as a control sequence. */
export const printable = (text: string): string => printed(text.split("\n"));

/** The report as text (one line a check, one more for its fix) or as JSON. */
export function formatReport(r: Report, json: boolean): string {
    if (json) {
        return envelopeJson(r);
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

/**
 * Print the report on stdout and set the process's exit status.
 * @param text instead of the checks, for people
 */
export function emit<R extends Report>(r: R, json: boolean, text: string = formatReport(r, false)): void {
    process.stdout.write(`${json ? envelopeJson(r) : text}\n`);
    process.exitCode = exitStatus(r);
}
