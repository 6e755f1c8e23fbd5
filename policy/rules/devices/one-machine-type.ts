import { MACHINE } from "../../../libvirt/stylesheet";
import { possible, valueAt } from "../../../model";
import { must, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-25",
    title: "All guests have one machine type, of a fixed version",
    why: "A type without a version changes with the host, and shows which host it is.",
    severity: "medium",
    fix: `Set machine to a versioned type such as ${MACHINE}.`,
    check: (model) => {
        const types = new Set(
            model.domains.flatMap((d) => possible(valueAt(d.xml, "os.type.machine")) ?? []),
        );
        return eachDomain(model, "all", (domain) =>
            must(
                subjectOf(domain),
                valueAt(domain.xml, "os.type.machine"),
                (machine) => /^pc-(q35|i440fx)-\d+\.\d+$/.test(machine ?? "") && types.size === 1,
                `one versioned type for all is needed, such as ${MACHINE}`,
            ),
        );
    },
};

export default rule;
