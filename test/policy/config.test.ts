/** Levels and acknowledgements, and what is wrong with them. */
import { judgeFindings, readPolicyConfig } from "../../policy/config";
import { describe as describeFinding, policy } from "../../policy/pack";
import { rules } from "../../policy/registry";
import { runRules, type Rule } from "../../policy/rule";
import type { Model } from "../../model";
import { asPolicyResources, modelOf, type FixtureResource } from "./fixtures/resources";

const rule = rules.find((r) => r.id === "NT-13") as Rule;
const found = [
    {
        rule,
        subject: "lab-external",
        verdict: "violation" as const,
        message: "m",
        at: { resource: "", path: "" },
    },
];
const judge = (config: unknown): string[] =>
    judgeFindings(found, readPolicyConfig(config, rules), "2026-11-22").map(
        (j) => `${j.level} ${j.finding.rule.id} ${j.finding.subject}`,
    );
const accept = (finding: string, expires: string, says = "m"): unknown => ({
    acknowledge: [{ finding, says, reason: "seen by the operator", expires }],
});

describe("configuration", () => {
    it.each<[string, unknown, readonly string[]]>([
        ["nothing is said: mandatory", undefined, ["mandatory NT-13 lab-external"]],
        ["a level", { levels: { "NT-13": "advisory" } }, ["advisory NT-13 lab-external"]],
        ["a disabled rule", { levels: { "NT-13": "disabled" } }, ["disabled NT-13 lab-external"]],
        ["an acknowledgement", accept("NT-13[lab-external]", "2026-11-22"), ["advisory NT-13 lab-external"]],
        [
            "one of another finding",
            accept("NT-13[other]", "2027-01-01"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge NT-13[other]"],
        ],
        [
            "one that has run out",
            accept("NT-13[lab-external]", "2026-11-21"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge NT-13[lab-external]"],
        ],
        [
            "one of other words",
            accept("NT-13[lab-external]", "2027-01-01", "another"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge NT-13[lab-external]"],
        ],
        [
            "one of other words beside the right one",
            {
                acknowledge: ["another", "m"].map((says) => ({
                    finding: "NT-13[lab-external]",
                    says,
                    reason: "seen by the operator",
                    expires: "2027-01-01",
                })),
            },
            ["advisory NT-13 lab-external"],
        ],
        [
            "no words",
            {
                acknowledge: [
                    { finding: "NT-13[lab-external]", reason: "seen by the operator", expires: "2027-01-01" },
                ],
            },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.says"],
        ],
        [
            "an unknown rule beside a good entry: nothing of it counts",
            { levels: { "NT-13": "disabled", "NT-99": "advisory" } },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 levels.NT-99"],
        ],
        [
            "an unknown level",
            { levels: { "NT-13": "off" } },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 levels.NT-13"],
        ],
        [
            "an unknown key",
            { level: {} },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 configuration"],
        ],
        [
            "no reason",
            {
                acknowledge: [
                    { finding: "NT-13[lab-external]", says: "m", reason: " ", expires: "2027-01-01" },
                ],
            },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.reason"],
        ],
        [
            "no such day",
            accept("NT-13[lab-external]", "2027-02-30"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.expires"],
        ],
        [
            "a day that JavaScript moves",
            accept("NT-13[lab-external]", "2026-02-30"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.expires"],
        ],
        [
            "a month that is none",
            accept("NT-13[lab-external]", "2099-13-01"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.expires"],
        ],
        [
            "a key that vanishes",
            JSON.parse('{"levels":{"__proto__":"disabled"}}'),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 levels"],
        ],
        [
            "a name that every object has",
            { levels: { constructor: "disabled" } },
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 levels.constructor"],
        ],
        ["a list", [], ["mandatory NT-13 lab-external", "mandatory CONFIG-01 configuration"]],
        [
            "a whole rule acknowledged",
            accept("NT-13", "2027-01-01"),
            ["mandatory NT-13 lab-external", "mandatory CONFIG-01 acknowledge.0.finding"],
        ],
    ])("%s", (_title, config, expected) => {
        expect(judge(config)).toEqual(expected);
    });

    it("names the rule that was probably meant", () => {
        expect(readPolicyConfig({ levels: { "NT-1": "advisory" } }, rules).problems[0]?.message).toMatch(
            /there is no rule "NT-1"; the nearest is NT-\d+/,
        );
    });
});

describe("a rule that throws", () => {
    it("is a finding, not a pass", () => {
        const broken: Rule = {
            ...rule,
            check: () => {
                throw new Error("out of its depth");
            },
        };
        expect(runRules([broken], {} as Model)).toMatchObject([
            { verdict: "undecided", message: expect.stringContaining("out of its depth") as string },
        ]);
    });
});

describe("the policy as Pulumi runs it", () => {
    const intruder: FixtureResource = {
        urn: "urn:pulumi:test::x::command:local:Command::intruder",
        type: "command:local:Command",
        name: "intruder",
        props: { create: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
        dependencies: [],
        propertyDependencies: {},
    };
    const common = {
        getConfig: <T>() => ({}) as T,
        stackTags: new Map<string, string>(),
        notApplicable: (): never => {
            throw new Error("not applicable");
        },
        isType: () => false,
        asType: () => undefined,
    };

    it("says of a path what its proof rests on", () => {
        const vm: FixtureResource = {
            urn: "urn:pulumi:prod::lab::libvirt:index/domain:Domain::vm",
            type: "libvirt:index/domain:Domain",
            name: "vm",
            props: { name: "vm", networkInterfaces: [{ bridge: "br0" }] },
            dependencies: [],
            propertyDependencies: {},
        };
        const [path] = judgeFindings(
            runRules(
                rules.filter((r) => r.id === "PATH-outside"),
                modelOf([vm]),
            ),
            readPolicyConfig(undefined, rules),
            "2026-11-22",
        );
        expect(path === undefined ? "" : describeFinding(path)).toMatch(
            /rests on attachment: exact; [^]*rests on gateway rules: undecided; [^]*rests on runtime: not claimed here; /,
        );
    });

    it("reports an unknown value as a violation before creation and over the stack, and never throws", () => {
        const told: { name: string; enforcementLevel: string }[] = [];
        const tell = ((violation: { name: string; enforcementLevel: string }) =>
            told.push(violation)) as never;
        const [resource] = asPolicyResources([intruder]);
        const args = {
            ...common,
            ...resource,
            opts: {
                protect: false,
                ignoreChanges: [],
                aliases: [],
                additionalSecretOutputs: [],
                customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
            },
        } as never;
        [policy.validateResource].flat().forEach((validate) => void validate?.(args, tell));
        expect(told).toMatchObject([{ name: "ACT-01", enforcementLevel: "mandatory" }]);
        void policy.validateStack({ ...common, resources: asPolicyResources([intruder]) } as never, tell);
        expect(told.filter((v) => v.name === "ACT-01")).toHaveLength(2);
        expect(told.some((v) => v.name === "LC-15")).toBe(true);
    });
});
