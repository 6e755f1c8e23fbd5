import { INNER_GATEWAY, innerMac, innerMacs } from "../../topology/addresses";
import { must, nicSubject } from "../check";
import type { Rule } from "../rule";
import { eachNic, onIsolated } from "../select";

const rule: Rule = {
    id: "ID-02",
    title: "A Gateway's inner MAC is the same for everyone, and its outer one is nobody's inside",
    why: "Workstations see the inner MAC: one of its own would tell enclaves apart.",
    severity: "high",
    fix: "Take the inner MAC from the topology's table and another one outside.",
    check: (model) => eachNic(model, "gateway", (domain, nic) => onIsolated(model, nic) === "yes"
        ? must(nicSubject(domain, nic), nic.mac, (mac) => mac === innerMac(INNER_GATEWAY), `inside it has to be ${innerMac(INNER_GATEWAY)}`)
        : must(nicSubject(domain, nic), nic.mac, (mac) => !innerMacs().has(mac ?? ""), "outside it may be nobody's inner one")),
};

export default rule;
