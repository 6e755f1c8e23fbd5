/**
 * One resource by itself, before it is created: what is right in a stack is right alone, and an open seed is
 * refused alone.
 */
import { judgeResource } from "../../policy/helpers/single-resource";
import { rules } from "../../policy/registry";
import { findingId } from "../../policy/rule";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { PROVIDER, copyOf, modelOf, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, NETWORK, NothingToChange, SEED, VOLUME, ofType, type Mutant } from "./mutants/mutant";
import { seedMutants } from "./mutants/seeds/seeds";

jest.setTimeout(300_000);

const alone = (resource: FixtureResource | undefined, judges = rules): string[] =>
    resource === undefined ? [] : judgeResource(judges, modelOf([resource])).map(findingId);
const without = (
    resource: FixtureResource | undefined,
    props: Record<string, unknown>,
): FixtureResource | undefined =>
    resource === undefined ? undefined : { ...resource, props: { ...resource.props, ...props } };

/** Seeds as the mutant leaves them; undefined when the stack lacks what it changes. */
function changedBy(
    stack: readonly FixtureResource[],
    mutant: Mutant,
): readonly FixtureResource[] | undefined {
    try {
        return ofType(
            copyOf(stack, mutant.change).filter((r) => !stack.includes(r)),
            SEED,
        );
    } catch (error) {
        if (error instanceof NothingToChange) {
            return undefined;
        }
        throw error;
    }
}

describe.each([
    ["0.8", goodStack],
    ["0.9", goodStack09],
] as const)("provider %s", (_version, make) => {
    it.each(Object.entries(CONFIGS))("nothing is found in any resource of: %s", async (_title, config) => {
        for (const phase of ["preview", "existing"] as const) {
            expect((await make(config, phase)).flatMap((resource) => alone(resource))).toEqual([]);
        }
    });
});

/**
 * What one seed does not show, by GUEST-01's limits: a private Tor network may have other time sources, or
 * none.
 */
const STACK_ONLY =
    /asks servers for the time that an exit can forge|(?<!late-workstation-ws1-seed: )\/etc\/sallyport\/time\.json left out/;

it("a seed that breaks a rule about seeds is refused before any domain is there", async () => {
    const ofSeeds = new Set(
        rules.filter((rule) => rule.scope === "seed" || rule.localSeed !== undefined).map((rule) => rule.id),
    );
    const tried = new Set<string>();
    const passed: string[] = [];
    const first = await goodStack(CONFIGS["one enclave, one Workstation"], "preview");
    const others = await Promise.all(
        ["a private Tor network, shut until the time is set", "control for one of two", "bridges"].map(
            (title) => goodStack(CONFIGS[title], "preview"),
        ),
    );
    for (const stack of [first, ...others]) {
        for (const mutant of seedMutants(
            stack,
            stack === first ? undefined : { stack: first, only: /./ },
        ).filter((m) => ofSeeds.has(m.rule) && !STACK_ONLY.test(m.title))) {
            const changed = changedBy(stack, mutant);
            if (changed !== undefined) {
                tried.add(`${mutant.rule}: ${mutant.title}`);
                passed.push(
                    ...(changed.some(
                        (seed) =>
                            alone(
                                seed,
                                rules.filter((rule) => rule.id === mutant.rule),
                            ).length > 0,
                    )
                        ? []
                        : [`${mutant.rule}: ${mutant.title}`]),
                );
            }
        }
    }
    expect(tried.size).toBeGreaterThan(500);
    expect([...ofSeeds].filter((id) => ![...tried].some((one) => one.startsWith(`${id}:`)))).toEqual([]);
    expect(passed).toEqual([]);
});

it("an open Gateway's finding has the name that it has in the stack", async () => {
    const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "preview");
    const seed = ofType(stack, SEED, /-gateway-seed$/)[0];
    const open = without(seed, {
        userData: String(seed?.props["userData"]).replace(
            "hook forward priority 0; policy drop;",
            "hook forward priority 0; policy accept;",
        ),
    });
    expect(alone(open)).toContain("FW-01[sallyport-test-default-gateway firewall forward]");
});

it("what one resource shows of a rule about stacks is refused, too", async () => {
    const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "preview");
    const image = ofType(stack, VOLUME, /-image-volume$/)[0];
    const isolated = ofType(stack, NETWORK, /-isolated$/)[0];
    const domain = ofType(stack, DOMAIN)[0];
    expect(alone(without(image, { source: "https://cloud.example.test/debian.qcow2" }))).toEqual([
        `CI-14[${image?.name ?? ""} source]`,
    ]);
    expect(alone(without(image, { xml: undefined }))).toEqual([
        `HS-17[${image?.name ?? ""} target.permissions.mode]`,
    ]);
    expect(alone(without(isolated, { xml: { xslt: "<x/>" } }))).toContain(
        `NT-05[${isolated?.name ?? ""} stylesheet]`,
    );
    expect(alone(without(isolated, { xml: undefined, addresses: ["10.9.9.0/24"] }))).toContain(
        `NT-02[${isolated?.name ?? ""}]`,
    );
    expect(alone(without(domain, { autostart: true }))).toEqual([`LC-02[${domain?.name ?? ""}]`]);
    expect(
        alone(
            isolated === undefined
                ? undefined
                : { ...isolated, provider: `${PROVIDER} at qemu+tcp://192.0.2.1/system` },
        ),
    ).toEqual(["HS-08[qemu+tcp://192.0.2.1/system]"]);
});
