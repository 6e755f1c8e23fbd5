/** The provider cuts a guest's power when it removes it: a step before asks it to power off. */
import type * as libvirt from "@pulumi/libvirt";
import type * as pulumi from "@pulumi/pulumi";
import { cliLine, type StepResource } from "./cli-command";
import type { StackContext } from "./context";

/**
 * Declare the step that stops a guest. It depends on the guest, so that on the way down it goes first; and its
 * trigger is the guest's id, for only what takes a property from a replaced resource goes before it. It notes the
 * guest's UUID when it is made: a guest that was lost and made anew under the same name is not the one that it
 * stops. To take the step out of a program would be to run it, under the running guest.
 */
export function gracefulStop(
    domain: string,
    guest: libvirt.Domain,
    context: StackContext,
    opts: pulumi.CustomResourceOptions,
): StepResource {
    const target = { uri: context.uri, domain };
    return context.step(
        `${domain}-stop`,
        { create: cliLine("guest-id", target), delete: cliLine("stop-guest", target), triggers: [guest.id] },
        opts,
    );
}
