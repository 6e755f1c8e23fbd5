/** Guests' volumes are overwritten before they go: the provider only removes them. */
import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { cliLine, cliStep } from "./cli-command";
import type { StackContext } from "./context";

/** A volume that one guest has. */
export interface Disposable {
    readonly domain: string;
    readonly pool: string;
    readonly volume: string;
    /** What disks refer to it by. */
    readonly key: pulumi.Input<string>;
}

/**
 * Declare the step that wipes a volume. The step depends on the volume and the domain on the step, so that on the way
 * down, and when they are replaced, the domain goes first and the volume last. Its key is a trigger, for only what takes
 * a property from a replaced resource goes before it. One step for each volume: one that wiped two would wipe the seed
 * when the overlay alone is replaced.
 *
 * With wiping switched off it is still there and does nothing: to remove it would be to run it, under the running guest.
 */
export function wiping(name: string, { key, ...volume }: Disposable, context: StackContext, opts: pulumi.CustomResourceOptions): command.local.Command {
    const line = cliLine("wipe", { uri: context.uri, ...volume });
    return cliStep(`${name}-wipe`, { create: "true", delete: context.wipe ? line : "true", triggers: [key] }, opts);
}
