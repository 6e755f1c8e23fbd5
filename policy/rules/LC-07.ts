import { possible } from "../../topology/model";
import { must, mustBe, subjectOf, violation, whenKnown, whole } from "../check";
import type { Rule } from "../rule";
import { eachDomain, volumeById } from "../select";

const rule: Rule = {
    id: "LC-07",
    title: "A Workstation has a disposable disk and its seed, and nothing that outlives it; switched off, it is off",
    why: "What survives a Workstation links it to the next one.",
    severity: "high",
    fix: "Attach an overlay of the golden image and the seed.",
    limits: "The overlay lies on the host's disk like any other file, until the stack is destroyed; whether that disk is encrypted is the host's.",
    check: (model) => eachDomain(model, "workstation", (domain) => [...mustBe(subjectOf(domain), domain.xml, "onPoweroff", [undefined, "destroy"]), ...whenKnown(subjectOf(domain), domain.disks, (disks) => [
        ...(disks.length === 2 ? [] : [violation(subjectOf(domain), `it has ${disks.length} disks; an overlay and a seed are allowed`, whole(domain))]),
        ...disks.flatMap((disk) => (possible(disk.source) ?? []).flatMap((source) => {
            const volume = source.from === "volume" ? volumeById(model, source.volume) : undefined;
            return volume === undefined || volume.seed !== undefined ? [] : must(`${subjectOf(domain)} disk ${disk.index}`, volume.base, (base) => base !== undefined, `${subjectOf(volume)} is no overlay`);
        })),
    ])]),
};

export default rule;
