import { mustBe, subjectOf } from "../../check";
import { overlayAndSeed } from "../../helpers/disks";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "LC-07",
    title:
        "A Workstation has a disposable disk and its seed, and nothing that outlives it; switched " +
        "off, it is off",
    why: "What survives a Workstation links it to the next one.",
    severity: "high",
    fix: "Attach an overlay of the golden image and the seed.",
    limits:
        "The overlay lies on the host's disk like any other file, until the stack is destroyed; " +
        "whether that disk is encrypted is the host's.",
    check: (model) =>
        eachDomain(model, "workstation", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "onPoweroff", [undefined, "destroy"]),
            ...overlayAndSeed(model, domain),
        ]),
};

export default rule;
