/** What disks a guest may have. */
import { PATHS } from "../../cloud-init/guest";
import { dataDisk, diskOf, type DataDisk } from "../../values/disk-files";
import {
    digestOf,
    digestOfNode,
    isGateway,
    marked,
    possible,
    type Disk,
    type Domain,
    type Model,
    type Seed,
    type Volume,
} from "../../model";
import { must, mustBe, subjectOf, violation, whenKnown, whole } from "../check";
import type { Finding } from "../rule";
import { volumeById } from "../select";
import { contentOf } from "./guest";

/** What a guest's data volume is called, and its disk's serial. */
const dataDiskOf = (domain: Domain): DataDisk => dataDisk(isGateway(domain) ? "gateway" : "workstation");

/** Volumes and seeds that a disk may be. */
const storedOf = (model: Model, { source }: Disk): (Volume | Seed)[] =>
    (possible(source) ?? []).flatMap((one) =>
        one.from !== "volume"
            ? []
            : (volumeById(model, one.volume) ??
              model.seeds.find((seed) => seed.resource.id === one.volume) ??
              []),
    );

/** What is known of where a disk's content may be. */
const volumesOf = (model: Model, { source }: Disk): unknown =>
    possible(source)?.map((one) => {
        const volume = one.from === "volume" ? volumeById(model, one.volume) : undefined;
        return [one, volume === undefined ? undefined : digestOfNode(volume.xml), volume?.format];
    }) ?? source;

/** The volume, when it carries no seed and is surely based on nothing: no overlay, so that it may hold data. */
const dataOf = (stored: Volume | Seed): readonly Volume[] =>
    "base" in stored &&
    stored.seed === undefined &&
    stored.base.kind === "known" &&
    stored.base.value === undefined
        ? [stored]
        : [];
const isData = (stored: Volume | Seed): boolean => dataOf(stored).length > 0;

/** Volumes that outlive this guest, as far as its disks tell. */
export function dataVolumesOf(model: Model, domain: Domain): Volume[] {
    const disks = domain.disks.kind === "known" ? domain.disks.value : [];
    const found = disks.flatMap((disk) => storedOf(model, disk)).flatMap(dataOf);
    return [...new Map(found.map((volume) => [volume.resource.id, volume])).values()];
}

/** Such a volume is raw and empty when it is made, called after its guest, and in a pool without its other disks. */
function dataVolume(model: Model, domain: Domain, volume: Volume): readonly Finding[] {
    const subject = `${subjectOf(domain)} ${subjectOf(volume)}`;
    const { suffix } = dataDiskOf(domain);
    const others = (domain.disks.kind === "known" ? domain.disks.value : [])
        .flatMap((disk) => storedOf(model, disk))
        .filter((stored) => stored.resource.id !== volume.resource.id)
        .flatMap(({ pool }) => possible<string | undefined>(pool) ?? []);
    return [
        ...whenKnown(`${subjectOf(domain)} name`, domain.name, (owner) =>
            must(
                `${subject} name`,
                volume.name,
                (name) => name === `${owner}${suffix}`,
                `a volume that is no overlay has to be the guest's own, ${owner}${suffix}`,
            ),
        ),
        ...must(`${subject} format`, volume.format, (format) => format === "raw", "a data volume is raw"),
        ...must(
            `${subject} source`,
            volume.source,
            (source) => source === undefined,
            "a data volume is made empty",
        ),
        ...must<string | undefined>(
            `${subject} pool of its own`,
            volume.pool,
            (pool) => !others.includes(pool),
            "a data volume is in a pool without disks that go with their guest",
        ),
    ];
}

/** How the guest finds it, and that it finds no other by that: by its serial, on a bus without options. */
function dataDevice(domain: Domain, { index, xml, readOnly }: Disk, data: boolean): readonly Finding[] {
    const subject = `${subjectOf(domain)} disk ${index}`;
    const { serial } = dataDiskOf(domain);
    return data
        ? [
              ...mustBe(subject, xml, "serial", [serial]),
              ...mustBe(subject, xml, "target.bus", ["virtio"]),
              ...mustBe(subject, xml, "target.dev", ["vdc"]),
              ...mustBe(subject, xml, "driver.type", ["raw"]),
              ...must(`${subject} readonly`, readOnly, (on) => !on, "a data volume can be written"),
          ]
        : mustBe(subject, xml, "serial", [undefined]);
}

/** Whether the guest is told of a data volume where it has one, and of none where not: else it stays shut. */
function toldInSeed(domain: Domain, has: boolean): readonly Finding[] {
    const files = contentOf(domain)?.files;
    return files === undefined
        ? []
        : whenKnown(`${subjectOf(domain)} ${PATHS.data}`, files, (list) =>
              list.some(({ path }) => path === PATHS.data) === has
                  ? []
                  : [
                        violation(
                            `${subjectOf(domain)} ${PATHS.data}`,
                            has
                                ? `it has a data volume, and its seed has no ${PATHS.data}`
                                : `its seed has ${PATHS.data}, and it has no data volume`,
                            files.at,
                        ),
                    ],
          );
}

/**
 * An overlay, a seed, and at most one volume that outlives the guest: its own. A guest takes whatever disk is
 * labelled `cidata` for its seed, and no rule sees what is on another one.
 */
export const onlyItsDisks = (model: Model, domain: Domain): readonly Finding[] =>
    whenKnown(subjectOf(domain), domain.disks, (disks) => {
        const data = dataVolumesOf(model, domain);
        const few = data.length <= 1 && disks.length === 2 + data.length;
        return [
            ...(few
                ? []
                : [
                      violation(
                          subjectOf(domain),
                          `it has ${disks.length} disks, ${data.length} of them no overlay and no seed; an overlay, ` +
                              "a seed and one data volume of its own are allowed " +
                              `${marked(digestOf(disks.map((disk) => [digestOfNode(disk.xml), volumesOf(model, disk)])))}`,
                          whole(domain),
                      ),
                  ]),
            ...data.flatMap((volume) => dataVolume(model, domain, volume)),
            ...toldInSeed(domain, data.length > 0),
            ...disks.flatMap((disk) => {
                const stored = storedOf(model, disk);
                return [
                    ...(disk.source.kind === "known" ? dataDevice(domain, disk, stored.some(isData)) : []),
                    ...stored.flatMap((volume) => {
                        if (!("base" in volume)) {
                            return [];
                        }
                        if (volume.seed !== undefined) {
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
                        return isData(volume)
                            ? []
                            : must(
                                  `${subjectOf(domain)} disk ${disk.index}`,
                                  volume.base,
                                  (base) => base !== undefined,
                                  `${subjectOf(volume)} is no overlay`,
                              );
                    }),
                ];
            }),
        ];
    });

/**
 * A stylesheet of ours takes volumes of one pool that are named after their guest, and of a data pool the
 * guest's data volume where it has one, and ends in an error at any other: a guest with one is not what is judged here, for there is none.
 */
export function takenByStylesheet(model: Model, domain: Domain): readonly Finding[] {
    const { pool: written, dataPool } =
        domain.stylesheet.kind === "pinned" ? domain.stylesheet : { pool: undefined, dataPool: undefined };
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
            if (stored !== undefined && dataPool !== undefined && isData(stored)) {
                // Its name is judged with the guest's other disks.
                return must<string | undefined>(
                    `${subject} pool`,
                    stored.pool,
                    (pool) => pool === dataPool.name,
                    `its stylesheet takes data volumes of pool ${dataPool.name} alone`,
                );
            }
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
