import { mustBe, subjectOf } from "../../check";
import { onlyItsDisks } from "../../helpers/disks";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "LC-07",
    title:
        "A Workstation has a disposable disk and its seed, and nothing that outlives it but its own " +
        "home; switched off, it is off",
    why:
        "What survives a Workstation links it to the next one. A home is kept on purpose, of this one " +
        "Workstation, and of no other.",
    severity: "high",
    fix: "Attach an overlay of the golden image, the seed, and at most its own home volume.",
    limits:
        "Malware that has written itself into a home is there after a replacement; `home: false` keeps " +
        "nothing. The overlay lies on the host's disk like any other file, until the stack is destroyed; " +
        "whether that disk is encrypted is the host's.",
    check: (model) =>
        eachDomain(model, "workstation", (domain) => [
            ...mustBe(subjectOf(domain), domain.xml, "onPoweroff", [undefined, "destroy"]),
            ...onlyItsDisks(model, domain),
        ]),
};

export default rule;
