/** Steps as rules read them and as bin/sallyport itself does. */
import { program } from "../../cli/main";
import { rules } from "../../policy/registry";
import { runRules } from "../../policy/rule";
import { stepOf, wordsOf } from "../../model/steps";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOfChange, type FixtureResource } from "./fixtures/resources";
import { COMMAND, ofType } from "./mutants/mutant";

jest.setTimeout(120_000);

/** What the command line itself makes of a line. */
function asParsed(line: string): {
    readonly options: Record<string, string>;
    readonly rest: readonly string[];
} {
    const [, verb = "", ...words] = wordsOf(line) ?? [];
    const command = program().commands.find((c) => c.name() === verb);
    const { operands, unknown } = command?.parseOptions(words) ?? { operands: [], unknown: words };
    return {
        options: Object.fromEntries(
            Object.entries(command?.opts() ?? {}).map(([name, value]) => [name, String(value)]),
        ),
        rest: [...operands, ...unknown],
    };
}

it("every step of a good stack is read alike, and each verb is there", async () => {
    const stack = await goodStack(CONFIGS["two enclaves, three Workstations"], "existing");
    const lines = ofType(stack, COMMAND)
        .flatMap(({ props }) => [props["create"], props["delete"]])
        .filter((line): line is string => typeof line === "string" && line !== "true");
    const verbs = new Set(
        lines.map((line) => {
            const step = stepOf(line);
            expect({ options: step?.options, rest: [] }).toEqual(asParsed(line));
            return step?.verb;
        }),
    );
    expect([...verbs].sort()).toEqual([
        "check-host",
        "clear-status",
        "clock-offset",
        "define-filter",
        "guest-id",
        "remove-filter",
        "stop-guest",
        "verify-image",
        "wait-ready",
        "wipe",
    ]);
});

it.each([
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v --domain d --volume w",
    "bin/sallyport wipe --uri=qemu:///system --pool p --volume v --domain d",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v --domain d --wait 5",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v --domain d x",
    "bin/sallyport wipe -u qemu:///system --pool p --volume v --domain d",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v --domain",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume $V --domain d",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume v* --domain d",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume ~ --domain d",
    "bin/sallyport wipe --uri qemu:///system --pool p --volume 'v'w --domain d",
])("%s is no step of ours", (line) => {
    expect(stepOf(line)).toBeUndefined();
});

it("what goes with a change is judged by what it runs at its end", async () => {
    const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
    const found = (end: string): string[] => {
        const stray = (props: Record<string, unknown>): FixtureResource => ({
            urn: `urn:pulumi:test::sallyport::${COMMAND}::stray`,
            type: COMMAND,
            name: "stray",
            props,
            dependencies: [],
            propertyDependencies: {},
        });
        const model = modelOfChange(
            [...stack, stray({ create: "true", delete: end })],
            [...stack, stray({ create: "true" })],
            (r) => (r.name === "stray" ? "replace" : "same"),
        );
        return runRules(rules, model).map((f) => f.rule.id);
    };
    expect(found("true")).toEqual([]);
    expect(
        found("bin/sallyport clear-status --uri qemu:///system --pool default --volume production-db.qcow2"),
    ).toEqual(["ACT-01"]);
    expect(found("rm -rf /")).toEqual(["ACT-01"]);
});

describe("a provider whose URI changes in a preview", () => {
    const found = async (uri: string): Promise<string[]> => {
        const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
        return runRules(
            rules,
            modelOfChange(stack, stack, () => "same", uri),
        ).map((f) => `${f.rule.id} ${f.message}`);
    };

    it.each([
        "qemu+unix:///system",
        "qemu:///system?socket=/var/run/libvirt/libvirt-sock",
        "qemu+unix:///system?socket=/run/libvirt/virtqemud-sock",
    ])("to another spelling of its host raises nothing: %s", async (uri) => {
        expect(await found(uri)).toEqual([]);
    });

    it("to one that the configuration refuses is only refused as such", async () => {
        expect(await found("qemu:///system?")).toEqual([expect.stringMatching(/^HS-08 /)]);
    });

    it.each([
        "qemu:///system?socket=/run/far.sock",
        "qemu:///session",
        "qemu+ssh://user@[2001:db8::1]/system",
        "qemu+ssh://user@localhost:2222/system",
        "",
    ])("to another host is refused: %j", async (uri) => {
        expect((await found(uri)).join()).toContain(
            "stays where it was made while its provider sallyport-test is changed",
        );
    });
});
