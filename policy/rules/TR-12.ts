import { INNER_SUBNET } from "../../topology/addresses";
import { addressOf, configuredNics } from "../families/seed";
import { eachTorrc, linesOf, wrongLine, wrongTorrc } from "../families/torrc";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "TR-12",
    title: "tor itself accepts the isolated network and nobody else",
    why: "Should the firewall fail, tor still refuses strangers.",
    severity: "high",
    fix: `Write SocksPolicy accept ${INNER_SUBNET}, then SocksPolicy reject *.`,
    check: (model) => {
        const allowed = new Set([INNER_SUBNET, ...configuredNics(model, "workstation").flatMap(({ nic }) => nic.addresses.flatMap((cidr) => [addressOf(cidr), `${addressOf(cidr)}/32`]))].map((source) => `accept ${source}`));
        return eachTorrc(model, (torrc) => {
            const policy = linesOf(torrc, "SocksPolicy").flatMap((line) => line.value.split(",").map((entry) => ({ line, entry: entry.trim() })));
            const last = policy.at(-1)?.entry;
            return [
                ...(last === "reject *" || last === "reject *:*" ? [] : [wrongTorrc(torrc, "SocksPolicy", `the last SocksPolicy has to be "reject *"; it is ${last === undefined ? "left out" : `"${last}"`}`)]),
                ...policy.slice(0, -1).filter(({ entry }) => !allowed.has(entry))
                    .map(({ line, entry }) => wrongLine(torrc, line, `"${entry}" names neither the isolated network nor a Workstation of this stack`)),
            ];
        });
    },
};

export default rule;
