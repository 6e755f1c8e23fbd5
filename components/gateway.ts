import type * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { hasSecrets } from "../cloud-init/egress";
import { gatewaySeed } from "../cloud-init/seed";
import type { EnclavePlan } from "../plan/plan";
import type { BaseImage } from "./base-image";
import { componentType, type StackContext } from "./context";
import { dataOf, lossOf } from "./data-volume";
import { hardenedDomain } from "./domain";
import type { ExternalNetwork } from "./external-network";
import { gracefulStop } from "./graceful-stop";
import { hostGuard } from "./host-binding";
import type { IsolatedNetwork } from "./isolated-network";
import { gateOf, statusFileCleanup, type Gate } from "./readiness-gate";

export interface GatewayArgs {
    readonly plan: EnclavePlan;
    readonly isolated: IsolatedNetwork;
    readonly external: ExternalNetwork;
    readonly image: BaseImage;
    /** The enclave's pools. */
    readonly pools: readonly libvirt.Pool[];
    /** Its pool of volumes that outlive their guests. */
    readonly dataPool: libvirt.Pool;
    readonly context: StackContext;
}

/**
 * An isolated network that has a Gateway which has been ready. There is no other way to one than
 * `Gateway.guard()`, so a Workstation without a Gateway does not type-check.
 */
export class GuardedNetwork {
    readonly #networkName: string;
    readonly #gate: Gate;

    /** For `Gateway` alone. */
    private constructor(networkName: string, gate: Gate) {
        this.#networkName = networkName;
        this.#gate = gate;
    }

    static behind(gateway: Gateway): GuardedNetwork {
        return new GuardedNetwork(gateway.isolatedName, gateway.gate);
    }

    get networkName(): string {
        return this.#networkName;
    }

    /** What a Workstation waits for. */
    get gate(): Gate {
        return this.#gate;
    }
}

/** The VM that runs tor: exactly two NICs, outer and inner. */
export class Gateway extends pulumi.ComponentResource {
    readonly domain: libvirt.Domain;
    readonly isolatedName: string;
    /**
     * What a Workstation waits for: the filter of its NIC, the Gateway, and the gate, which opens once tor
     * has bootstrapped.
     */
    readonly gate: Gate;

    constructor(name: string, args: GatewayArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan, isolated, external, context } = args;
        const declared = { role: "gateway", enclave: plan.name, ...lossOf(plan.gateway.state) };
        super(componentType("Gateway"), name, declared, opts);
        this.isolatedName = isolated.networkName;
        const statusFile = statusFileCleanup(plan, context, { parent: this, dependsOn: [...args.pools] });
        this.domain = hardenedDomain(
            {
                role: "gateway",
                domain: plan.gateway.domain,
                memoryMiB: plan.gateway.memoryMiB,
                vcpus: plan.gateway.vcpus,
                nics: [
                    {
                        networkName: external.network.name,
                        mac: plan.gateway.outer.mac,
                        bridged: plan.external.mode === "bridge",
                    },
                    { networkName: isolated.network.name, mac: plan.gateway.inner.mac },
                ],
                seed: gatewaySeed(plan),
                secret: hasSecrets(plan),
                pool: plan.pool,
                statusPool: plan.statusPool,
                data: dataOf(plan.gateway.state, args.dataPool, plan.dataPool),
                rootGiB: plan.gateway.rootGiB,
                image: args.image,
                clockWindowSeconds: undefined,
                gate: undefined,
                cpus: plan.cpus,
            },
            context,
            this,
            [...args.pools, statusFile, external.network, isolated.network],
        );
        const gate = gateOf(plan, this.domain, context, {
            parent: this,
            dependsOn: [this.domain, statusFile],
        });
        // The filter, too: where there is no Workstation, nothing else would keep it.
        const stop = gracefulStop(plan.gateway.domain, this.domain, context, { parent: this });
        hostGuard(plan.gateway.domain, context, {
            parent: this,
            dependsOn: [this.domain, stop, isolated.filter],
        });
        // Workstations depend on the Gateway's stop as well: they stop first.
        this.gate = { ...gate, opened: [isolated.filter, stop, ...gate.opened] };
        // Policies over the whole stack see outputs alone.
        this.registerOutputs({ domain: plan.gateway.domain, ...declared });
    }

    /** The network behind this Gateway, for Workstations. */
    guard(): GuardedNetwork {
        return GuardedNetwork.behind(this);
    }
}
