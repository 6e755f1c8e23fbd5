/** What a rule is. `policy/rules/` holds one file for each; `policy/registry.ts` lists them. */
import type { Model, Origin } from "../topology/model";

export type Severity = "critical" | "high" | "medium" | "low";

/** One thing that a rule objects to. */
export interface Finding {
    /** What it is about, stable and short: `alpha-workstation-1 nic 0`. With the rule's id it is what is acknowledged: `NT-07[alpha-workstation-1 nic 0]`. */
    readonly subject: string;
    /** violation: it is so. undecided: it may be so and nobody can say; fails as well. */
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
    /**
     * resource: a model of one resource alone already gives right findings, so that the rule can block before creation;
     * stack: it must see the whole model. Default: stack.
     */
    readonly scope?: "resource" | "stack";
    /** Pure. May throw: the runner makes a finding of it. */
    readonly check: (model: Model) => readonly Finding[];
}

/** A finding with its rule. */
export interface RuleFinding extends Finding {
    readonly rule: Rule;
}

const MODEL: Origin = { resource: "", path: "" };

/** Every finding of every rule. A rule that throws has found that it cannot decide. */
export function runRules(rules: readonly Rule[], model: Model): RuleFinding[] {
    return rules.flatMap((rule) => {
        try {
            return rule.check(model).map((finding) => ({ ...finding, rule }));
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            return [{ rule, subject: "rule", verdict: "undecided" as const, message: `the rule could not be run: ${reason}`, at: MODEL }];
        }
    });
}

/** `NT-07[alpha-workstation-1 nic 0]`: how a finding is named in an acknowledgement. */
export const findingId = (finding: RuleFinding): string => `${finding.rule.id}[${finding.subject}]`;
