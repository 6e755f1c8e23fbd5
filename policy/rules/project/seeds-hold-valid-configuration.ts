import { HIDDEN } from "../../../config/error";
import { isAddress, subnetAround } from "../../../values/addresses";
import { addressConflicts } from "../../../plan/conflicts";
import { holds, networkById, networksOf, nicsOf, type Domain, type Model } from "../../../model";
import type { AddressedEnclave } from "../../../plan/addressed";
import { subjectOf, violation, whole } from "../../check";
import { enclavePlanOf } from "../../helpers/guest";
import type { Finding, Rule } from "../../rule";
import { domains } from "../../select";

interface Told {
    readonly gateway: Domain;
    readonly plan: AddressedEnclave;
}

/**
 * Whether a Gateway is on a network that libvirt makes: then the subnet around its outer address is that
 * network's alone.
 */
const isOnNat = (model: Model, gateway: Domain): boolean =>
    nicsOf(gateway)
        .flatMap(networksOf)
        .some((id) => {
            const forward = networkById(model, id)?.forward;
            return (
                forward !== undefined &&
                holds(forward, (mode) => mode === "nat" || mode === "route") === "yes"
            );
        });

/**
 * What the seeds of an enclave say, in the words of a configuration; undefined when there is too little to
 * say it (GUEST-01 objects).
 */
function toldBy(model: Model, gateway: Domain): Told | undefined {
    const plan = enclavePlanOf(model, gateway);
    const outer = plan?.gateway.outer;
    if (
        plan === undefined ||
        outer === undefined ||
        !isAddress(outer.address) ||
        !isAddress(outer.route ?? "")
    ) {
        return undefined;
    }
    const { cidr } = subnetAround(outer.address, outer.prefix);
    const external: AddressedEnclave["external"] = isOnNat(model, gateway)
        ? { mode: "nat", subnet: cidr }
        : { mode: "bridge" };
    return {
        gateway,
        plan: {
            ...plan,
            external,
            workstations: plan.workstations.filter(({ nic }) => isAddress(nic.address)),
        },
    };
}

/** Conflicts among the enclaves of one host. */
function conflicts(enclaves: readonly Told[]): Finding[] {
    return addressConflicts({ enclaves: enclaves.map(({ plan }) => plan) }).flatMap(
        ({ property, value, allowed }): Finding[] => {
            const [, index = "", name = ""] = /^enclaves\[(\d+)\]\.(.*)$/.exec(property) ?? [];
            const gateway = enclaves[Number(index)]?.gateway;
            const found = value === HIDDEN ? "a value that is not shown" : JSON.stringify(value);
            return gateway === undefined
                ? []
                : [
                      violation(
                          `${subjectOf(gateway)} ${name}`,
                          `${name} would be ${found}; allowed: ${allowed}`,
                          whole(gateway),
                      ),
                  ];
        },
    );
}

const rule: Rule = {
    id: "GUEST-02",
    title:
        "What seeds say of addresses, tunnels, proxies, bridges and relays is what a configuration " +
        "may say",
    why:
        "With one address on two sides a packet leaves by the wrong one; a place inside the enclave " +
        "is reached past tor.",
    severity: "high",
    fix: "Set the property that is named to what is allowed (sallyport:enclaves[…]).",
    limits: "The LANs that the host itself is in are not seen.",
    check: (model) => {
        const told = domains(model, "gateway").flatMap((gateway) => toldBy(model, gateway) ?? []);
        return [...new Set(told.map(({ gateway }) => gateway.host))].flatMap((host) =>
            conflicts(told.filter(({ gateway }) => gateway.host === host)),
        );
    },
};

export default rule;
