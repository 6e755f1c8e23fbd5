/** What a stack did not make itself, or leaves behind, nobody has judged. */
import { modelOfExport, modelOfPreview } from "../../model/adapters";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import type { Model } from "../../model";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { asExport, type FixtureResource } from "./fixtures/resources";

type State = Record<string, unknown> & { urn: string; type: string };
type Step = Record<string, unknown>;

const CONFIG = CONFIGS["one enclave, one Workstation"];
const statesOf = (stack: readonly FixtureResource[]): State[] =>
    (asExport(stack) as { deployment: { resources: State[] } }).deployment.resources;
const exported = (states: readonly State[]): Model =>
    modelOfExport(JSON.stringify({ version: 3, deployment: { resources: states } }), "export.json");
const previewed = (steps: readonly Step[]): Model => {
    const count = (op: unknown): number => steps.filter((s) => s["op"] === op).length;
    return modelOfPreview(
        JSON.stringify({
            steps,
            changeSummary: Object.fromEntries(steps.map((s) => [s["op"], count(s["op"])])),
        }),
        "preview.json",
    );
};
const found = (model: Model): string[] =>
    runRules(
        rules.filter((r) => r.id === "MODEL-01"),
        model,
    ).map((f) => `${findingId(f)} ${f.message}`);
const LIBVIRT = /^libvirt:index\/(network|domain|volume|pool|cloudinitDisk):/;

describe.each([
    ["0.8", goodStack],
    ["0.9", goodStack09],
] as const)("provider %s", (_, make) => {
    it("created: no finding", async () => {
        const states = statesOf(await make(CONFIG, "existing"));
        expect(found(exported(states))).toEqual([]);
        expect(
            found(previewed(states.map((s) => ({ op: "same", urn: s.urn, oldState: s, newState: s })))),
        ).toEqual([]);
    });

    it.each([
        ["external", true, "read"],
        ["importID", "/var/x", "imported"],
    ])("each resource with %s is a finding", async (key, value, how) => {
        const states = statesOf(await make(CONFIG, "existing"));
        const targets = states.filter((s) => LIBVIRT.test(s.type));
        expect(targets.length).toBeGreaterThan(8);
        for (const target of targets) {
            expect(found(exported(states.map((s) => (s === target ? { ...s, [key]: value } : s))))).toEqual([
                expect.stringContaining(`is ${how}, not created`),
            ]);
        }
    });

    it.each([
        ["read", "read"],
        ["import", "imported"],
        ["import-replacement", "imported"],
        ["read-replacement", "read"],
    ])("each resource of a step %s is a finding", async (op, how) => {
        const states = statesOf(await make(CONFIG, "existing"));
        for (const target of states.filter((s) => LIBVIRT.test(s.type))) {
            expect(
                found(
                    previewed(
                        states.map((s) => ({ op: s === target ? op : "same", urn: s.urn, newState: s })),
                    ),
                ),
            ).toEqual([expect.stringContaining(`is ${how}, not created`)]);
        }
    });

    it(
        "a guest that leaves the stack and stays on the host is a finding; one that is destroyed is " +
            "none",
        async () => {
            const states = statesOf(await make(CONFIG, "existing"));
            const [guest] = states.filter((s) => s.type.includes(":Domain"));
            const steps = (retainOnDelete: boolean): Step[] => [
                ...states.map((s) => ({ op: "same", urn: s.urn, oldState: s, newState: s })),
                {
                    op: "delete",
                    urn: `${guest?.urn ?? ""}-router`,
                    oldState: { ...guest, urn: `${guest?.urn ?? ""}-router`, retainOnDelete },
                },
            ];
            expect(found(previewed(steps(false)))).toEqual([]);
            expect(found(previewed(steps(true)))).toEqual([expect.stringContaining("stays on the host")]);
        },
    );
});

it("what another stack says is read, and leads nowhere", async () => {
    const states = statesOf(await goodStack(CONFIG, "existing"));
    expect(
        found(
            exported([
                ...states,
                {
                    urn: "urn:pulumi:test::sallyport::pulumi:pulumi:StackReference::x",
                    type: "pulumi:pulumi:StackReference",
                    custom: true,
                    external: true,
                    id: "x",
                    inputs: {},
                },
            ]),
        ),
    ).toEqual([]);
});
