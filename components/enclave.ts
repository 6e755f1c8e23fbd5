import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { EnclavePlan, PoolPlan } from "../plan/plan";
import type { BaseImage } from "./base-image";
import { componentType, poolOptions, type StackContext } from "./context";
import { ExternalNetwork } from "./external-network";
import { Gateway } from "./gateway";
import { IsolatedNetwork } from "./isolated-network";
import { Workstation } from "./workstation";

/** What a stack says about an enclave once it stands. */
export interface EnclaveOutputs {
    readonly gateway: { readonly domain: string; readonly address: string };
    readonly workstations: readonly {
        readonly name: string;
        readonly domain: string;
        readonly address: string;
        readonly console: string;
    }[];
    readonly network: { readonly isolated: string; readonly external: string };
}

/** One identity: isolated network, external network, Gateway, and Workstations once the Gateway is ready. */
export class Enclave extends pulumi.ComponentResource {
    /** Known when every domain of the enclave runs. */
    readonly outputs: pulumi.Output<EnclaveOutputs>;

    constructor(
        plan: EnclavePlan,
        image: BaseImage,
        context: StackContext,
        opts: pulumi.ComponentResourceOptions = {},
    ) {
        super(componentType("Enclave"), plan.prefix, { enclave: plan.name }, opts);
        const child = { parent: this };
        const pools = [plan.pool, plan.statusPool].map(
            (pool: PoolPlan) =>
                new libvirt.Pool(
                    pool.name,
                    { name: pool.name, type: "dir", target: { path: pool.path } },
                    poolOptions(this, context),
                ),
        );
        const isolated = new IsolatedNetwork(plan.isolated, context, child);
        const external = new ExternalNetwork(plan.external, context, child);
        const gateway = new Gateway({ plan, isolated, external, image, pools }, context, child);
        const network = gateway.guard();
        const workstations = plan.workstations.map(
            (w) => new Workstation({ enclave: plan, plan: w, network, image, pools }, context, child),
        );
        this.outputs = pulumi
            .all([gateway.domain.id, ...workstations.map((w) => w.domain.id)])
            .apply(() => ({
                gateway: { domain: plan.gateway.domain, address: plan.gateway.outer.address },
                workstations: plan.workstations.map((w) => ({
                    name: w.name,
                    domain: w.domain,
                    address: w.nic.address,
                    console: `virsh -c '${context.uri}' console ${w.domain}`,
                })),
                network: { isolated: plan.isolated.name, external: plan.external.name },
            }));
        this.registerOutputs({ outputs: this.outputs });
    }
}
