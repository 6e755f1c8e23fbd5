/**
 * The policy that Pulumi runs: every rule over the whole stack, and before a resource is created the rules
 * that need no more than that resource. It is one policy, so that resources are read once, not once for each
 * rule; findings carry their rule's id.
 */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { modelOfPolicy, type PolicyResourceLike } from "../model/adapters";
import type { Model } from "../model";
import { oneLine } from "../util/one-line";
import { capped } from "./cap";
import {
    POLICY_NAME,
    configProperties,
    judgeFindings,
    readPolicyConfig,
    todayOf,
    type Judged,
} from "./config";
import { judgeResource } from "./helpers/single-resource";
import { rules } from "./registry";
import { findingId, runRules, type Rule, type RuleFinding, type Severity } from "./rule";

/** A finding in full, for people. */
export function describe({ finding, acknowledged }: Judged): string {
    const { rule, at, message, hops = [], restsOn = [], fix = rule.fix } = finding;
    return [
        `${findingId(finding)}: ${finding.verdict === "undecided" ? "undecided: " : ""}${rule.title}`,
        `    found: ${message}`,
        ...(at.path === "" ? [] : [`    where: ${at.path}`]),
        ...hops.map((hop) => `    ${hop}`),
        `    why: ${rule.why}`,
        `    fix: ${fix}`,
        ...restsOn.map((basis) => `    rests on ${basis}`),
        ...(acknowledged === undefined
            ? []
            : [`    acknowledged until ${acknowledged.expires}: ${acknowledged.reason}`]),
    ]
        .map(oneLine)
        .join("\n");
}

/**
 * The SDK (1.20 and later) also takes a record, with which each finding has its own rule's name, level and
 * severity; its types have not followed. An SDK that does not know the form still reports a violation, of the
 * policy's level.
 */
type Report = (violation: {
    name: string;
    description: string;
    message: string;
    enforcementLevel: "mandatory" | "advisory";
    severity: Severity;
    urn?: string;
}) => void;

function reportAll(judged: readonly Judged[], report: Report, known: ReadonlySet<string>): void {
    for (const one of capped(judged)) {
        const { rule, at } = one.finding;
        if (one.level !== "disabled") {
            report({
                name: rule.id,
                description: rule.title,
                message: describe(one),
                enforcementLevel: one.level,
                severity: rule.severity,
                ...(known.has(at.resource) ? { urn: at.resource } : {}),
            });
        }
    }
}

/** Nothing that goes wrong here may end as a policy that "can't run": that would be advisory. */
function findings(
    judge: (rules: readonly Rule[], model: Model) => RuleFinding[],
    resources: readonly PolicyResourceLike[],
): RuleFinding[] {
    try {
        return judge(rules, modelOfPolicy(resources));
    } catch (error) {
        const broken: Rule = {
            id: "MODEL-01",
            title: "Everything of libvirt's in the stack can be read",
            why: "What cannot be read could be anything.",
            severity: "critical",
            fix: "Take the stack's last change back, and report this.",
            check: () => [],
        };
        return [
            {
                rule: broken,
                subject: "stack",
                verdict: "undecided",
                message: `it could not be read: ${error instanceof Error ? error.message : String(error)}`,
                at: { resource: "", path: "" },
            },
        ];
    }
}

export const policy: ResourceValidationPolicy & StackValidationPolicy = {
    name: POLICY_NAME,
    description: "Nothing leaves an enclave but through Tor.",
    enforcementLevel: "mandatory",
    severity: "critical",
    configSchema: { properties: configProperties },
    validateResource: (args, tell) => {
        const resource: PolicyResourceLike = {
            type: args.type,
            urn: args.urn,
            name: args.name,
            props: args.props,
            opts: args.opts,
            ...(args.provider === undefined ? {} : { provider: args.provider }),
            dependencies: [],
            propertyDependencies: {},
        };
        const config = readPolicyConfig(args.getConfig(), rules);
        // Mistakes in the configuration, and acknowledgements that match nothing, are told once: by the
        // stack's run.
        const found = findings(judgeResource, [resource]);
        reportAll(
            judgeFindings(found, { config: config.config, problems: [] }, todayOf(new Date())).filter(
                (j) => j.finding.rule.id !== "CONFIG-01",
            ),
            tell as unknown as Report,
            new Set([args.urn]),
        );
    },
    validateStack: (args, tell) => {
        const config = readPolicyConfig(args.getConfig(), rules);
        reportAll(
            judgeFindings(findings(runRules, args.resources), config, todayOf(new Date())),
            tell as unknown as Report,
            new Set(args.resources.map((r) => r.urn)),
        );
    },
};
