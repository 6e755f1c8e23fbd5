import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { ExternalNetworkPlan } from "../plan/plan";
import { componentType, libvirtOptions, type StackContext } from "./context";
import { externalInputs } from "../libvirt/network-inputs";

export interface ExternalNetworkArgs {
    readonly plan: ExternalNetworkPlan;
    readonly context: StackContext;
}

/**
 * Where a Gateway's outer NIC goes: a NAT network of this enclave's own, or a bridge that the host already
 * has.
 */
export class ExternalNetwork extends pulumi.ComponentResource {
    /** Private, so that no other network's class can stand in for this one. */
    readonly #external: libvirt.Network;

    constructor(name: string, args: ExternalNetworkArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan, context } = args;
        super(componentType("ExternalNetwork"), name, { mode: plan.mode, bridge: plan.bridge }, opts);
        this.#external = new libvirt.Network(plan.name, externalInputs(plan), {
            ...libvirtOptions(this, context),
            hooks: { beforeCreate: [context.leftovers, context.dnsmasqFolder] },
        });
        this.registerOutputs({ networkName: plan.name });
    }

    get network(): libvirt.Network {
        return this.#external;
    }
}
