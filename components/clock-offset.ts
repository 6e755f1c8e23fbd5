/** A random number in Pulumi's state: by how many seconds a Workstation's clock is off. */
import type * as pulumi from "@pulumi/pulumi";
import { CLOCK_PREFIX, clockOffsetOf } from "../values/clock";
import { cliLine, type DeclareStep } from "./cli-command";

/**
 * The description for an offset as a step has printed it.
 * @throws RangeError for anything but a whole number within the window
 */
export function describeOffset(domain: string, windowSeconds: number, text: string): string {
    const description = `${CLOCK_PREFIX}${text}`;
    const offset = clockOffsetOf(description);
    if (offset === undefined || Math.abs(offset) > windowSeconds) {
        const allowed = `a whole number from -${windowSeconds} to ${windowSeconds} is allowed`;
        throw new RangeError(
            `${domain}: the clock's offset is ${JSON.stringify(text)}; ${allowed}; fix: pulumi state delete the step ${domain}-clock, and pulumi up`,
        );
    }
    return description;
}

/**
 * The description that carries the offset. Drawn when the Workstation is made, kept as long as it is the same
 * one.
 *
 * It also ties the Workstation to its Gateway: the engine deletes whatever takes a property, however
 * indirectly, from a resource that is replaced, before it deletes that one. A mere `dependsOn` would leave
 * the Workstation running.
 * @param generation what makes it another Workstation: its disk, its Gateway
 */
export function clockOffset(
    declare: DeclareStep,
    domain: string,
    windowSeconds: number,
    generation: readonly pulumi.Input<string>[],
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const step = declare(
        `${domain}-clock`,
        {
            create: cliLine("clock-offset", { window: windowSeconds }),
            triggers: [String(windowSeconds), ...generation],
        },
        opts,
    );
    return step.stdout.apply((text) => describeOffset(domain, windowSeconds, text));
}
