import { subjectOf, violation, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const rule: Rule = {
    id: "NT-16",
    title: "Isolated networks have bridges of their own",
    why: "Two networks on one bridge are one network.",
    severity: "critical",
    fix: "Give each isolated network another bridge, or leave the bridge to this project's names.",
    limits:
        "Workstations of one enclave share its network, behind isolated ports (NT-18); who must not " +
        "share it gets an enclave of its own.",
    check: (model) => {
        const owners = new Map<string, string>();
        return eachEnclave(model, ({ network }) =>
            whenKnown(subjectOf(network), network.bridge, (bridge) => {
                const key = `${network.host} ${bridge ?? ""}`;
                const owner = owners.get(key);
                owners.set(key, owner ?? subjectOf(network));
                return bridge === undefined || owner === undefined
                    ? []
                    : [
                          violation(
                              subjectOf(network),
                              `bridge ${bridge} is ${owner}'s as well`,
                              network.bridge.at,
                          ),
                      ];
            }),
        );
    },
};

export default rule;
