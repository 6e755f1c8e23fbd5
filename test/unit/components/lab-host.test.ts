/** What the program declares has the URNs that stacks' states hold; what the component declares is below it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { declareStack, LabHost, type LabHostArgs } from "../../../components/lab-host";
import { packageStep } from "../../../package/step";
import { loadPlan } from "../../../plan/load";

jest.setTimeout(60_000);

/** The part of the engine's RegisterResourceRequest that is looked at. */
interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getVersion(): string;
}
type Register = (this: MockMonitor, request: Request, callback: Answer) => Promise<void>;
type Answer = (error: unknown, response: { getUrn(): string }) => void;

interface Declared {
    /** `TYPE$TYPE::NAME`, with the types of all parents. */
    readonly qualified: string;
    readonly version: string;
}

/** All that a program registers, and the names of its hooks. */
async function declared(
    stack: string,
    program: () => unknown,
): Promise<{ readonly resources: readonly Declared[]; readonly hooks: readonly string[] }> {
    const resources: Declared[] = [];
    const hooks: string[] = [];
    const chains = new Map<string, string>();
    const register = MockMonitor.prototype.registerResource as unknown as Register;
    const spy = jest.spyOn(MockMonitor.prototype, "registerResource").mockImplementation(function (
        this: MockMonitor,
        request: Request,
        callback: Answer,
    ) {
        return register.call(this, request, (error, response) => {
            const above = chains.get(request.getParent());
            const chain = above === undefined ? request.getType() : `${above}$${request.getType()}`;
            if (request.getType() !== "pulumi:pulumi:Stack") {
                chains.set(response.getUrn(), chain);
            }
            resources.push({ qualified: `${chain}::${request.getName()}`, version: request.getVersion() });
            callback(error, response);
        });
    } as Register as never);
    Object.assign(MockMonitor.prototype, {
        registerResourceHook: (request: { getName(): string }, done: (error: null) => void) => {
            hooks.push(request.getName());
            done(null);
        },
    });
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, type, inputs }) => ({
                id: `${name}-id`,
                state: { ...(inputs as object), ...(/Command|Step/.test(type) ? { stdout: "-137" } : {}) },
            }),
            call: () => ({}),
        },
        "sallyport",
        stack,
        false,
    );
    await pulumi.runtime.runInPulumiStack(async () => {
        program();
    });
    await pulumi.runtime.disconnect();
    spy.mockRestore();
    return { resources, hooks };
}

const argsOf = (stack: string, settings: unknown): LabHostArgs => ({
    plan: loadPlan("sallyport", stack, settings).plan,
    image: { file: "/images/x.qcow2", sha256: "b".repeat(64) },
    found: "4c4c4544-0042-3510-8052-b4c04f4e3232/system",
});

/** What was added since: a step is made beside what a state has, and replaces nothing of it. */
const since = (urn: string): string[] =>
    /libvirt:index\/domain:Domain::/.test(urn)
        ? [urn, `${urn.replace("libvirt:index/domain:Domain", "command:local:Command")}-stop`]
        : [urn];

const recorded = (name: string): string[] => {
    const { deployment } = JSON.parse(
        gunzipSync(readFileSync(join(__dirname, `../../fixtures/recorded-${name}.json.gz`))).toString(),
    ) as { deployment: { resources: { urn: string }[] } };
    return (
        deployment.resources
            .map(({ urn }) => urn.split("::").slice(2).join("::"))
            // The engine's own.
            .filter((urn) => !/^pulumi:(pulumi:Stack|providers:command)/.test(urn))
            .flatMap(since)
            .sort()
    );
};

/** What came since the recordings: volumes that outlive their guests, their pool, and what wipes them. */
const isNew = (urn: string): boolean => /-(data|(state|home)(-wipe)?)$/.test(urn);

const LAN = {
    enclaves: [
        {
            name: "lan",
            external: { mode: "bridge", bridge: "br0", address: "192.0.2.7/24", route: "192.0.2.1" },
        },
    ],
};

it.each([
    ["nat", {}],
    ["bridge", LAN],
])(
    "this project's program declares the very URNs of a recorded state, so nothing is replaced: %s",
    async (name, settings) => {
        const { resources } = await declared(`rec-${name}`, () =>
            declareStack(argsOf(`rec-${name}`, settings)),
        );
        const urns = resources.map((r) => r.qualified).filter((urn) => !urn.startsWith("pulumi:pulumi:"));
        expect(urns.filter((urn) => !isNew(urn)).sort()).toEqual(recorded(name));
        expect(urns.filter(isNew)).toHaveLength(5);
    },
);

it("a LabHost declares the same below itself, with steps of the package's own version", async () => {
    const { resources, hooks } = await declared(
        "rec-nat",
        () => new LabHost("lab", { ...argsOf("rec-nat", {}), step: packageStep }),
    );
    const [stack, host, ...below] = resources.map((r) => r.qualified);
    expect([stack, host]).toEqual([
        expect.stringContaining("pulumi:pulumi:Stack"),
        "sallyport:index:LabHost::lab",
    ]);
    expect(below.filter((urn) => !isNew(urn)).sort()).toEqual(
        recorded("nat")
            .map(
                (urn) =>
                    `sallyport:index:LabHost$${urn.replace("command:local:Command", "sallyport:index:Step")}`,
            )
            .sort(),
    );
    const steps = resources.filter((r) => r.qualified.includes("sallyport:index:Step::"));
    expect([...new Set(steps.map((r) => r.version))]).toEqual(["0.1.0"]);
    // The engine knows a hook by its name, whichever stack component or package registers it.
    expect(hooks.filter((name) => !name.startsWith("sallyport-rec-nat-"))).toEqual([]);
    expect(new Set(hooks).size).toBe(hooks.length);
});
