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
    readonly gateway: {
        /** libvirt's name of the domain. */
        readonly domain: string;
        /** On the external network. */
        readonly address: string;
        /** What it said when its readiness gate opened; `bin/sallyport plan --live` says what it says now. */
        readonly status: string;
    };
    readonly workstations: readonly {
        /** As in the settings. */
        readonly name: string;
        readonly domain: string;
        /** On the isolated network. */
        readonly address: string;
        /** The command that opens its console. */
        readonly console: string;
    }[];
    /** libvirt's names of the networks. */
    readonly network: { readonly isolated: string; readonly external: string };
}

export interface EnclaveArgs {
    readonly plan: EnclavePlan;
    /** The golden image on the enclave's host. */
    readonly image: BaseImage;
    readonly context: StackContext;
}

/** One identity: isolated network, external network, Gateway, and Workstations once the Gateway is ready. */
export class Enclave extends pulumi.ComponentResource {
    /** Known when every domain of the enclave runs. */
    readonly outputs: pulumi.Output<EnclaveOutputs>;

    constructor(name: string, args: EnclaveArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan, image, context } = args;
        super(componentType("Enclave"), name, { enclave: plan.name }, opts);
        const child = { parent: this };
        const made = (pool: PoolPlan): libvirt.Pool =>
            new libvirt.Pool(
                pool.name,
                { name: pool.name, type: "dir", target: { path: pool.path } },
                poolOptions(this, context),
            );
        const pools = [plan.pool, plan.statusPool].map(made);
        const dataPool = made(plan.dataPool);
        const isolated = new IsolatedNetwork(plan.isolated.name, { plan: plan.isolated, context }, child);
        const external = new ExternalNetwork(plan.external.name, { plan: plan.external, context }, child);
        const gateway = new Gateway(
            plan.gateway.domain,
            { plan, isolated, external, image, pools, dataPool, context },
            child,
        );
        const network = gateway.guard();
        const workstations = plan.workstations.map(
            (w) =>
                new Workstation(
                    w.domain,
                    { enclave: plan, plan: w, network, image, pools, dataPool, context },
                    child,
                ),
        );
        this.outputs = pulumi
            .all([
                gateway.gate.said,
                pulumi.all([gateway.domain.id, ...workstations.map((w) => w.domain.id)]),
            ])
            .apply(([status]) => ({
                gateway: { domain: plan.gateway.domain, address: plan.gateway.outer.address, status },
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
