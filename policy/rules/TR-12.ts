import { addressOf, configuredNics } from "../families/seed";
import { eachTorrc, linesOf, wrongLine, wrongTorrc } from "../families/torrc";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "TR-12",
    title: "tor itself accepts the enclave's Workstations and nobody else",
    why: "Should the firewall fail, tor still refuses strangers.",
    severity: "high",
    fix: "Write SocksPolicy accept for each Workstation's address, then SocksPolicy reject *.",
    check: (model) => eachTorrc(model, (torrc) => {
        const policy = linesOf(torrc, "SocksPolicy").flatMap((line) => line.value.split(",").map((entry) => ({ line, entry: entry.trim() })));
        const known = configuredNics(model, "workstation").flatMap(({ nic }) => nic.addresses.map(addressOf));
        const last = policy.at(-1)?.entry;
        return [
            ...(last === "reject *" || last === "reject *:*" ? [] : [wrongTorrc(torrc, "SocksPolicy", `the last SocksPolicy has to be "reject *"; it is ${last === undefined ? "left out" : `"${last}"`}`)]),
            ...policy.slice(0, -1).filter(({ entry }) => !known.some((address) => entry === `accept ${address}` || entry === `accept ${address}/32`))
                .map(({ line, entry }) => wrongLine(torrc, line, `"${entry}" is no Workstation of this enclave`)),
        ];
    }),
};

export default rule;
