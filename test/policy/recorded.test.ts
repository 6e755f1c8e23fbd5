/**
 * Exports and previews of real stacks, recorded with bin/pulumi, provider 0.8.3 and libvirt 9.0 in the
 * embedded lab (trimmed of stack traces and of the bridge's own bookkeeping, guests' stylesheets in their
 * present text): nothing is found in them, and drifts are.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { modelOfExport, modelOfPreview } from "../../model/adapters";
import type { Model } from "../../model";

jest.setTimeout(300_000);

interface State {
    readonly urn: string;
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, unknown>;
}

const recorded = (name: string): string =>
    gunzipSync(readFileSync(join(__dirname, `../fixtures/recorded-${name}.json.gz`))).toString("utf8");
const found = (model: Model): string[] => runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`);

it.each(["nat", "bridge"])("an export after up and refresh passes: %s", (name) => {
    expect(found(modelOfExport(recorded(name), name))).toEqual([]);
});

it.each([
    ["bridge", "nothing changes, after a refresh"],
    ["network", "a network is replaced, and with it the guests"],
])("a preview passes: %s (%s)", (name) => {
    expect(found(modelOfPreview(recorded(`preview-${name}`), name))).toEqual([]);
});

/** The NAT stack's export with one resource changed as it was recorded after the host had been. */
function drifted(type: RegExp, change: (state: State) => void): string[] {
    const json = JSON.parse(recorded("nat")) as { deployment: { resources: State[] } };
    const state = json.deployment.resources.find((r) => type.test(r.urn));
    if (state === undefined) {
        throw new Error(`no ${type.source}`);
    }
    change(state);
    return found(modelOfExport(JSON.stringify(json), "nat"));
}

it("a NIC that was plugged into the Workstation beside the stack: what its NICs reach is not proved", () => {
    const findings = drifted(/domain:Domain::.*-workstation-ws1$/, ({ outputs }) => {
        outputs["networkInterfaces"] = [
            ...(outputs["networkInterfaces"] as object[]),
            {
                addresses: [],
                bridge: "",
                hostname: "",
                mac: "52:54:00:2F:12:0C",
                macvtap: "",
                networkId: "a59e53ac-aedf-47ba-a2eb-516b4ac2ca20",
                networkName: "sallyport-rec-nat-default-external",
                passthrough: "",
                private: "",
                vepa: "",
                waitForLease: false,
            },
        ];
    });
    expect(findings.join("\n")).toMatch(
        /MODEL-01.*the state says that the host differs: networkInterfaces is 2 of them \(\w{12}\), wanted 1 of them/,
    );
    expect(findings.filter((f) => f.startsWith("PATH-outside"))).not.toEqual([]);
});

it("an isolated network that was made NAT beside the stack: our stylesheet does not wash it", () => {
    const findings = drifted(/network:Network::.*-isolated$/, ({ inputs, outputs }) => {
        inputs["mode"] = "nat";
        Object.assign(outputs, { mode: "nat", addresses: ["0.0.0.0/0"], dhcp: { enabled: true } });
    });
    expect(findings.join("\n")).toMatch(/MODEL-01.*addresses is \["0\.0\.0\.0\/0"\], wanted nothing/);
    expect(findings.filter((f) => f.startsWith("PATH-outside"))).not.toEqual([]);
});

it(
    "what cannot be a component is none: a type that a provider serves, or one that is not named as " +
        "parent",
    () => {
        const json = JSON.parse(recorded("nat")) as { deployment: { resources: object[] } };
        const at = (type: string, name = "y"): { urn: string; type: string } => ({
            urn: `urn:pulumi:rec-nat::sallyport::${type}::${name}`,
            type,
        });
        const having = (...states: object[]): string[] =>
            found(
                modelOfExport(
                    JSON.stringify({ deployment: { resources: [...json.deployment.resources, ...states] } }),
                    "nat",
                ),
            );
        expect(having(at("docker:index/container:Container")).join()).toMatch(/ACT-01/);
        expect(having({ ...at("docker:index:Container"), custom: false }).join()).toMatch(/ACT-01/);
        const below = (parent: string): object => ({
            ...at("random:index/randomId:RandomId", "child"),
            custom: true,
            id: "x",
            parent,
            inputs: {},
            outputs: {},
        });
        const container = at("docker:index/container:Container");
        expect(having({ ...container, custom: false }, below(container.urn)).join()).toMatch(/ACT-01/);
        const group = at("lab:index:Group");
        expect(having({ ...group, custom: false }, below(group.urn))).toEqual([]);
    },
);
