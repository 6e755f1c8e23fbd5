import type * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { workstationSeed } from "../cloud-init/seed";
import { CLOCK_WINDOW } from "../values/clock";
import type { EnclavePlan, WorkstationPlan } from "../plan/plan";
import type { BaseImage } from "./base-image";
import { componentType, type StackContext } from "./context";
import { dataOf, lossOf } from "./data-volume";
import { hardenedDomain } from "./domain";
import type { GuardedNetwork } from "./gateway";
import { gracefulStop } from "./graceful-stop";
import { hostGuard } from "./host-binding";

export interface WorkstationArgs {
    readonly enclave: EnclavePlan;
    readonly plan: WorkstationPlan;
    /** Only a Gateway gives one out. */
    readonly network: GuardedNetwork;
    readonly image: BaseImage;
    readonly pools: readonly libvirt.Pool[];
    /** The enclave's pool of volumes that outlive their guests. */
    readonly dataPool: libvirt.Pool;
    readonly context: StackContext;
}

/** A VM with exactly one NIC, on an isolated network that has a Gateway. */
export class Workstation extends pulumi.ComponentResource {
    readonly domain: libvirt.Domain;

    constructor(name: string, args: WorkstationArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { enclave, plan, network, context } = args;
        const declared = { role: "workstation", enclave: enclave.name, ...lossOf(plan.home) };
        super(componentType("Workstation"), name, declared, opts);
        this.domain = hardenedDomain(
            {
                role: "workstation",
                domain: plan.domain,
                memoryMiB: plan.memoryMiB,
                vcpus: plan.vcpus,
                nics: [{ networkName: network.networkName, mac: plan.nic.mac }],
                seed: workstationSeed(enclave, plan),
                // Nothing in it is known outside of everyone's Workstation.
                secret: false,
                pool: enclave.pool,
                statusPool: enclave.statusPool,
                data: dataOf(plan.home, args.dataPool, enclave.dataPool),
                rootGiB: plan.rootGiB,
                image: args.image,
                clockWindowSeconds: enclave.time?.windowSeconds ?? CLOCK_WINDOW.default,
                gate: network.gate,
                cpus: enclave.cpus,
            },
            context,
            this,
            [...args.pools, ...network.gate.opened],
        );
        const stop = gracefulStop(plan.domain, this.domain, context, { parent: this });
        hostGuard(plan.domain, context, { parent: this, dependsOn: [this.domain, stop] });
        // Policies over the whole stack see outputs alone.
        this.registerOutputs({ domain: plan.domain, ...declared });
    }
}
