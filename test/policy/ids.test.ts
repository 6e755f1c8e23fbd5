/** Names of findings: who acknowledges one has accepted that one, and no other. */
import { judgeFindings, readPolicyConfig } from "../../policy/config";
import { rules } from "../../policy/registry";
import { findingId, runRules, type Finding, type Rule, type RuleFinding } from "../../policy/rule";
import type { Model } from "../../model";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { copyOf, modelOf, type FixtureResource } from "./fixtures/resources";
import { domainMutants } from "./mutants/devices/provider-08";
import { DOMAIN, edit, ofType, type Mutant } from "./mutants/mutant";
import { networkMutants } from "./mutants/networks/networks";
import { otherMutants } from "./mutants/host/others";
import { mutants09 } from "./mutants/devices/provider-09";

jest.setTimeout(600_000);

const ONE = CONFIGS["one enclave, one Workstation"];
const changed = (stack: readonly FixtureResource[], change: Mutant["change"]): Model =>
    modelOf(copyOf(stack, change));
const shared = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

it("over all mutants, no two findings share one, and rules name what they are about by themselves", async () => {
    const [old, recent] = [await goodStack(ONE, "existing"), await goodStack09(ONE, "existing")];
    const cases: (readonly [readonly FixtureResource[], Mutant])[] = [
        ...[domainMutants, networkMutants, otherMutants]
            .flatMap((list) => list(old))
            .map((m) => [old, m] as const),
        ...mutants09(recent).map((m) => [recent, m] as const),
    ];
    for (const [stack, mutant] of cases) {
        const found = runRules(rules, changed(stack, mutant.change));
        expect(shared(found.map(findingId)).map((id) => `${mutant.title}: ${id}`)).toEqual([]);
        expect(
            found
                .filter((f) => / number \d+$/.test(f.subject))
                .map((f) => `${mutant.title}: ${findingId(f)}`),
        ).toEqual([]);
    }
});

describe("findings of one subject", () => {
    const at = (path: string): Finding["at"] => ({ resource: "r", path });
    const rule = (...check: Finding[]): Rule => ({
        id: "NT-13",
        title: "t",
        why: "w",
        severity: "high",
        fix: "f",
        check: () => check,
    });
    const one = (message: string, path: string): Finding => ({
        subject: "lab",
        verdict: "violation",
        message,
        at: at(path),
    });

    it.each<[string, Finding[], string[]]>([
        ["twice the same: one", [one("a", "x"), one("a", "x")], ["NT-13[lab]"]],
        ["of two inputs", [one("a", "x"), one("a", "y")], ["NT-13[lab at x]", "NT-13[lab at y]"]],
        [
            "of one input",
            [one("a", "x"), one("b", "x")],
            ["NT-13[lab at x number 1]", "NT-13[lab at x number 2]"],
        ],
        [
            "of the whole resource",
            [one("a", ""), one("b", "")],
            ["NT-13[lab number 1]", "NT-13[lab number 2]"],
        ],
    ])("%s", (_title, findings, ids) => {
        expect(runRules([rule(...findings)], {} as Model).map(findingId)).toEqual(ids);
    });
});

it("another network behind an accepted NIC is not accepted with it", async () => {
    const stack = await goodStack(ONE, "existing");
    const [workstation] = ofType(stack, DOMAIN, /-workstation-/);
    const on = (networkName: string): RuleFinding[] =>
        runRules(
            rules,
            changed(
                stack,
                edit(workstation?.urn ?? "", (p) => {
                    Object.assign((p["networkInterfaces"] as Record<string, unknown>[])[0] ?? {}, {
                        networkName,
                    });
                }),
            ),
        );
    const accepted = on("corp-vpn-lab");
    const config = readPolicyConfig(
        {
            acknowledge: accepted.map((f) => ({
                finding: findingId(f),
                says: f.message,
                reason: "seen by the operator",
                expires: "2999-01-01",
            })),
        },
        rules,
    );
    const blocking = (found: readonly RuleFinding[]): string[] =>
        judgeFindings(found, config, "2026-11-22")
            .filter((j) => j.level === "mandatory")
            .map((j) => j.finding.rule.id);
    expect(blocking(accepted)).toEqual([]);
    expect(blocking(on("default"))).toEqual(expect.arrayContaining(["NT-07", "NT-26", "CONFIG-01"]));
});

it("a second path out, and a second device, are not accepted by who accepted the first", async () => {
    const stack = await goodStack(ONE, "existing");
    const [workstation] = ofType(stack, DOMAIN, /-workstation-/);
    const nics = (n: number): Model =>
        changed(
            stack,
            edit(workstation?.urn ?? "", (p) => {
                (p["networkInterfaces"] as Record<string, unknown>[]).push(
                    ...["br0", "br1"]
                        .slice(0, n)
                        .map((bridge, i) => ({ bridge, mac: `52:54:00:00:00:0${i}` })),
                );
            }),
        );
    const outside = rules.filter((r) => ["PATH-outside", "NT-24"].includes(r.id));
    const first = runRules(outside, nics(1));
    expect(first.length).toBeGreaterThan(1);
    const config = readPolicyConfig(
        {
            acknowledge: first.map((f) => ({
                finding: findingId(f),
                says: f.message,
                reason: "seen by the operator",
                expires: "2999-01-01",
            })),
        },
        rules,
    );
    const open = judgeFindings(runRules(outside, nics(2)), config, "2026-11-22")
        .filter((j) => j.level === "mandatory")
        .map((j) => j.finding.subject);
    expect(open.filter((subject) => subject.includes("nic 2")).length).toBe(first.length);
});
