/** What the program declares of settings, through Pulumi's mocks. */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, type MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { declareStack } from "../../components/lab-host";
import { loadPlan } from "../../plan/load";

export const HOST = "4c4c4544-0042-3510-8052-b4c04f4e3232/system";

export interface Declared {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
    /** URN of its parent. */
    readonly parent: string;
    readonly request: {
        dependencies: string[];
        deleteBeforeReplace: boolean;
        replaceOnChanges: string[];
        beforeCreate: string[];
        afterCreate: string[];
        fedBy: Record<string, string[]>;
        ignoreChanges: string[];
        protect: boolean;
    };
}

const register = MockMonitor.prototype.registerResource as (
    this: MockMonitor,
    request: unknown,
    callback: unknown,
) => Promise<void>;

// The mocks of @pulumi/pulumi know no hooks; ours are tested in leftovers.test.ts and read-back.test.ts.
Object.assign(MockMonitor.prototype, {
    registerResourceHook: (_request: unknown, done: (error: null) => void) => done(null),
});

/** The part of the engine's RegisterResourceRequest that is looked at. */
interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getDependenciesList(): string[];
    getDeletebeforereplace(): boolean;
    getProtect(): boolean;
    getReplaceonchangesList(): string[];
    /** A protobuf map of messages. */
    getPropertydependenciesMap(): { toArray(): [string, [string[]]][] };
    getIgnorechangesList(): string[];
    getHooks(): { getBeforeCreateList(): string[]; getAfterCreateList(): string[] } | undefined;
}

export const nameIn = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

export async function declare(
    input: unknown,
    file = "/images/x.qcow2",
    sha256 = "b".repeat(64),
): Promise<Declared[]> {
    const requests = new Map<string, Request>();
    const inputs = new Map<string, Record<string, unknown>>();
    const spy = jest.spyOn(MockMonitor.prototype, "registerResource").mockImplementation(function (
        this: MockMonitor,
        request: Request,
        callback: unknown,
    ) {
        requests.set(`${request.getType()}::${request.getName()}`, request);
        return register.call(this, request, callback);
    });
    await pulumi.runtime.setMocks(
        {
            newResource: (args: MockResourceArgs) => {
                inputs.set(`${args.type}::${args.name}`, args.inputs as Record<string, unknown>);
                // What each step would print; only the one that draws a clock's offset is listened to.
                return {
                    id: `${args.name}-id`,
                    state: {
                        ...(args.inputs as Record<string, unknown>),
                        ...(args.type.startsWith("command:") ? { stdout: "-137" } : {}),
                    },
                };
            },
            call: () => ({}),
        },
        "sallyport",
        "test",
        false,
    );
    const { plan } = loadPlan("sallyport", "test", input);
    const outputs = declareStack({ plan, image: { file, sha256 }, found: HOST });
    await Promise.all(Object.values(outputs).map((o) => new Promise((done) => o.apply(done))));
    await pulumi.runtime.disconnect();
    spy.mockRestore();
    return [...requests].map(([key, request]) => ({
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        inputs: inputs.get(key) ?? {},
        request: {
            dependencies: request.getDependenciesList(),
            deleteBeforeReplace: request.getDeletebeforereplace(),
            protect: request.getProtect(),
            replaceOnChanges: request.getReplaceonchangesList(),
            ignoreChanges: request.getIgnorechangesList(),
            beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
            afterCreate: request.getHooks()?.getAfterCreateList() ?? [],
            fedBy: Object.fromEntries(
                request
                    .getPropertydependenciesMap()
                    .toArray()
                    .map(([property, [urns]]) => [property, urns.map(nameIn).sort()]),
            ),
        },
    }));
}
