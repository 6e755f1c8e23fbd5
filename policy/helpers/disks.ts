/** What disks a guest may have. */
import { diskOf } from "../../values/disk-files";
import { digestOf, digestOfNode, marked, possible, type Disk, type Domain, type Model } from "../../model";
import { must, subjectOf, violation, whenKnown, whole } from "../check";
import type { Finding } from "../rule";
import { volumeById } from "../select";

/** What is known of where a disk's content may be. */
const volumesOf = (model: Model, { source }: Disk): unknown =>
    possible(source)?.map((one) => {
        const volume = one.from === "volume" ? volumeById(model, one.volume) : undefined;
        return [one, volume === undefined ? undefined : digestOfNode(volume.xml), volume?.format];
    }) ?? source;

/**
 * An overlay and a seed. A guest takes whatever disk is labelled `cidata` for its seed, and no rule sees what
 * is on a third one.
 */
export const overlayAndSeed = (model: Model, domain: Domain): readonly Finding[] =>
    whenKnown(subjectOf(domain), domain.disks, (disks) => [
        ...(disks.length === 2
            ? []
            : [
                  violation(
                      subjectOf(domain),
                      `it has ${disks.length} disks; an overlay and a seed are allowed ` +
                          `${marked(digestOf(disks.map((disk) => [digestOfNode(disk.xml), volumesOf(model, disk)])))}`,
                      whole(domain),
                  ),
              ]),
        ...disks.flatMap((disk) =>
            (possible(disk.source) ?? []).flatMap((source) => {
                const volume = source.from === "volume" ? volumeById(model, source.volume) : undefined;
                if (volume?.seed !== undefined) {
                    return [
                        ...must(
                            `${subjectOf(domain)} disk ${disk.index} base`,
                            volume.base,
                            (base) => base === undefined,
                            `${subjectOf(volume)} carries a seed and is based on something`,
                        ),
                        ...must(
                            `${subjectOf(domain)} disk ${disk.index} format`,
                            volume.format,
                            (format) => format === undefined || format === "raw" || format === "iso",
                            "a seed is raw",
                        ),
                    ];
                }
                return volume === undefined
                    ? []
                    : must(
                          `${subjectOf(domain)} disk ${disk.index}`,
                          volume.base,
                          (base) => base !== undefined,
                          `${subjectOf(volume)} is no overlay`,
                      );
            }),
        ),
    ]);

/**
 * A stylesheet of ours takes volumes of one pool that are named after their guest, and ends in an error at
 * any other: a guest with one is not what is judged here, for there is none.
 */
export function takenByStylesheet(model: Model, domain: Domain): readonly Finding[] {
    const written = domain.stylesheet.kind === "pinned" ? domain.stylesheet.pool : undefined;
    if (written === undefined || domain.disks.kind !== "known") {
        return [];
    }
    const ids = domain.disks.value
        .flatMap((disk) => possible(disk.source) ?? [])
        .flatMap((source) => (source.from === "volume" ? [source.volume] : []));
    return whenKnown(`${subjectOf(domain)} name`, domain.name, (owner) =>
        [...new Set(ids)].flatMap((id) => {
            const stored = volumeById(model, id) ?? model.seeds.find((seed) => seed.resource.id === id);
            const subject = stored === undefined ? "" : `${subjectOf(domain)} ${subjectOf(stored)}`;
            return stored === undefined
                ? []
                : [
                      ...must<string | undefined>(
                          `${subject} pool`,
                          stored.pool,
                          (pool) => pool === written.name,
                          `its stylesheet takes volumes of pool ${written.name} alone`,
                      ),
                      ...must(
                          `${subject} name`,
                          stored.name,
                          (name) => diskOf(owner, name) !== undefined,
                          `its stylesheet takes ${owner}-XXXXXXXX.qcow2 and ` +
                              `${owner}-XXXXXXXX-seed.iso alone (X: 0-9 a-f)`,
                      ),
                  ];
        }),
    );
}
