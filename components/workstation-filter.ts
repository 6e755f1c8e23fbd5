/**
 * libvirt's filter for Workstations' NICs. Provider 0.8 has no resource for it, so a step defines it through
 * libvirt.
 */
import type * as pulumi from "@pulumi/pulumi";
import { WORKSTATION_FILTER_DIGEST } from "../libvirt/workstation-filter";
import { cliLine, type StepResource } from "./cli-command";
import type { StackContext } from "./context";

/**
 * Declare the filter of an isolated network, under the network's own name: the stylesheet of a Workstation
 * makes its NIC name the filter that is called like its network. Other rules are another command line, which
 * runs again and replaces them under the running guests.
 */
export function workstationFilter(
    name: string,
    context: StackContext,
    opts: pulumi.CustomResourceOptions,
): StepResource {
    const target = { uri: context.uri, name };
    return context.step(
        `${name}-filter`,
        {
            create: cliLine("define-filter", { ...target, rules: WORKSTATION_FILTER_DIGEST }),
            delete: cliLine("remove-filter", target),
        },
        opts,
    );
}
