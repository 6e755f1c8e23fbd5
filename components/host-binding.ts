/**
 * A stack is on one host, the one that it was made on. A URI does not say which that is, a changed one is an
 * update of the provider in place, and what the provider does not find it takes for removed: `destroy` at
 * another host would forget guests that go on running, and say that they are gone.
 */
import * as pulumi from "@pulumi/pulumi";
import { describeProblem } from "../config/error";
import type { StackPlan } from "../plan/plan";
import { anotherHost, type HostIdentity } from "../values/host-identity";
import { cliLine, type DeclareStep, type StepResource } from "./cli-command";
import type { StackContext } from "./context";

/** What a stack's state knows of its host. */
export interface HostBinding {
    /**
     * There once the host was seen to be the one that the stack is on. Everything that is made there depends
     * on it.
     */
    readonly bound: pulumi.Resource;
    /** Checks the host when the stack goes. */
    readonly check: pulumi.Output<string>;
}

/**
 * An error that ends the program in these words: the SDK would put the names of a dozen properties that wait
 * for the value before them.
 */
function refusal(message: string): Error {
    return Object.defineProperty(new pulumi.RunError(message), "message", {
        get: () => message,
        set: () => undefined,
    });
}

/** @throws RunError when what a step was made with is another host */
export function requireSame(uri: string, made: unknown, found: HostIdentity): HostIdentity {
    const problem = anotherHost(typeof made === "string" ? made : "(unknown)", found);
    if (problem !== undefined) {
        throw refusal(
            describeProblem({
                property: "uri",
                value: uri,
                allowed: `the host that this stack was made on; ${problem.what}`,
                fix: problem.fix,
            }),
        );
    }
    return found;
}

/**
 * Bind a stack to a host: the first time to the one that is found, ever after to that one.
 *
 * The first step does nothing; its trigger is kept in the state as it was when the step was made, whatever
 * the program says later, and is known in every preview. The second is the last to go, and looks whether the
 * host is still the same.
 * @param plan the stack's prefix and URI
 * @param found the host that the URI leads to now
 */
export function bindToHost(
    declare: DeclareStep,
    { prefix, uri }: Pick<StackPlan, "prefix" | "uri">,
    found: HostIdentity,
    opts: pulumi.CustomResourceOptions,
): HostBinding {
    const made = declare(
        `${prefix}-host`,
        { create: "true", triggers: [found] },
        { ...opts, ignoreChanges: ["triggers"] },
    );
    const check = made.triggers.apply((triggers) =>
        cliLine("check-host", { uri, host: requireSame(uri, triggers?.[0], found) }),
    );
    return {
        check,
        bound: declare(
            `${prefix}-host-last`,
            { create: "true", delete: check },
            { ...opts, dependsOn: [made] },
        ),
    };
}

/**
 * Declare a guest's guard. It depends on the guest, and so goes first: at another host it fails, and the
 * guest stays in the state with all that it stands on.
 */
export function hostGuard(
    domain: string,
    { host, step }: Pick<StackContext, "host" | "step">,
    opts: pulumi.CustomResourceOptions,
): StepResource {
    return step(`${domain}-host`, { create: "true", delete: host.check }, opts);
}
