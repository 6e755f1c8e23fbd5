import { holds, possible } from "../../../model";
import { subjectOf, violation, whole } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain, volumeById } from "../../select";

const rule: Rule = {
    id: "LC-09",
    title: "A Gateway's data disk is protected",
    why: "It would hold tor's guards and the keys of onion services.",
    severity: "high",
    fix: "Set protect: true on the volume.",
    limits:
        "This project declares no such disk: guards and keys of onion services go with the Gateway's " +
        "overlay.",
    check: (model) =>
        eachDomain(model, "gateway", (domain) =>
            (domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
                (possible(disk.source) ?? []).flatMap((source) => {
                    const volume = source.from === "volume" ? volumeById(model, source.volume) : undefined;
                    const data =
                        volume !== undefined &&
                        volume.seed === undefined &&
                        holds(volume.base, (base) => base === undefined) !== "no";
                    return !data || volume.resource.protect
                        ? []
                        : [
                              violation(
                                  `${subjectOf(domain)} disk ${disk.index}`,
                                  `${subjectOf(volume)} is no overlay and is not protected`,
                                  whole(volume),
                              ),
                          ];
                }),
            ),
        ),
};

export default rule;
