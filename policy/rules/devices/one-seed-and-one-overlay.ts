import { holds, possible } from "../../../model";
import { must, subjectOf, whenKnown } from "../../check";
import { onlyItsDisks, takenByStylesheet } from "../../helpers/disks";
import type { Rule } from "../../rule";
import { eachDomain, isSeed } from "../../select";

const rule: Rule = {
    id: "DD-19",
    title:
        "A guest has one seed, which it cannot write, an overlay, at most one data volume of its own, and no " +
        "other disk or removable medium",
    why:
        "A second seed, on whatever disk, would say something else; a writable one carries data to " +
        "the next guest. A data volume that another guest had, or that somebody has filled, does the same.",
    severity: "high",
    fix:
        "Attach one seed, as the second disk, and the data volume as the third, with this project's " +
        "stylesheet and its components.",
    limits:
        "What is on a data volume is the guest's: nothing here reads it. Which of the disks is which is seen " +
        "before creation by what feeds them alone.",
    check: (model) => [
        ...eachDomain(model, "gateway", (domain) => onlyItsDisks(model, domain)),
        ...eachDomain(model, "all", (domain) => [
            ...must(
                `${subjectOf(domain)} seed`,
                domain.seeds,
                (seeds) => seeds.length === 1,
                "exactly one seed is needed",
            ),
            ...takenByStylesheet(model, domain),
            ...whenKnown(subjectOf(domain), domain.disks, (disks) =>
                disks.flatMap((disk) => {
                    const subject = `${subjectOf(domain)} disk ${disk.index}`;
                    const seed =
                        possible(disk.source)?.some((s) => s.from === "volume" && isSeed(model, s.volume)) ??
                        true;
                    const plain = holds(disk.device, (device) => device === "disk") === "yes";
                    return [
                        ...must(
                            `${subject} device`,
                            disk.device,
                            (device) => device === "disk" || device === "cdrom",
                            "disks and the seed are allowed",
                        ),
                        ...(plain && (!seed || disk.source.kind !== "known")
                            ? []
                            : must(
                                  `${subject} readonly`,
                                  disk.readOnly,
                                  (readOnly) => readOnly,
                                  "a seed or medium has to be read-only",
                              )),
                    ];
                }),
            ),
        ]),
    ],
};

export default rule;
