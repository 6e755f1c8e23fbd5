import { AUTOMAP_SUBNET } from "../../../values/addresses";
import { eachTorrc, optionMustBe } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-08",
    title: "Names of onion services are mapped into a range of their own",
    why: "Outside 10.192.0.0/10 a mapped address could be a real one.",
    severity: "high",
    fix: "Set VirtualAddrNetworkIPv4 10.192.0.0/10 and AutomapHostsOnResolve 1.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...optionMustBe(torrc, "VirtualAddrNetworkIPv4", AUTOMAP_SUBNET),
            ...optionMustBe(torrc, "AutomapHostsOnResolve", "1"),
            ...optionMustBe(torrc, "AutomapHostsSuffixes", undefined, ".onion,.exit"),
        ]),
};

export default rule;
