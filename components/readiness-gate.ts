/** Nothing that depends on the gate is created before the Gateway says, on its serial console, that tor has bootstrapped. */
import type * as command from "@pulumi/command";
import type * as libvirt from "@pulumi/libvirt";
import type * as pulumi from "@pulumi/pulumi";
import type { EnclavePlan } from "../topology/plan";
import { cliLine, cliStep } from "./cli-command";
import type { StackContext } from "./context";
import { STATUS_SUFFIX } from "./stylesheet";

/** Name of the status file's volume in the enclave's status pool. */
export const statusVolume = (domain: string): string => `${domain}${STATUS_SUFFIX}`;

const target = (plan: EnclavePlan, context: StackContext): Record<string, string> => ({
    uri: context.uri,
    pool: plan.statusPool.name,
    volume: statusVolume(plan.gateway.domain),
});

/**
 * Removes the status file when the stack goes. libvirt writes it, so no state knows it, and a pool with a file in it
 * can't be deleted. The Gateway depends on this step: on the way down the file goes after the Gateway, before the pool.
 */
export function statusJanitor(plan: EnclavePlan, context: StackContext, opts: pulumi.CustomResourceOptions): command.local.Command {
    return cliStep(`${plan.prefix}-status-file`, { create: "true", delete: cliLine("clear-status", target(plan, context)) }, opts);
}

/** Waits for the Gateway; asked again whenever the Gateway is another one. */
export function readinessGate(
    plan: EnclavePlan, gateway: libvirt.Domain, context: StackContext, opts: pulumi.CustomResourceOptions,
): command.local.Command {
    const { domain, readyTimeoutSeconds } = plan.gateway;
    return cliStep(
        `${plan.prefix}-ready`,
        { create: cliLine("wait-ready", { ...target(plan, context), domain, timeout: readyTimeoutSeconds }), triggers: [gateway.id] },
        opts,
    );
}
