/**
 * The volume that outlives its guest: a Gateway's tor data, a Workstation's home. Nothing that replaces the
 * guest reaches it: it depends on its pool alone, its name and its inputs on no seed, image or size.
 */
import * as libvirt from "@pulumi/libvirt";
import type * as pulumi from "@pulumi/pulumi";
import { DATA_VOLUME_STYLESHEET } from "../libvirt/stylesheet";
import type { DataVolumePlan, PoolPlan } from "../plan/plan";
import type { StepResource } from "./cli-command";
import { libvirtOptions, type StackContext } from "./context";
import { wiping } from "./wiping";

/** A guest's volume and where it is. */
export interface GuestData {
    readonly plan: DataVolumePlan;
    readonly pool: libvirt.Pool;
    /** The same pool as planned. */
    readonly at: PoolPlan;
}

/** Undefined for a guest without such a volume. */
export const dataOf = (
    plan: DataVolumePlan | undefined,
    pool: libvirt.Pool,
    at: PoolPlan,
): GuestData | undefined => (plan === undefined ? undefined : { plan, pool, at });

/** What a component says of its guest's volume, for rules: nothing, or that the settings let it go (LC-09). */
export const lossOf = (plan: DataVolumePlan | undefined): { readonly allowDataLoss?: true } =>
    plan?.mayBeLost === true ? { allowDataLoss: true } : {};

interface DataVolume {
    readonly volume: libvirt.Volume;
    readonly wiping: StepResource;
}

/**
 * Declare the volume and the step that wipes it. Both are protected unless the settings allow that they go:
 * to take the step away would be to run it. A size in the settings is for a new volume: a change of it would
 * delete this one.
 */
export function dataVolume(
    domain: string,
    { plan, pool, at }: GuestData,
    context: StackContext,
    parent: pulumi.Resource,
): DataVolume {
    const protect = plan.mayBeLost !== true;
    const volume = new libvirt.Volume(
        plan.volume,
        {
            name: plan.volume,
            // Of the pool itself: one that is moved would take the volume along, and that is refused.
            pool: pool.name,
            format: "raw",
            size: plan.sizeMiB * 2 ** 20,
            xml: { xslt: DATA_VOLUME_STYLESHEET },
        },
        { ...libvirtOptions(parent, context, [pool]), protect, ignoreChanges: ["size"] },
    );
    return {
        volume,
        wiping: wiping(plan.volume, { domain, pool: at.name, volume: volume.name, key: volume.id }, context, {
            parent,
            protect,
        }),
    };
}
