import { NIC } from "../../cloud-init/guest";
import { LOCAL_RANGES } from "../../cloud-init/nft/ranges";
import { eachFirewall, elementsOf, oif, requires, someChain, wrongFirewall } from "../families/firewall";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "FW-05",
    title: "Nobody on the Gateway reaches a LAN, tor included",
    why: "The host, the router and the neighbours are where the user is.",
    severity: "critical",
    fix: "Drop every local range on the outer NIC before anything is accepted there.",
    check: (model) => eachFirewall(model, "gateway", (firewall) => someChain(firewall, "output", (chain) => {
        const covered = (set: string): boolean => LOCAL_RANGES.every((range) => elementsOf(firewall, set).includes(range));
        const drop = chain.rules.findIndex((r) => r.verdict.do === "drop" && r.matches.length === 2 && requires(r, oif(NIC.outer), (m) => m.on === "daddr" && m.op === "in-set" && covered(m.set)));
        const accept = chain.rules.findIndex((r) => r.verdict.do === "accept" && !requires(r, oif(NIC.inner)));
        return drop >= 0 && (accept < 0 || drop < accept) ? [] : [wrongFirewall(firewall, `chain ${chain.name}`, "local ranges are not dropped before something is accepted outwards")];
    })),
};

export default rule;
