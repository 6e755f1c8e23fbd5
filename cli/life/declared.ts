/**
 * Whether what libvirt has under a guest's name is what the stack declared: the very domain of the state, by its
 * UUID, and by its definition what the plan says. Nothing else is started.
 */
import { boundIn, checkHost } from "../check-host";
import { domainFindings, UNCONFINED } from "../../model/live-domain";
import { declaredDomains } from "../../model/declared-domain";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { kindOfType } from "../../libvirt/objects";
import { virshAt } from "../../libvirt/client";
import type { Refusal } from "./order";
import type { LifeGuest } from "./selection";

/** UUIDs of the domains of a state by their names. @param exported of `pulumi stack export` */
export function uuidsIn(exported: string): ReadonlyMap<string, string> {
    const state = JSON.parse(exported) as {
        deployment?: {
            resources?: { type?: unknown; id?: unknown; delete?: unknown; outputs?: { name?: unknown } }[];
        };
    };
    return new Map(
        (state.deployment?.resources ?? []).flatMap(
            ({ type, id, outputs, delete: old }): [string, string][] =>
                typeof type === "string" &&
                kindOfType(type) === "domain" &&
                // What is to be deleted after a replacement is no guest of the stack any more.
                old !== true &&
                typeof id === "string" &&
                typeof outputs?.name === "string"
                    ? [[outputs.name, id]]
                    : [],
        ),
    );
}

/** A guest's definition, as libvirt would start it. */
export interface Defined {
    readonly guest: LifeGuest;
    readonly uuid: string;
    readonly xml: string;
}

/** Why a definition is not started. Pure. */
export function strange(
    plan: StackPlan,
    enclave: EnclavePlan,
    { guest, uuid, xml }: Defined,
    uuids: ReadonlyMap<string, string>,
): Refusal[] {
    const refusal = (what: string, fix: string): Refusal[] => [{ title: guest.name, what, fix }];
    const known = uuids.get(guest.domain);
    if (known === undefined) {
        return refusal(
            `domain ${guest.domain} is not in the stack's state`,
            "bin/pulumi up, or bin/sallyport orphans",
        );
    }
    if (known !== uuid) {
        return refusal(
            `domain ${guest.domain} has the UUID ${uuid}; the stack made the one with ${known}`,
            "bin/pulumi refresh, then bin/pulumi up makes it anew",
        );
    }
    const declared = declaredDomains(plan, enclave).find(({ domain }) => domain === guest.domain);
    // Only a running guest has the labels of its confinement.
    const [first, ...more] =
        declared === undefined ? ["no such guest is planned"] : domainFindings(xml, declared, UNCONFINED);
    return first === undefined
        ? []
        : refusal(
              `its definition is not what the settings say: ${first}${more.length === 0 ? "" : `, and ${more.length} more`}`,
              "bin/pulumi up if the settings have changed; bin/sallyport plan --live shows what is else",
          );
}

/** @throws Finding or CliError when the plan's URI leads to another host than the state is bound to */
export async function requireHost(plan: StackPlan, exported: string): Promise<void> {
    const hosts = new Set(boundIn(exported).map(({ host }) => host));
    for (const host of hosts) {
        await checkHost(virshAt(plan.uri), { uri: plan.uri, host });
    }
}
