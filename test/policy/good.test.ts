/**
 * Good stacks pass: before anything exists, with every id unknown, and after; in the words of either
 * provider.
 */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { copyOf, modelOf } from "./fixtures/resources";
import { asFiles } from "./mutants/devices/disk-files";
import { DOMAIN, NETWORK } from "./mutants/mutant";

type Props = Record<string, unknown>;

jest.setTimeout(120_000);

describe.each([
    ["0.8", goodStack],
    ["0.9", goodStack09],
] as const)("provider %s", (version, make) => {
    describe.each(Object.entries(CONFIGS))("%s", (_title, config) => {
        it.each(["preview", "existing"] as const)("passes: %s", async (phase) => {
            const model = modelOf(await make(config, phase));
            expect(model.domains.length).toBeGreaterThanOrEqual(2);
            expect([...model.domains, ...model.networks].map((r) => r.resource.shape)).toEqual(
                [...model.domains, ...model.networks].map(() => `provider-${version}`),
            );
            expect(runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`)).toEqual([]);
        });
    });
});

it.each(Object.entries(CONFIGS))("provider 0.9 with disks as files passes: %s", async (_title, config) => {
    for (const phase of ["preview", "existing"] as const) {
        const model = modelOf(copyOf(await goodStack09(config, phase), asFiles));
        expect(runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`)).toEqual([]);
    }
});

it("a bridge whose table libvirt keeps floods nothing, with a filter or without", async () => {
    const stack = await goodStack09(CONFIGS["two enclaves, three Workstations"], "existing");
    const found = (change: (network: Props, nic: Props) => void): string[] =>
        runRules(
            rules,
            modelOf(
                copyOf(stack, (copy) =>
                    copy.forEach(({ type, props }) => {
                        const nics =
                            type === DOMAIN ? (props["devices"] as { interfaces: Props[] }).interfaces : [];
                        (type === NETWORK ? [{}] : nics).forEach((nic) =>
                            change(type === NETWORK ? (props["bridge"] as Props) : {}, nic),
                        );
                    }),
                ),
            ),
        )
            .map((f) => f.rule.id)
            .filter((id) => id === "NT-19");
    expect(
        found((_, nic) => {
            Reflect.deleteProperty(nic, "filterRef");
        }),
    ).toEqual(["NT-19", "NT-19"]);
    expect(
        found((bridge, nic) => {
            bridge["macTableManager"] = "libvirt";
            Reflect.deleteProperty(nic, "filterRef");
        }),
    ).toEqual([]);
    expect(
        found((bridge, nic) => {
            bridge["macTableManager"] = "kernel";
            Reflect.deleteProperty(nic, "filterRef");
        }),
    ).toEqual(["NT-19", "NT-19"]);
});
