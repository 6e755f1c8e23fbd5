/** A lab host with all that a stack has there: the public component, and the resources of it. */
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { StackPlan } from "../plan/plan";
import type { HostIdentity } from "../values/host-identity";
import { requireHost } from "../libvirt/host-ready";
import { requireTools } from "../libvirt/preflight";
import { requireLibvirt } from "../libvirt/probe";
import { requireOneRoute } from "../libvirt/ssh-route";
import { activeNetworksHook } from "./active-networks";
import { BaseImage } from "./base-image";
import { commandStep, type DeclareStep } from "./cli-command";
import { componentType, type StackContext } from "./context";
import { dnsmasqFolderHook } from "./dnsmasq-folder";
import { Enclave, type EnclaveOutputs } from "./enclave";
import { bindToHost } from "./host-binding";
import type { GoldenImage } from "./image-manifest";
import { leftoverHook } from "./leftovers";
import { poolFolderHook } from "./pool-folder";

export interface LabHostArgs {
    /** What there shall be: `loadPlan` makes it of settings. */
    readonly plan: StackPlan;
    /** The golden image on the machine that runs Pulumi: `findImage`. */
    readonly image: GoldenImage;
    /** The host that the plan's URI leads to: `findHost`. A stack that was made on another is refused. */
    readonly found: HostIdentity;
    /** How steps are declared; default: as commands that run in this project's folder. */
    readonly step?: DeclareStep;
}

/** Outputs of every enclave by its name. */
export type StackOutputs = Readonly<Record<string, pulumi.Output<EnclaveOutputs>>>;

/**
 * Ask the host of a plan whether everything of this stack can be made there.
 * @param warn told what works, but not as it should
 * @throws ConfigError, CliError with what is missing and the fix
 */
export function findHost(plan: StackPlan, warn: (text: string) => void): HostIdentity {
    const { uri } = plan;
    requireTools();
    requireOneRoute(uri);
    const found = requireLibvirt(uri);
    requireHost(plan).forEach(warn);
    return found;
}

/**
 * Declare what a stack has on its host.
 * @param parent of the resources that have no component of their own. This project's own program has none:
 * it is part of the URNs that stacks' states hold
 */
export function declareStack(args: LabHostArgs, parent?: pulumi.Resource): StackOutputs {
    const { plan, image, found, step = commandStep } = args;
    const below = parent === undefined ? {} : { parent };
    const host = bindToHost(step, plan, found, below);
    const provider = new libvirt.Provider(
        plan.prefix,
        { uri: plan.uri },
        { ...below, dependsOn: [host.bound] },
    );
    const context: StackContext = {
        uri: plan.uri,
        host,
        step,
        provider,
        virt: plan.virt,
        wipe: plan.wipe,
        leftovers: leftoverHook(plan.prefix, plan.uri),
        dnsmasqFolder: dnsmasqFolderHook(plan.prefix, plan.uri),
        activeNetworks: activeNetworksHook(plan.prefix, plan.uri),
        poolFolder: poolFolderHook(plan.prefix, plan.uri),
    };
    const base = new BaseImage(`${plan.prefix}-image`, { plan, image, context }, below);
    return Object.fromEntries(
        plan.enclaves.map((enclave) => [
            enclave.name,
            new Enclave(enclave.prefix, { plan: enclave, image: base, context }, below).outputs,
        ]),
    );
}

/**
 * A lab host: golden image, host binding and enclaves in one component. What stands on a Gateway has to be in
 * its component: the engine stops Workstations before their Gateway is replaced only there.
 */
export class LabHost extends pulumi.ComponentResource {
    /** Guests, addresses, consoles and the Gateway's status, by the enclave's name. */
    readonly enclaves: pulumi.Output<Readonly<Record<string, EnclaveOutputs>>>;

    constructor(name: string, args: LabHostArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan } = args;
        super(
            componentType("LabHost"),
            name,
            // Sorted: the order of the settings is no input.
            { uri: plan.uri, enclaves: plan.enclaves.map((enclave) => enclave.name).sort() },
            opts,
        );
        this.enclaves = pulumi.output(declareStack(args, this));
        this.registerOutputs({ enclaves: this.enclaves });
    }
}
