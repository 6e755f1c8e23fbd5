import { addressOf, configuredNics } from "../families/seed";
import { eachTorrc, linesOf, wrongLine } from "../families/torrc";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "TR-20",
    title: "Onion services are anonymous and lead to a Workstation of the enclave",
    why: "Single-hop services show the Gateway's address by design; a target elsewhere opens that to the world.",
    severity: "critical",
    fix: "Remove HiddenServiceSingleHopMode and HiddenServiceNonAnonymousMode; point HiddenServicePort at a Workstation.",
    check: (model) => {
        const known = new Set(configuredNics(model, "workstation").flatMap(({ nic }) => nic.addresses.map(addressOf)));
        return eachTorrc(model, (torrc) => [
            ...linesOf(torrc, "HiddenServiceSingleHopMode", "HiddenServiceNonAnonymousMode").filter((line) => line.value !== "0").map((line) => wrongLine(torrc, line, "not anonymous")),
            ...linesOf(torrc, "HiddenServicePort").filter((line) => !known.has(/ ([\d.]+):\d+$/.exec(line.value)?.[1] ?? "")).map((line) => wrongLine(torrc, line, "the target has to be a Workstation's address and port")),
        ]);
    },
};

export default rule;
