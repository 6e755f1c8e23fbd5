/**
 * Nothing that depends on the gate is created before the Gateway says, on its serial console, that tor has
 * bootstrapped.
 */
import type * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { EnclavePlan } from "../plan/plan";
import { cliLine, runCli, type CliOptions, type StepResource } from "./cli-command";
import type { StackContext } from "./context";
import { STATUS_SUFFIX } from "../libvirt/stylesheet";

/** Name of the status file's volume in the enclave's status pool. */
export const statusVolume = (domain: string): string => `${domain}${STATUS_SUFFIX}`;

const target = (plan: EnclavePlan, context: StackContext): CliOptions => ({
    uri: context.uri,
    pool: plan.statusPool.name,
    volume: statusVolume(plan.gateway.domain),
});

/**
 * Removes the status file when the stack goes. libvirt writes it, so no state knows it, and a pool with a
 * file in it can't be deleted. The Gateway depends on this step: on the way down the file goes after the
 * Gateway, before the pool.
 */
export function statusFileCleanup(
    plan: EnclavePlan,
    context: StackContext,
    opts: pulumi.CustomResourceOptions,
): StepResource {
    return context.step(
        `${plan.prefix}-status-file`,
        { create: "true", delete: cliLine("clear-status", target(plan, context)) },
        opts,
    );
}

/** What stands between a Gateway and its Workstations. */
export interface Gate {
    /** What has to be there first, the step that waits for tor among it. */
    readonly opened: readonly pulumi.Resource[];
    /** Asks the Gateway right before a Workstation is created. */
    readonly ask: pulumi.ResourceHook;
    /** Id of the Gateway's domain: another one is another Gateway. */
    readonly gatewayId: pulumi.Output<string>;
    /** What the Gateway said when the gate opened, in one line. */
    readonly said: pulumi.Output<string>;
}

/**
 * Asks right before each Workstation is created: the step has opened once, for a Gateway that may have been
 * stopped, or have failed, since. Workstations that come at one time share a question.
 */
export function askBeforehand(ask: () => Promise<void>): () => Promise<void> {
    let asking: Promise<void> | undefined;
    return () =>
        (asking ??= ask().finally(() => {
            asking = undefined;
        }));
}

/** The gate of a Gateway. Its step waits for tor, and waits again whenever the Gateway is another one. */
export function gateOf(
    plan: EnclavePlan,
    gateway: libvirt.Domain,
    context: StackContext,
    opts: pulumi.CustomResourceOptions,
): Gate {
    const { domain, readyTimeoutSeconds } = plan.gateway;
    const question: CliOptions = { ...target(plan, context), domain, timeout: readyTimeoutSeconds };
    const step = context.step(
        `${plan.prefix}-ready`,
        { create: cliLine("wait-ready", question), triggers: [gateway.id] },
        opts,
    );
    return {
        opened: [gateway, step],
        ask: new pulumi.ResourceHook(
            `${plan.prefix}-ready`,
            askBeforehand(() => runCli("wait-ready", question)),
        ),
        gatewayId: gateway.id,
        said: step.stdout,
    };
}
