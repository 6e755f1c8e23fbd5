import { holds, possible } from "../../topology/model";
import { MAX_INTERFACE_NAME } from "../../topology/names";
import { must, subjectOf, violation } from "../check";
import type { Rule } from "../rule";

const FOREIGN = /^(virbr\d+|docker\d*|br-.*|lxcbr\d+|lxdbr\d+|cni\d+)$/;

const rule: Rule = {
    id: "NT-21",
    title: "Every network names its bridge, in at most 15 characters, and nobody else's",
    why: "Without a name libvirt takes the next virbrN, which may be one that the host's rules already open.",
    severity: "high",
    fix: "Set bridge to a name of its own of 1 to 15 characters that does not begin with virbr, docker or br-.",
    limits: "Whether the host has a bridge of that name already shows only when libvirt makes it.",
    check: (model) => {
        const owners = new Map<string, string>();
        return model.networks.filter((n) => holds(n.forward, (mode) => mode === "bridge") !== "yes").flatMap((network) => [
            ...must(subjectOf(network), network.bridge, (bridge) => bridge !== undefined && bridge.length >= 1 && bridge.length <= MAX_INTERFACE_NAME && !FOREIGN.test(bridge),
                `a name of its own of 1 to ${MAX_INTERFACE_NAME} characters is needed`),
            ...(possible(network.bridge) ?? []).flatMap((bridge) => {
                const key = `${network.host} ${bridge ?? ""}`;
                const owner = owners.get(key);
                owners.set(key, owner ?? subjectOf(network));
                return bridge === undefined || owner === undefined ? [] : [violation(`${subjectOf(network)} owner`, `bridge ${bridge} is ${owner}'s as well`, network.bridge.at)];
            }),
        ]);
    },
};

export default rule;
