import { NIC } from "../../cloud-init/guest";
import { PEERS } from "../../cloud-init/nft/exit";
import type { Match } from "../../cloud-init/nft/model";
import { LOCAL_RANGES } from "../../cloud-init/nft/ranges";
import { transportOut, tunnelOut, wayOf } from "../families/exit";
import { eachFirewall, elementsOf, oif, requires, someChain, wrongFirewall } from "../families/firewall";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "FW-05",
    title: "Nobody on the Gateway reaches a LAN, tor included, but for bridges or a proxy that were named",
    why: "The host, the router and the neighbours are where the user is.",
    severity: "critical",
    fix: "Drop every local range on the outer NIC before anything is accepted there.",
    check: (model) => eachFirewall(model, "gateway", (firewall) => someChain(firewall, "output", (chain) => {
        const way = wayOf(firewall.content);
        // A set of peers is pinned by GUEST-01, so what is in it may be in the LAN.
        const named = (m: Match): boolean => m.on === "tcp-destination" && m.op === "not-in-set" && m.set === PEERS;
        const covered = (set: string): boolean => LOCAL_RANGES.every((range) => elementsOf(firewall, set).includes(range));
        const drop = chain.rules.findIndex((r) => r.verdict.do === "drop" && r.matches.length === (requires(r, named) ? 3 : 2) && requires(r, oif(way.nic), (m) => m.on === "daddr" && m.op === "in-set" && covered(m.set)));
        const accept = chain.rules.findIndex((r) => r.verdict.do === "accept" && !requires(r, oif(NIC.inner)) && !tunnelOut(way, r) && !transportOut(way, r));
        return drop >= 0 && (accept < 0 || drop < accept) ? [] : [wrongFirewall(firewall, `chain ${chain.name}`, "local ranges are not dropped before something is accepted outwards")];
    })),
};

export default rule;
