/**
 * What an operator may say about findings: how strict a rule is, and that one finding is known and accepted,
 * by whom and until when. Everything that is not said is mandatory. Mistakes in it are findings, too: a
 * configuration that is not understood relaxes nothing.
 */
import { z } from "zod";
import type { Rule, RuleFinding } from "./rule";
import { findingId } from "./rule";
import { nearest, nearestIs } from "../util/nearest";
import { own } from "../util/own";

/** Name under which the configuration is given: `{ "sallyport": { "levels": …, "acknowledge": … } }`. */
export const POLICY_NAME = "sallyport";

export type Level = "mandatory" | "advisory" | "disabled";

/** One finding that a person has looked at. */
export interface Acknowledgement {
    /** As it is printed: `NT-13[lab-external]`. */
    readonly finding: string;
    /**
     * The finding's message, word for word: what was accepted. Another network behind the same NIC is said
     * otherwise.
     */
    readonly says: string;
    readonly reason: string;
    /** Last day on which it counts, `2027-03-31`. */
    readonly expires: string;
}

interface PolicyConfig {
    /** By rule id. Default: mandatory. */
    readonly levels: Readonly<Record<string, Level>>;
    readonly acknowledge: readonly Acknowledgement[];
}

/**
 * Whether the text is a day of the calendar: JavaScript takes 30 February for 2 March, and throws for a month
 * 13.
 */
function isDay(text: string): boolean {
    const date = new Date(`${text}T00:00:00Z`);
    return (
        /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
    );
}

const day = z.string().refine(isDay, "a day such as 2027-03-31");

const schema = z.strictObject({
    levels: z
        .record(z.string(), z.enum(["mandatory", "advisory", "disabled"], "mandatory, advisory or disabled"))
        .default({}),
    acknowledge: z
        .array(
            z.strictObject({
                finding: z
                    .string()
                    .regex(
                        /^[A-Z]+-[A-Za-z0-9]+\[.+\]$/,
                        "one finding as it is printed, such as NT-13[lab-external]",
                    ),
                says: z.string().min(1, "the finding's message, word for word"),
                reason: z.string().trim().min(10, "a reason of at least 10 characters"),
                expires: day,
            }),
        )
        .default([]),
});

/** The same for Pulumi, which shows it and checks it before the pack sees a value. */
export const configProperties = {
    levels: {
        type: "object" as const,
        description: "Level of a rule by its id: mandatory (default), advisory or disabled.",
        additionalProperties: { type: "string" as const, enum: ["mandatory", "advisory", "disabled"] },
        default: {},
    },
    acknowledge: {
        type: "array" as const,
        description:
            "Findings that are known and accepted: one at a time, by name and message, with a " +
            "reason and the last day on which that counts.",
        items: {
            type: "object" as const,
            properties: {
                finding: { type: "string" as const },
                says: { type: "string" as const },
                reason: { type: "string" as const },
                expires: { type: "string" as const },
            },
            required: ["finding", "says", "reason", "expires"],
            additionalProperties: false,
        },
        default: [],
    },
};

/** Findings about the configuration itself are of this rule; it can't be relaxed. */
const CONFIG_RULE: Rule = {
    id: "CONFIG-01",
    title: "The policy configuration says what its author meant",
    why: "A misspelt rule, or an acknowledgement that has run out, relaxes something else than was meant.",
    severity: "high",
    fix: "Correct or remove the entry.",
    check: () => [],
};

const finding = (subject: string, message: string, fix?: string): RuleFinding => ({
    rule: CONFIG_RULE,
    subject,
    verdict: "violation",
    message,
    at: { resource: "", path: `policy configuration: ${subject}` },
    ...(fix === undefined ? {} : { fix }),
});

const NOTHING: PolicyConfig = { levels: {}, acknowledge: [] };

/** Where a key stands that would vanish into an object's prototype: the reader below would not see it. */
function inheritedIn(value: unknown, where: string, depth = 0): string | undefined {
    if (typeof value !== "object" || value === null || depth > 8) {
        return undefined;
    }
    return Object.hasOwn(value, "__proto__")
        ? where
        : Object.entries(value)
              .map(([key, v]) => inheritedIn(v, key, depth + 1))
              .find((found) => found !== undefined);
}

/**
 * Read a configuration. What is wrong with it comes back as findings, and the whole of it then counts for
 * nothing.
 */
export function readPolicyConfig(
    input: unknown,
    rules: readonly Rule[],
): { readonly config: PolicyConfig; readonly problems: readonly RuleFinding[] } {
    if (
        input === undefined ||
        (typeof input === "object" &&
            input !== null &&
            !Array.isArray(input) &&
            Object.keys(input).length === 0)
    ) {
        return { config: NOTHING, problems: [] };
    }
    const inherited = inheritedIn(input, "configuration");
    if (inherited !== undefined) {
        return {
            config: NOTHING,
            problems: [
                finding(
                    inherited,
                    "__proto__ is no key of a configuration; known keys are levels and acknowledge",
                ),
            ],
        };
    }
    const parsed = schema.safeParse(input);
    if (!parsed.success) {
        return {
            config: NOTHING,
            problems: parsed.error.issues.map((issue) =>
                finding(
                    issue.path.join(".") || "configuration",
                    `${issue.message}; known keys are levels and acknowledge`,
                ),
            ),
        };
    }
    const ids = rules.map((rule) => rule.id);
    const problems = [
        ...Object.keys(parsed.data.levels).map((id): [string, string] => [`levels.${id}`, id]),
        ...parsed.data.acknowledge.map((a, i): [string, string] => [
            `acknowledge.${i}`,
            a.finding.replace(/\[.*$/s, ""),
        ]),
    ]
        .filter(([, id]) => !ids.includes(id))
        .map(([where, id]) => {
            const near = nearest(id, ids);
            return finding(
                where,
                `there is no rule "${id}"${nearestIs(near)}`,
                "docs/policies.md lists every rule",
            );
        });
    return problems.length > 0 ? { config: NOTHING, problems } : { config: parsed.data, problems: [] };
}

/** A finding with what is to become of it. */
export interface Judged {
    readonly finding: RuleFinding;
    readonly level: Level;
    /** Why it does not block although it is there. */
    readonly acknowledged?: Acknowledgement;
}

/**
 * Every finding with its level; acknowledgements that have run out or match nothing are findings of their
 * own.
 * @param today `2026-11-22`
 */
export function judgeFindings(
    findings: readonly RuleFinding[],
    { config, problems }: ReturnType<typeof readPolicyConfig>,
    today: string,
): Judged[] {
    const open = (a: Acknowledgement): boolean => a.expires >= today;
    const judged = findings.map((f): Judged => {
        const acknowledged = config.acknowledge.find(
            (a) => open(a) && a.finding === findingId(f) && a.says === f.message,
        );
        const level = own(config.levels, f.rule.id) ?? "mandatory";
        return acknowledged === undefined
            ? { finding: f, level }
            : { finding: f, level: level === "disabled" ? level : "advisory", acknowledged };
    });
    const there = new Map(findings.map((f) => [findingId(f), f.message]));
    // Of several that are about one finding (before and after an update it may say different things) one
    // suffices.
    const met = new Set(
        config.acknowledge.filter((a) => there.get(a.finding) === a.says).map((a) => a.finding),
    );
    const stale = config.acknowledge.flatMap((a) => [
        ...(open(a)
            ? []
            : [
                  finding(
                      `acknowledge ${a.finding}`,
                      `the acknowledgement ran out on ${a.expires}`,
                      "look at the finding again; then extend or remove the acknowledgement",
                  ),
              ]),
        ...(!there.has(a.finding) || met.has(a.finding)
            ? []
            : [
                  finding(
                      `acknowledge ${a.finding}`,
                      `the finding says something else now: ${there.get(a.finding) ?? ""}`,
                      "look at it; accept it by these words, or follow its fix",
                  ),
              ]),
        ...(there.has(a.finding)
            ? []
            : [finding(`acknowledge ${a.finding}`, "nothing is found that it is about", "remove it")]),
    ]);
    return [...judged, ...[...problems, ...stale].map((f): Judged => ({ finding: f, level: "mandatory" }))];
}

/** The day that acknowledgements are measured by, in UTC. */
export const todayOf = (now: Date): string => now.toISOString().slice(0, 10);
