import { marked, possible } from "../../../model";
import { must, subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { volumeById } from "../../select";

const rule: Rule = {
    id: "LC-05",
    title: "No snapshots are kept of guests",
    why: "A snapshot is memory and disk at rest; restored, it repeats random numbers and guards.",
    severity: "high",
    fix: "Remove the snapshot; base overlays on the golden image alone.",
    limits: "What is done by hand, with virsh, is not seen.",
    check: (model) => [
        ...model.unrecognised
            .filter((r) => /snapshot|checkpoint|backup|managedsave/i.test(r.type))
            .map((r) =>
                violation(
                    r.name,
                    `a ${r.type} is declared${r.digest === undefined ? "" : ` ${marked(r.digest())}`}`,
                    { resource: r.id, path: "" },
                ),
            ),
        ...model.volumes.flatMap((volume) =>
            (possible(volume.base) ?? []).flatMap((ref) => {
                const base = ref?.from === "volume" ? volumeById(model, ref.volume) : undefined;
                return base === undefined
                    ? []
                    : must(
                          subjectOf(volume),
                          base.base,
                          (b) => b === undefined,
                          `${subjectOf(base)} is an overlay itself`,
                      );
            }),
        ),
    ],
};

export default rule;
