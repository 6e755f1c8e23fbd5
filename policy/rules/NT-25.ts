import { mustBeAbsent, nicSubject } from "../check";
import type { Rule } from "../rule";
import { eachNic } from "../select";

const rule: Rule = {
    id: "NT-25",
    title: "No NIC forwards ports, carries VLANs or sits on a virtual switch port",
    why: "Each is a path that no other rule follows.",
    severity: "high",
    fix: "Remove portForward, vlan and virtualport.",
    scope: "resource",
    check: (model) => eachNic(model, "all", (domain, nic) => mustBeAbsent(nicSubject(domain, nic), nic.xml, "portForward", "vlan", "virtualport")),
};

export default rule;
