import { NIC } from "../../../cloud-init/guest";
import { INNER_GATEWAY, innerMac } from "../../../values/addresses";
import { holds, isGateway, nicsOf, type Domain, type Model, type SeedNic } from "../../../model";
import { subjectOf, violation } from "../../check";
import { egressKind } from "../../helpers/egress";
import { eachNetworkConfig } from "../../helpers/seed";
import type { Finding, Rule } from "../../rule";
import { onIsolated } from "../../select";

/** Whether the NIC that a Gateway's seed gives the default route surely leads outside. */
type Outward = (domain: Domain, nic: SeedNic) => boolean;

/** As the domain's NIC with this MAC is attached. */
const attached =
    (model: Model): Outward =>
    (domain, { mac }) =>
        nicsOf(domain).some(
            (nic) =>
                mac !== undefined &&
                holds(nic.mac, (m) => m === mac) === "yes" &&
                onIsolated(model, nic) === "no",
        );

/** As far as a seed alone tells. */
const named: Outward = (_domain, { name, mac }) => name === NIC.outer && mac !== innerMac(INNER_GATEWAY);

const configs = (model: Model, outward: Outward): Finding[] =>
    eachNetworkConfig(model, "all", (nics, domain, at, content) => {
        const wrong = (what: string, message: string): Finding =>
            violation(`${subjectOf(domain)} ${what}`, message, at);
        const network = content.network.kind === "known" ? content.network.value : undefined;
        // A tunnel has the default route; beside it the outer NIC leads to the tunnel's peer alone.
        const { tunnel } = egressKind(content);
        const wanted = tunnel === undefined ? ["0.0.0.0/0", "default"] : [`${tunnel.endpoint.address}/32`];
        const routed = nics.filter((nic) => nic.routes.length > 0);
        return [
            ...(network?.version === 2 && network.otherKeys.length === 0
                ? []
                : [
                      wrong(
                          "network-config",
                          `version ${network?.version ?? "unknown"} with ` +
                              `${network?.otherKeys.join(", ") ?? ""}; version 2 with ethernets ` +
                              "alone is read",
                      ),
                  ]),
            ...nics.flatMap((nic) => [
                ...(nic.mac === undefined ? [wrong(nic.name, "it is not found by its MAC")] : []),
                ...(nic.dhcp4 || nic.dhcp6 ? [wrong(nic.name, "DHCP is on")] : []),
                ...(nic.acceptRa === false ? [] : [wrong(nic.name, "accept-ra is not false")]),
                ...(nic.nameservers.length === 0
                    ? []
                    : [wrong(nic.name, `resolvers ${nic.nameservers.join(", ")}`)]),
                ...(nic.otherKeys.length === 0
                    ? []
                    : [wrong(nic.name, `${nic.otherKeys.join(", ")} is not read`)]),
                ...(nic.addresses.length === 1
                    ? []
                    : [wrong(nic.name, `${nic.addresses.length} addresses; one is needed`)]),
            ]),
            ...(routed.length === 1 &&
            routed[0]?.routes.length === 1 &&
            wanted.includes(routed[0].routes[0]?.to ?? "")
                ? []
                : [
                      wrong(
                          "routes",
                          `${routed.length} NICs have routes; one route to ${wanted[0]} is needed`,
                      ),
                  ]),
            ...routed
                .filter((nic) =>
                    isGateway(domain)
                        ? !outward(domain, nic)
                        : nic.routes.some((r) => r.via !== INNER_GATEWAY),
                )
                .map((nic) =>
                    wrong(
                        `${nic.name} route`,
                        isGateway(domain)
                            ? "the default route is not on the external network's NIC"
                            : `the default route is not ${INNER_GATEWAY}`,
                    ),
                ),
        ];
    });

const rule: Rule = {
    id: "CI-04",
    title:
        "Every NIC is configured by its MAC with fixed addresses, and the default route leads where " +
        "it should",
    why: "Automatic configuration believes the first answer; a second default route is a path past tor.",
    severity: "critical",
    fix: "Leave network-config to this project.",
    limits:
        "Before creation a Gateway's outer NIC is known by its name alone: which network it is on " +
        "only the stack shows.",
    localSeed: (model) => configs(model, named),
    check: (model) => configs(model, attached(model)),
};

export default rule;
