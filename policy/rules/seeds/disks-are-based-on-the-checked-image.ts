import { describeFact, possible, type Model, type Volume } from "../../../model";
import { SOURCE_FORM, sourcePath } from "../../../values/source-path";
import { createStep } from "../../../model/steps";
import { must, subjectOf, violation, whenKnown } from "../../check";
import { dependenciesOf } from "../../helpers/graph";
import { runsFor } from "../../helpers/steps";
import type { Finding, Rule } from "../../rule";
import { volumeById } from "../../select";

/** Sums of this very file that are checked before the volume is filled. */
function sumsOf(model: Model, volume: Volume, source: string): readonly string[] {
    const waitsFor = dependenciesOf(model, volume.resource);
    return model.actuators
        .filter((a) => waitsFor.has(a.resource.id) && runsFor(a.resource, volume.resource))
        .map(createStep)
        .flatMap((step) =>
            step?.verb === "verify-image" &&
            step.options["image"] === sourcePath(source) &&
            /^[0-9a-f]{64}$/.test(step.options["sha256"] ?? "")
                ? [step.options["sha256"] ?? ""]
                : [],
        );
}

/** The checked sum that a volume's name has. */
function sumOf(model: Model, volume: Volume): string | undefined {
    const [source, name] = [possible(volume.source), possible(volume.name)];
    return source?.[0] === undefined
        ? undefined
        : sumsOf(model, volume, source[0]).find((sum) => name?.[0]?.includes(sum.slice(0, 12)));
}

/** One resource alone shows this much. A source that is not known yet is asked about its sum, below. */
const elsewhere = (model: Model): Finding[] =>
    model.volumes.flatMap((volume) =>
        (possible(volume.source) ?? []).flatMap((source) => {
            if (source === undefined || sourcePath(source) !== undefined) {
                return [];
            }
            const why =
                /^[a-z0-9+.-]+:\/\//i.test(source) && !/^file:/i.test(source)
                    ? "is fetched by the provider, which checks no sum"
                    : "may be read as another file than the one whose sum is checked; " +
                      `${SOURCE_FORM} is needed`;
            return [
                violation(
                    `${subjectOf(volume)} source`,
                    `source = ${JSON.stringify(source)} ${why}`,
                    volume.source.at,
                ),
            ];
        }),
    );

const rule: Rule = {
    id: "CI-14",
    title: "Every disk is based on one image: a local file whose sum is checked before that file is uploaded",
    why: "A changed image is a way into every guest, and the provider checks nothing.",
    severity: "critical",
    fix:
        "Use this project's BaseImage: a local file, named by its SHA-256 and checked by " +
        "verify-image. When only the file's path is another one than in the state, replace the " +
        "verify-image step as well.",
    limits: "Sums, no signatures: the image is built here.",
    local: elsewhere,
    check: (model) => {
        const bases = [
            ...new Set(
                model.volumes.flatMap((v) =>
                    (possible(v.base) ?? []).flatMap((ref) =>
                        ref?.from === "volume" ? [volumeById(model, ref.volume)] : [],
                    ),
                ),
            ),
        ].filter((v) => v !== undefined);
        const [first] = bases.map((base) => sumOf(model, base)).filter((sum) => sum !== undefined);
        return [
            ...elsewhere(model),
            ...model.volumes.flatMap((volume) =>
                whenKnown(`${subjectOf(volume)} sum`, volume.source, (source) =>
                    source === undefined
                        ? []
                        : must(
                              `${subjectOf(volume)} sum`,
                              volume.name,
                              (name) =>
                                  sumsOf(model, volume, source).some((sum) =>
                                      name.includes(sum.slice(0, 12)),
                                  ),
                              `no verify-image step that it depends on has checked ${source} ` +
                                  "against the sum that its name holds",
                          ),
                ),
            ),
            ...bases.flatMap((base) => [
                ...must(
                    `${subjectOf(base)} content`,
                    base.source,
                    (source) => source !== undefined,
                    "other disks are based on it, so it has to be filled from a checked file",
                    [base.xml],
                ),
                ...(sumOf(model, base) === undefined || sumOf(model, base) === first
                    ? []
                    : [
                          violation(
                              `${subjectOf(base)} image`,
                              `disks of this stack are based on different images: ${describeFact(base.name)}`,
                              base.name.at,
                          ),
                      ]),
            ]),
        ];
    },
};

export default rule;
