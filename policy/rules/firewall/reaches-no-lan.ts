import { NIC } from "../../../cloud-init/guest";
import { PEERS } from "../../../cloud-init/nft/egress";
import type { Match } from "../../../cloud-init/nft/model";
import { LOCAL_RANGES, localRangesOf } from "../../../values/ranges";
import { contains, isAddress, parsePlace, parseSubnet } from "../../../values/addresses";
import { egressPlan } from "../../../reachability/egress";
import { filesOf, torrcOf } from "../../../reachability/seed-plan";
import { transportOut, tunnelOut, egressKind } from "../../helpers/egress";
import {
    eachFirewall,
    elementsOf,
    oif,
    requires,
    someChain,
    wrongFirewall,
    type Firewall,
} from "../../helpers/firewall";
import type { Finding, Rule } from "../../rule";

/** Peers in a LAN that torrc names neither as bridge nor as proxy: a relay is on the public Internet. */
function strangers(firewall: Firewall): Finding[] {
    const { content } = firewall;
    const { egress, upstreamProxy } = egressPlan(torrcOf(content), filesOf(content), { tables: [] });
    const named = [
        ...(egress?.mode === "bridges" ? egress.bridges.map((b) => b.endpoint) : []),
        ...(upstreamProxy === undefined ? [] : [upstreamProxy.endpoint]),
    ];
    return elementsOf(firewall, PEERS).flatMap((element, i) => {
        const [address = "", port = ""] = element.split(" . ");
        const local =
            !isAddress(address) || LOCAL_RANGES.some((range) => contains(parseSubnet(range), address));
        // Neither number nor message tells a bridge.
        return !local || named.some((n) => n.address === address && String(n.port) === port)
            ? []
            : [
                  wrongFirewall(
                      firewall,
                      `${PEERS} ${i}`,
                      `element ${i} of ${PEERS} is no public address, and torrc names no bridge ` +
                          "or proxy there",
                  ),
              ];
    });
}

/**
 * Ranges that are near this Gateway, by its network-config; undefined when that does not tell the outer NIC's
 * one address.
 */
function nearby({ content }: Firewall): readonly string[] | undefined {
    const nics = content.network.kind === "known" ? (content.network.value?.nics ?? []) : [];
    const [address, ...more] = nics.filter((nic) => nic.name === NIC.outer).flatMap((nic) => nic.addresses);
    const place = address === undefined || more.length > 0 ? undefined : parsePlace(address);
    return place === undefined ? undefined : localRangesOf(place);
}

const rule: Rule = {
    id: "FW-05",
    title: "Nothing on the Gateway reaches a LAN, tor included, but for bridges or a proxy that were named",
    why: "The host, the router and the neighbours are where the user is.",
    severity: "critical",
    fix:
        "Drop every local range and the outer NIC's own subnet, public or not, in the output chain " +
        "before anything is accepted there.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) => [
            ...strangers(firewall),
            ...someChain(firewall, "output", (chain) => {
                const way = egressKind(firewall.content);
                // What is in the set of peers is judged above.
                const named = (m: Match): boolean =>
                    m.on === "tcp-destination" && m.op === "not-in-set" && m.set === PEERS;
                const ranges = nearby(firewall);
                const covered = (set: string): boolean =>
                    ranges?.every((range) => elementsOf(firewall, set).includes(range)) === true;
                const drop = chain.rules.findIndex(
                    (r) =>
                        r.verdict.do === "drop" &&
                        r.matches.length === (requires(r, named) ? 3 : 2) &&
                        requires(
                            r,
                            oif(way.nic),
                            (m) => m.on === "daddr" && m.op === "in-set" && covered(m.set),
                        ),
                );
                const accept = chain.rules.findIndex(
                    (r) =>
                        r.verdict.do === "accept" &&
                        !requires(r, oif(NIC.inner)) &&
                        !tunnelOut(way, r) &&
                        !transportOut(way, r),
                );
                return drop >= 0 && (accept < 0 || drop < accept)
                    ? []
                    : [
                          wrongFirewall(
                              firewall,
                              `chain ${chain.name}`,
                              ranges === undefined
                                  ? `network-config does not tell the one address of ${NIC.outer}, ` +
                                        "so it is not known which LAN is to be dropped"
                                  : `local ranges and the subnet of ${NIC.outer} are not dropped ` +
                                        "before something is accepted outwards",
                          ),
                      ];
            }),
        ]),
};

export default rule;
