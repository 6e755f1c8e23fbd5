import { holds, isGateway, membersOf, nodesAt } from "../../../model";
import { must, mustHaveOnly, subjectOf, violation, whenKnown, whole } from "../../check";
import { guestsOn, wiresOf } from "../../helpers/wires";
import type { Rule } from "../../rule";
import { externalNetworks } from "../../select";

const MODES = ["nat", "route", "bridge"];

const rule: Rule = {
    id: "NT-11",
    title: "An external network serves one Gateway and no other guest",
    why:
        "A neighbour on the same wire can take over the Gateway's neighbour table and watch its " +
        "connections.",
    severity: "high",
    fix:
        "Give each Gateway an external network of its own (mode nat), or a bridge of the host that " +
        "no other Gateway is on.",
    limits:
        "On a bridge of the host are whatever machines its LAN has: there, guests of the stack are " +
        "compared and no others. Two bridges of a host that are one LAN are not seen to be one.",
    check: (model) => {
        const members = membersOf(model);
        return externalNetworks(model).flatMap((network) => {
            const bridged = holds(network.forward, (mode) => mode === "bridge") === "yes";
            const attached = new Set((members.get(network.resource.id) ?? []).map((m) => m.domain));
            // The host's LAN is behind its bridge, and other guests may be there; Gateways and guests of this
            // network may not.
            const guests = guestsOn(model, wiresOf(network)).filter(
                (d) => !bridged || isGateway(d) || attached.has(d),
            );
            return [
                ...must(
                    `${subjectOf(network)} forward`,
                    network.forward,
                    (mode) => MODES.includes(mode),
                    "nat, route or bridge is allowed",
                ),
                ...(!bridged
                    ? []
                    : whenKnown(`${subjectOf(network)} forward`, nodesAt(network.xml, "forward"), (nodes) =>
                          nodes.flatMap((node) =>
                              mustHaveOnly(`${subjectOf(network)} forward`, node, "mode"),
                          ),
                      )),
                ...(guests.length === 1
                    ? []
                    : [
                          violation(
                              subjectOf(network),
                              `on it are ${guests.map(subjectOf).join(", ")}; one Gateway is allowed`,
                              whole(network),
                          ),
                      ]),
            ];
        });
    },
};

export default rule;
