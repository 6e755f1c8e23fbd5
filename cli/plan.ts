/**
 * `sallyport plan`: the policy pack's rules and the reachability proof over an export or a preview, without
 * an engine.
 */
import { rename, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { Command } from "commander";
import { POLICY_NAME } from "../policy/config";
import { rules } from "../policy/registry";
import type { Rule } from "../policy/rule";
import { InputError } from "../model/adapters";
import {
    diffPaths,
    junitReport,
    makeReport,
    markdownReport,
    readReport,
    sarifReport,
    textDiff,
    textReport,
    type PathDiff,
    type PlanReport,
    type ReportedFinding,
} from "../report";
import { CliError } from "../util/error";
import { type Check, type CheckStatus, emit, type Report } from "../util/output";
import { jsonOption } from "./options";
import { fileText, inputOptions, readInput, type InputOptions } from "./plan-input";

export interface PlanOptions extends InputOptions {
    readonly json?: boolean;
    readonly sarif?: string;
    readonly junit?: string;
    readonly markdown?: string;
    readonly diff?: string;
    readonly policyConfig?: string;
    readonly certificate?: string;
}

/**
 * Settings from the file that `pulumi --policy-pack-config` takes; what is wrong inside them becomes
 * findings.
 */
async function settings(path: string | undefined): Promise<unknown> {
    if (path === undefined) {
        return undefined;
    }
    const fix = `write { "${POLICY_NAME}": { "levels": …, "acknowledge": … } }, as docs/policies.md shows`;
    let value: unknown;
    try {
        value = JSON.parse(await fileText(path));
    } catch (error) {
        if (error instanceof CliError) {
            throw error;
        }
        throw new CliError(
            `${basename(path)} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
            fix,
        );
    }
    const given =
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? (value as Record<string, unknown>)
            : {};
    const keys = Object.keys(given);
    const own = given[POLICY_NAME];
    if (keys.length !== 1 || typeof own !== "object" || own === null || Array.isArray(own)) {
        throw new CliError(
            `${basename(path)} has ${keys.length === 0 ? "no keys" : `the keys ${keys.join(", ")}`}; one object "${POLICY_NAME}" is read, and switches for all rules at once are not`,
            fix,
        );
    }
    return own;
}

/** No stack trace of an engine that has had too much: what cannot be worked out is undecided. */
export const tooMuch = (error: unknown): unknown =>
    error instanceof RangeError
        ? new CliError(
              `undecided: the input is too large or nests too deep to be worked out (${error.message})`,
              "plan one stack alone, with the parts that nest taken out",
          )
        : error;

/** Written whole or not at all. */
async function write(path: string, content: string): Promise<void> {
    const part = `${path}.part`;
    try {
        await writeFile(part, content);
        await rename(part, path);
    } catch (error) {
        throw new CliError(
            `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
            "give a path in a folder that exists",
        );
    }
}

const OF_QUERY = { proved: "pass", refuted: "fail", undecided: "undecided" } as const;

function statusOf({ acknowledged, level, verdict }: ReportedFinding): CheckStatus {
    if (acknowledged !== undefined) {
        return "acknowledged";
    }
    if (level !== "mandatory") {
        return level;
    }
    return verdict === "violation" ? "fail" : "undecided";
}

/** What programs read: the checks of every verb, and the report itself. */
function planEnvelope(report: PlanReport, diff: PathDiff | undefined): Report & PlanReport {
    const checks = [
        ...report.findings.map((f): Check => ({
            id: f.id,
            title: f.title,
            status: statusOf(f),
            detail: f.message,
            fix: f.fix,
        })),
        ...report.queries.map((q): Check => ({
            id: q.id,
            title: q.title,
            status: OF_QUERY[q.verdict],
            detail: q.paths.join(", "),
            fix: q.verdict === "proved" ? "" : "see the finding of this id",
        })),
    ];
    return { ...report, ...(diff === undefined ? {} : { diff }), checks };
}

/** @param ruleset the rules to run; the pack's unless a test says otherwise */
export async function plan(
    options: PlanOptions,
    ruleset: readonly Rule[] = rules,
): Promise<{ readonly report: Report & PlanReport; readonly text: string }> {
    try {
        const before =
            options.diff === undefined
                ? undefined
                : readReport(await fileText(options.diff), basename(options.diff));
        const config = await settings(options.policyConfig);
        const { model, source, digest } = await readInput(options);
        const { report, certificate } = makeReport(model, ruleset, source, {
            config,
            input: { name: source, digest },
        });
        const diff = before === undefined ? undefined : diffPaths(before, report);
        const files: readonly (readonly [string | undefined, () => string])[] = [
            [options.sarif, () => sarifReport(report, String(report.version))],
            [options.junit, () => junitReport(report)],
            [options.markdown, () => markdownReport(report, model, diff)],
            [options.certificate, () => JSON.stringify(certificate)],
        ];
        for (const [path, content] of files) {
            if (path !== undefined) {
                await write(path, content());
            }
        }
        const lines = [
            textReport(report),
            ...(diff === undefined ? [] : ["", "Paths against the older report:", textDiff(diff)]),
        ];
        return { report: planEnvelope(report, diff), text: lines.join("\n") };
    } catch (error) {
        throw error instanceof InputError ? new CliError(error.message, error.fix) : tooMuch(error);
    }
}

export function planCommand(): Command {
    return inputOptions(jsonOption(new Command("plan")))
        .description(
            "check a stack's export or preview against every rule and prove where its packets can go",
        )
        .option("--sarif <file>", "also write SARIF 2.1.0")
        .option("--junit <file>", "also write JUnit XML")
        .option("--markdown <file>", "also write Markdown with a diagram, for a pull request")
        .option("--certificate <file>", "also write the proof's certificate")
        .option("--policy-config <file>", "levels and acknowledgements, as --policy-pack-config takes them")
        .option("--diff <old.json>", "say which paths appear or disappear against an older --json report")
        .action(async (options: PlanOptions) => {
            const { report, text } = await plan(options);
            emit(report, options.json === true, text);
        });
}
