import { INNER_SUBNET, workstationPlaces } from "../../../values/addresses";
import { eachTorrc, linesOf, wrongLine, wrongTorrc } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-12",
    title: "tor itself accepts the isolated network and no other",
    why: "Should the firewall fail, tor still refuses strangers.",
    severity: "high",
    fix: `Write SocksPolicy accept ${INNER_SUBNET}, then SocksPolicy reject *.`,
    scope: "seed",
    check: (model) => {
        const allowed = new Set(
            [INNER_SUBNET, ...workstationPlaces().flatMap(({ address }) => [address, `${address}/32`])].map(
                (source) => `accept ${source}`,
            ),
        );
        return eachTorrc(model, (torrc) => {
            const policy = linesOf(torrc, "SocksPolicy").flatMap((line) =>
                line.value.split(",").map((entry) => ({ line, entry: entry.trim() })),
            );
            const last = policy.at(-1)?.entry;
            return [
                ...(last === "reject *" || last === "reject *:*"
                    ? []
                    : [
                          wrongTorrc(
                              torrc,
                              "SocksPolicy",
                              `the last SocksPolicy has to be "reject *"; it is ` +
                                  `${last === undefined ? "left out" : `"${last}"`}`,
                          ),
                      ]),
                ...policy
                    .slice(0, -1)
                    .filter(({ entry }) => !allowed.has(entry))
                    .map(({ line, entry }) =>
                        wrongLine(
                            torrc,
                            line,
                            `"${entry}" names neither the isolated network nor a place for a Workstation`,
                        ),
                    ),
            ];
        });
    },
};

export default rule;
