/** One list of accepted URIs: the configuration and HS-08 say the same of every one. */
import fc from "fast-check";
import { ConfigError } from "../../config/error";
import { loadPlan } from "../../plan/load";
import rule from "../../policy/rules/host/libvirt-is-reached-safely";
import { runRules } from "../../policy/rule";
import { modelOfExport } from "../../model/adapters";
import { exportOf, planOf } from "../support/stacks";
import { anyUri } from "./fixtures/configs";

const RUNS = Number(process.env["RUNS"] ?? "500");

const configured = (uri: string): boolean => {
    try {
        loadPlan("sallyport", "test", { uri });
        return true;
    } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return false;
    }
};
const { resources } = exportOf(planOf({})).deployment;
const network = resources.find(({ type }) => type.endsWith(":Network"));
const passes = (uri: string): boolean => {
    const provider = resources.find(({ type }) => type === "pulumi:providers:libvirt");
    const text = JSON.stringify({
        version: 3,
        deployment: { resources: [{ ...provider, inputs: { uri } }, network] },
    });
    return runRules([rule], modelOfExport(text, "export.json")).length === 0;
};

it.each([
    ["qemu:///system", true],
    ["qemu+ssh://user@[2001:db8::1]/system", true],
    ["qemu+tcp://lab.example.test/system", false],
    ["qemu+tls://lab.example.test/system", false],
    ["qemu:///session", false],
    ["qemu+ssh://root@lab/system?knownhosts=/k", false],
    [`qemu:///system?socket=/${"x".repeat(400)}`, false],
    ["qemu:///system?socket=/run/\u00e9", false],
])("%s is accepted by both or by neither: %s", (uri, accepted) => {
    expect([configured(uri), passes(uri)]).toEqual([accepted, accepted]);
});

it("any other as well", () => {
    const kinds = new Set<boolean>();
    fc.assert(
        fc.property(fc.oneof(anyUri, fc.string({ unit: "binary" })), (uri) => {
            kinds.add(configured(uri));
            expect(passes(uri)).toBe(configured(uri));
        }),
        { numRuns: RUNS },
    );
    expect([...kinds].sort()).toEqual([false, true]);
});
