/** What a rule is. `policy/rules/<group>/` holds a file for each; `policy/registry.ts` collects them. */
import type { Model, Origin } from "../model";

export type Severity = "critical" | "high" | "medium" | "low";

/** One thing that a rule objects to. */
export interface Finding {
    /**
     * What it is about, stable and short: `alpha-workstation-1 nic 0`. With the rule's id it is what is
     * acknowledged: `NT-07[alpha-workstation-1 nic 0]`.
     */
    readonly subject: string;
    /** violation: it is so. undecided: it may be so; fails as well. */
    readonly verdict: "violation" | "undecided";
    /** One sentence: what is there, with the value. */
    readonly message: string;
    /** The very input. */
    readonly at: Origin;
    /** What to change, when it is more particular than the rule's own `fix`. */
    readonly fix?: string;
    /** Numbered hops of a path, first to last. */
    readonly hops?: readonly string[];
    /** What a proof behind it takes for granted, and what it has looked at. */
    readonly restsOn?: readonly string[];
}

export interface Rule {
    /** From the catalogue of invariants (`NT-07`), or a name of our own (`PATH-outside`). */
    readonly id: string;
    /** The statement that holds when nothing is found. */
    readonly title: string;
    readonly why: string;
    readonly severity: Severity;
    /** What to change when it does not hold. */
    readonly fix: string;
    /** What of the catalogue's invariant it does not see, and who does; docs/policies.md says it. */
    readonly limits?: string;
    /**
     * resource: a model of one resource alone already gives right findings, so that the rule can block before
     * creation; seed: so does a seed alone, in the role that it declares (helpers/single-guest.ts); stack: it must
     * see the whole model. Default: stack.
     */
    readonly scope?: "resource" | "seed" | "stack";
    /** The part of a rule of scope stack that one resource alone already shows. */
    readonly local?: (model: Model) => readonly Finding[];
    /** The part of a rule of scope stack that one seed alone already shows, in the role that it declares. */
    readonly localSeed?: (model: Model) => readonly Finding[];
    /** Pure. May throw: the runner makes a finding of it. */
    readonly check: (model: Model) => readonly Finding[];
}

/** A finding with its rule. */
export interface RuleFinding extends Finding {
    readonly rule: Rule;
}

const MODEL: Origin = { resource: "", path: "" };

/**
 * Findings of one rule, each once and under a name of its own: two that share a subject are told apart by
 * their inputs, so that to acknowledge one is not to accept the other.
 */
function distinct(findings: readonly Finding[]): Finding[] {
    const once = [
        ...new Map(
            findings.map((f) => [JSON.stringify([f.subject, f.verdict, f.message, f.at]), f]),
        ).values(),
    ];
    const shared = (list: readonly Finding[]): ReadonlySet<string> => {
        const seen = new Set<string>();
        return new Set(list.map((f) => f.subject).filter((subject) => seen.size === seen.add(subject).size));
    };
    const twice = shared(once);
    const withPaths = once.map((f) =>
        twice.has(f.subject) && f.at.path !== "" ? { ...f, subject: `${f.subject} at ${f.at.path}` } : f,
    );
    const still = shared(withPaths);
    const counts = new Map<string, number>();
    return withPaths.map((f) => {
        const n = (counts.get(f.subject) ?? 0) + 1;
        counts.set(f.subject, n);
        return still.has(f.subject) ? { ...f, subject: `${f.subject} number ${n}` } : f;
    });
}

/** Subject of the finding that a rule could not be run. */
export const NOT_RUN = "rule";

/** Every finding of every rule. A rule that throws has found that it cannot decide. */
export function runRules(rules: readonly Rule[], model: Model): RuleFinding[] {
    return rules.flatMap((rule) => {
        try {
            return distinct(rule.check(model)).map((finding) => ({ ...finding, rule }));
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            return [
                {
                    rule,
                    subject: NOT_RUN,
                    verdict: "undecided" as const,
                    message: `the rule could not be run: ${reason}`,
                    at: MODEL,
                },
            ];
        }
    });
}

/** `NT-07[alpha-workstation-1 nic 0]`: how a finding is named in an acknowledgement. */
export const findingId = (finding: RuleFinding): string => `${finding.rule.id}[${finding.subject}]`;
