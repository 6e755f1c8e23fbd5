import { must, nicSubject } from "../../check";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

const rule: Rule = {
    id: "DD-15",
    title: "Every NIC is a virtio NIC",
    why: "Other models emulate real cards, with their bugs and their names.",
    severity: "medium",
    fix: 'Use this project\'s stylesheet, or model: { type: "virtio" }.',
    scope: "resource",
    check: (model) =>
        eachNic(model, "all", (domain, nic) =>
            must(nicSubject(domain, nic), nic.model, (type) => type === "virtio", "virtio is allowed"),
        ),
};

export default rule;
