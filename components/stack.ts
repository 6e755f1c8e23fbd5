/** Declares a whole stack from its plan. */
import * as libvirt from "@pulumi/libvirt";
import type { HostIdentity } from "../values/host-identity";
import type { StackPlan } from "../plan/plan";
import { BaseImage } from "./base-image";
import type { StackContext } from "./context";
import { Enclave, type EnclaveOutputs } from "./enclave";
import { dnsmasqFolderHook } from "./dnsmasq-folder";
import { bindToHost } from "./host-binding";
import type { GoldenImage } from "./image-manifest";
import { leftoverHook } from "./leftovers";
import { poolFolderHook } from "./pool-folder";
import type * as pulumi from "@pulumi/pulumi";

/** Outputs of every enclave by its name. */
export type StackOutputs = Readonly<Record<string, pulumi.Output<EnclaveOutputs>>>;

/** @param found the host that the plan's URI leads to; a stack that was made on another is refused */
export function declareStack(plan: StackPlan, image: GoldenImage, found: HostIdentity): StackOutputs {
    const host = bindToHost(plan.prefix, plan.uri, found);
    const provider = new libvirt.Provider(plan.prefix, { uri: plan.uri }, { dependsOn: [host.bound] });
    const context: StackContext = {
        uri: plan.uri,
        host,
        provider,
        virt: plan.virt,
        wipe: plan.wipe,
        leftovers: leftoverHook(plan.uri),
        dnsmasqFolder: dnsmasqFolderHook(plan.uri),
        poolFolder: poolFolderHook(plan.uri),
    };
    const base = new BaseImage({ plan, image }, context);
    return Object.fromEntries(
        plan.enclaves.map((enclave) => [enclave.name, new Enclave(enclave, base, context).outputs]),
    );
}
