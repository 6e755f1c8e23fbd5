/** Declares a whole stack from its plan. */
import * as libvirt from "@pulumi/libvirt";
import type { StackPlan } from "../topology/plan";
import { BaseImage } from "./base-image";
import type { StackContext } from "./context";
import { Enclave, type EnclaveOutputs } from "./enclave";
import type { GoldenImage } from "./image-manifest";
import { leftoverHook } from "./leftovers";
import type * as pulumi from "@pulumi/pulumi";

/** Outputs of every enclave by its name. */
export type StackOutputs = Readonly<Record<string, pulumi.Output<EnclaveOutputs>>>;

export function declareStack(plan: StackPlan, image: GoldenImage): StackOutputs {
    const provider = new libvirt.Provider(plan.prefix, { uri: plan.uri });
    const context: StackContext = { uri: plan.uri, provider, virt: plan.virt, wipe: plan.wipe, leftovers: leftoverHook(plan.uri) };
    const base = new BaseImage({ plan, image }, context);
    return Object.fromEntries(plan.enclaves.map((enclave) => [enclave.name, new Enclave(enclave, base, context).outputs]));
}
