/** What every component of a stack shares, and the options that every libvirt resource gets. */
import type * as libvirt from "@pulumi/libvirt";
import type * as pulumi from "@pulumi/pulumi";
import type { VirtPlan } from "../plan/plan";
import type { DeclareStep } from "./cli-command";
import type { HostBinding } from "./host-binding";

/** Where and how a stack's resources are made. */
export interface StackContext {
    /** libvirt connection URI; the readiness gate asks it too. */
    readonly uri: string;
    readonly host: HostBinding;
    /** How the steps of this stack are declared. */
    readonly step: DeclareStep;
    readonly provider: libvirt.Provider;
    readonly virt: VirtPlan;
    /** Whether guests' volumes are overwritten before they are removed. */
    readonly wipe: boolean;
    /** Looks for leftovers of an interrupted `up` before each creation. */
    readonly leftovers: pulumi.ResourceHook;
    /** Sees to libvirt's folder for dnsmasq, before each network and each guest. */
    readonly dnsmasqFolder: pulumi.ResourceHook;
    /** Starts the networks of a guest that are off, before each guest. */
    readonly activeNetworks: pulumi.ResourceHook;
    /** Looks whether the host lets a pool's folder be made, before each pool. */
    readonly poolFolder: pulumi.ResourceHook;
}

/** Pulumi type token of a component of ours. */
export const componentType = (name: string): string => `sallyport:index:${name}`;

/**
 * Options of every libvirt resource. Names are fixed, so the old one must go before the new one comes; and
 * provider
 * 0.8.3 reports success for changes that it does not make, so every change replaces.
 */
export function libvirtOptions(
    parent: pulumi.Resource,
    context: StackContext,
    dependsOn: readonly pulumi.Resource[] = [],
): pulumi.CustomResourceOptions {
    return {
        parent,
        provider: context.provider,
        deleteBeforeReplace: true,
        replaceOnChanges: ["*"],
        dependsOn: [...dependsOn],
        hooks: { beforeCreate: [context.leftovers] },
    };
}

/** Options of a pool. */
export const poolOptions = (
    parent: pulumi.Resource,
    context: StackContext,
): pulumi.CustomResourceOptions => ({
    ...libvirtOptions(parent, context),
    hooks: { beforeCreate: [context.leftovers, context.poolFolder] },
});
