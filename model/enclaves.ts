/** Enclaves as the attachments show them, whatever the components call themselves. */
import { memoize } from "../util/memoize";
import type { Attachment, Domain, Nic } from "./domain";
import { possible } from "./fact";
import type { Model } from "./model";
import type { Network } from "./network";

/** A network that a non-Gateway is on, with everyone on it. */
export interface Enclave {
    readonly network: Network;
    readonly members: readonly { readonly domain: Domain; readonly nic: Nic }[];
    readonly gateways: readonly Domain[];
    /** Every member that is not known to be a Gateway. */
    readonly workstations: readonly Domain[];
}

export const isGateway = (domain: Domain): boolean =>
    domain.role.kind === "known" && domain.role.value === "gateway";

/** Networks of the model that a NIC may be on. */
export function networksOf(nic: Nic): readonly string[] {
    return (possible<Attachment>(nic.attachment) ?? []).flatMap((a) =>
        a.to === "network" ? [a.network] : [],
    );
}

/** NICs of a domain; none when the list itself is not known (rules about NIC lists say so). */
export const nicsOf = (domain: Domain): readonly Nic[] =>
    domain.nics.kind === "known" ? domain.nics.value : [];

/** Members of each network. */
export const membersOf = memoize(
    (model: Model): ReadonlyMap<string, readonly { readonly domain: Domain; readonly nic: Nic }[]> => {
        const members = new Map<string, { domain: Domain; nic: Nic }[]>();
        for (const domain of model.domains) {
            for (const nic of nicsOf(domain)) {
                for (const network of networksOf(nic)) {
                    const list = members.get(network);
                    if (list === undefined) {
                        members.set(network, [{ domain, nic }]);
                    } else {
                        list.push({ domain, nic });
                    }
                }
            }
        }
        return members;
    },
);

/** One enclave for each network that has a member which is no Gateway, or that forwards nothing. */
export const enclavesOf = memoize((model: Model): readonly Enclave[] => {
    const all = membersOf(model);
    return model.networks.flatMap((network) => {
        const members = all.get(network.resource.id) ?? [];
        const domains = [...new Set(members.map((m) => m.domain))];
        const workstations = domains.filter((d) => !isGateway(d));
        const isolated = network.forward.kind === "known" && network.forward.value === "isolated";
        return workstations.length > 0 || isolated
            ? [{ network, members, gateways: domains.filter(isGateway), workstations }]
            : [];
    });
});
