import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { commandStep } from "../../../components/cli-command";
import { bindToHost, hostGuard, requireSame } from "../../../components/host-binding";

const [A, B] = ["4c4c4544-0042-3510-8052-b4c04f4e3232/system", "0f1e2d3c-4b5a-4968-8777-665544332211/system"];

/** Steps as they get to an engine whose state has this host, with what they do at their end. */
async function declared(made: string): Promise<[string, unknown][]> {
    const steps: [string, unknown][] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, inputs }: MockResourceArgs) => {
                const given = inputs as Record<string, unknown>;
                steps.push([name, given["delete"]]);
                return { id: name, state: name === "cell-host" ? { ...given, triggers: [made] } : given };
            },
            call: () => ({}),
        },
        "sallyport",
        "test",
        false,
    );
    const binding = bindToHost(commandStep, { prefix: "cell", uri: "qemu:///system" }, A, {});
    hostGuard("guest", { host: binding, step: commandStep }, { dependsOn: [binding.bound] });
    await pulumi.runtime.disconnect();
    return steps;
}

test("at the stack's own host, what it stands on and every guest is given the check for its end", async () => {
    const check = `bin/sallyport check-host --uri qemu:///system --host ${A}`;
    expect(await declared(A)).toEqual([
        ["cell-host", undefined],
        ["cell-host-last", check],
        ["guest-host", check],
    ]);
});

test("the error names the property, its value, both hosts and the fix, and is told without a stack trace", () => {
    expect(requireSame("qemu:///system", A, A)).toBe(A);
    const refuse = (): string => requireSame("qemu:///system", A, B);
    expect(refuse).toThrow(pulumi.RunError);
    try {
        refuse();
    } catch (error) {
        // As the SDK does with whatever fails on its way to a property.
        (error as Error).message = `error serializing property "x": ${(error as Error).message}`;
        expect((error as Error).message).toMatch(/^sallyport:uri: /);
    }
    expect.assertions(4);
    expect(refuse).toThrow(
        new RegExp(
            `^sallyport:uri: got "qemu:///system"; allowed: the host that this stack was made on; .*on host ${A}, and this leads to host ${B}; fix: set sallyport:uri`,
        ),
    );
});

test.each([undefined, 7, ["x"], ""])("a state that names no host (%j) is refused", (made) => {
    expect(() => requireSame("qemu:///system", made, B)).toThrow(/fix: /);
});
