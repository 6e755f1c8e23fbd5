/**
 * Stacks of programs in other folders, which use this project as a package: its steps are resources of the
 * package. Made of a recorded export.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { modelOfExport } from "../../model/adapters";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";

jest.setTimeout(300_000);

interface State {
    readonly urn: string;
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, unknown>;
}

const RECORDED = gunzipSync(readFileSync(join(__dirname, "../fixtures/recorded-nat.json.gz")))
    .toString("utf8")
    .replaceAll("command:local:Command", "sallyport:index:Step")
    .replaceAll("pulumi:providers:command::default_1_2_1", "pulumi:providers:sallyport::default_0_1_0")
    .replaceAll("pulumi:providers:command", "pulumi:providers:sallyport");

/** Findings of the export with one resource changed. */
function found(which = /providers:sallyport/, change: (state: State) => void = () => undefined): string[] {
    const json = JSON.parse(RECORDED) as { deployment: { resources: State[] } };
    const states = json.deployment.resources;
    for (const state of states) {
        if (state.type === "pulumi:providers:sallyport") {
            // As the engine keeps a package of a folder.
            Object.assign(state, {
                inputs: { __internal: {}, version: "0.1.0" },
                outputs: { version: "0.1.0" },
            });
        }
        if (state.type === "sallyport:index:Step") {
            for (const name of ["logging", "addPreviousOutputInEnv"]) {
                Reflect.deleteProperty(state.inputs, name);
                Reflect.deleteProperty(state.outputs, name);
            }
        }
    }
    const state = states.find((s) => which.test(s.urn));
    if (state === undefined) {
        throw new Error(`no ${which.source}`);
    }
    change(state);
    return runRules(rules, modelOfExport(JSON.stringify(json), "package")).map(
        (f) => `${findingId(f)} ${f.message}`,
    );
}

it("passes: a package in a folder, and its steps", () => {
    expect(found()).toEqual([]);
});

it("the package from a git address is found, by a digest of it: it is an unknown program", () => {
    const findings = found(/providers:sallyport/, ({ inputs }) => {
        inputs["__internal"] = { pluginDownloadURL: "git://git.example/team/sallyport" };
    });
    expect(findings[0]).toMatch(/^ACT-01\[default_0_1_0 type\].*not on the list \(digest [0-9a-f]+\)/);
    expect(findings.filter((f) => !f.startsWith("ACT-01[default_0_1_0 "))).toEqual([]);
});

it.each([
    "bin/sallyport demo",
    "rm -rf /",
    "bin/sallyport wipe --uri qemu:///system --pool a --volume b --domain c",
])("a step of the package that runs something else is found: %s", (line) => {
    const findings = found(/Step::.*-ready$/, ({ inputs, outputs }) => {
        inputs["create"] = line;
        outputs["create"] = line;
    });
    expect(findings.some((f) => f.startsWith("ACT-01["))).toBe(true);
});

it("a resource of the package's that is no step is found", () => {
    const findings = found(/Step::.*-host-last$/, (state) => {
        Object.assign(state, {
            type: "sallyport:index:Other",
            urn: state.urn.replace("sallyport:index:Step", "sallyport:index:Other"),
        });
    });
    expect(findings.some((f) => /^ACT-01\[.*sallyport:index:Other is not on the list/.test(f))).toBe(true);
});
