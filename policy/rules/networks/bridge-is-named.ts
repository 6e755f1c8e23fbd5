import { HOST_BRIDGE_FORM, OWN_BRIDGE_FORM, isHostBridge, isOwnBridge } from "../../../values/bridges";
import { holds, possible } from "../../../model";
import { must, subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "NT-21",
    title: "Every network names its bridge, in at most 15 characters, and no other network's",
    why:
        "Without a name libvirt takes the next virbrN, which the host's rules may already open. Two " +
        "networks on one bridge are one network.",
    severity: "high",
    fix:
        "Set bridge to a name of its own, of 1 to 15 characters, that does not begin with virbr, " +
        "docker or br-. For a bridge of the host, name its LAN's bridge, in one network only.",
    limits:
        "Whether the host has a bridge of that name already shows only when libvirt makes it. What " +
        "is behind a bridge of the host is not seen.",
    check: (model) => {
        const owners = new Map<string, string>();
        return model.networks.flatMap((network) => {
            const hosts = holds(network.forward, (mode) => mode === "bridge") === "yes";
            return [
                ...must(
                    subjectOf(network),
                    network.bridge,
                    (bridge) => bridge !== undefined && (hosts ? isHostBridge : isOwnBridge)(bridge),
                    `${hosts ? HOST_BRIDGE_FORM : OWN_BRIDGE_FORM} is needed`,
                ),
                ...(possible(network.bridge) ?? []).flatMap((bridge) => {
                    const key = `${network.host} ${bridge ?? ""}`;
                    const owner = owners.get(key);
                    owners.set(key, owner ?? subjectOf(network));
                    return bridge === undefined || owner === undefined
                        ? []
                        : [
                              violation(
                                  `${subjectOf(network)} owner`,
                                  `bridge ${bridge} is ${owner}'s as well`,
                                  network.bridge.at,
                              ),
                          ];
                }),
            ];
        });
    },
};

export default rule;
