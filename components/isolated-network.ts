import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { IsolatedNetworkPlan } from "../plan/plan";
import type { StepResource } from "./cli-command";
import { componentType, libvirtOptions, type StackContext } from "./context";
import { isolatedInputs } from "../libvirt/network-inputs";
import { workstationFilter } from "./workstation-filter";

export interface IsolatedNetworkArgs {
    readonly plan: IsolatedNetworkPlan;
    readonly context: StackContext;
}

/**
 * A bare bridge: no forwarding, no address, no DHCP, no DNS. Only a Gateway can join it directly; a
 * Workstation needs the `GuardedNetwork` that the Gateway makes of it, and the filter that keeps it off the
 * host's own stack.
 */
export class IsolatedNetwork extends pulumi.ComponentResource {
    /** Plain, so that policies can read where a NIC goes in the first preview already. */
    readonly networkName: string;
    /** Private, so that no other network's class can stand in for this one. */
    readonly #isolated: libvirt.Network;
    /** Defines the filter that Workstations' NICs name. */
    readonly filter: StepResource;

    constructor(name: string, args: IsolatedNetworkArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan, context } = args;
        super(componentType("IsolatedNetwork"), name, { bridge: plan.bridge }, opts);
        this.networkName = plan.name;
        this.#isolated = new libvirt.Network(plan.name, isolatedInputs(plan), {
            ...libvirtOptions(this, context),
            hooks: { beforeCreate: [context.leftovers, context.dnsmasqFolder] },
        });
        this.filter = workstationFilter(plan.name, context, {
            parent: this,
            dependsOn: [context.host.bound],
        });
        this.registerOutputs({ networkName: this.networkName });
    }

    get network(): libvirt.Network {
        return this.#isolated;
    }
}
