/** What disks a guest may have. */
import { possible, type Domain, type Model } from "../../topology/model";
import { must, subjectOf, violation, whenKnown, whole } from "../check";
import type { Finding } from "../rule";
import { volumeById } from "../select";

/** An overlay and a seed. A guest takes whatever disk is labelled `cidata` for its seed, and no rule sees what is on a third one. */
export const overlayAndSeed = (model: Model, domain: Domain): readonly Finding[] => whenKnown(subjectOf(domain), domain.disks, (disks) => [
    ...(disks.length === 2 ? [] : [violation(subjectOf(domain), `it has ${disks.length} disks; an overlay and a seed are allowed`, whole(domain))]),
    ...disks.flatMap((disk) => (possible(disk.source) ?? []).flatMap((source) => {
        const volume = source.from === "volume" ? volumeById(model, source.volume) : undefined;
        if (volume?.seed !== undefined) {
            return [
                ...must(`${subjectOf(domain)} disk ${disk.index} base`, volume.base, (base) => base === undefined, `${subjectOf(volume)} carries a seed and is based on something`),
                ...must(`${subjectOf(domain)} disk ${disk.index} format`, volume.format, (format) => format === undefined || format === "raw" || format === "iso", "a seed is raw"),
            ];
        }
        return volume === undefined ? [] : must(`${subjectOf(domain)} disk ${disk.index}`, volume.base, (base) => base !== undefined, `${subjectOf(volume)} is no overlay`);
    })),
]);
