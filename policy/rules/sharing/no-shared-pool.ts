import { POOL_FORM, isInside, isPoolFolder, plainPath } from "../../../values/host-paths";
import {
    digestOfNode,
    marked,
    nodesAt,
    possible,
    valueAt,
    type Domain,
    type Fact,
    type Model,
    type Pool,
} from "../../../model";
import { must, mustHaveOnly, subjectOf, violation, whenKnown } from "../../check";
import { poolAround, storedById } from "../../helpers/storage";
import type { Finding, Rule } from "../../rule";
import { eachDomain, volumeById } from "../../select";

/** A guest's disks are its root, its seed and, third, its data volume (DD-19). */
const DATA_DISK = 2;

/** With what libvirt tells of it afterwards. */
const PARTS = [
    "name",
    "type",
    "path",
    "target",
    "source",
    "allocation",
    "available",
    "capacity",
    "poolId",
    "uuid",
];

/** A folder at the path that is declared: a source, another type or a stylesheet can put it anywhere. */
const plain = (model: Model): Finding[] =>
    model.pools.flatMap((pool: Pool) => [
        ...must(`${subjectOf(pool)} type`, pool.type, (type) => type === "dir", "a folder (dir) is allowed"),
        ...(pool.stylesheet.kind === "opaque"
            ? [
                  violation(
                      `${subjectOf(pool)} stylesheet`,
                      `xml.xslt is not one of this project's: ${pool.stylesheet.why}`,
                      pool.stylesheet.at,
                  ),
              ]
            : []),
        ...mustHaveOnly(subjectOf(pool), pool.xml, ...PARTS),
        ...whenKnown(`${subjectOf(pool)} source`, nodesAt(pool.xml, "source"), (sources) =>
            sources
                .filter((source) => source.children.length > 0)
                .map((source) =>
                    violation(
                        `${subjectOf(pool)} source`,
                        `it has a source; a folder has none ${marked(digestOfNode(source))}`,
                        source.at,
                    ),
                ),
        ),
        ...whenKnown(`${subjectOf(pool)} target`, nodesAt(pool.xml, "target"), (targets) =>
            targets.flatMap((target) =>
                mustHaveOnly(`${subjectOf(pool)} target`, target, "path", "permissions"),
            ),
        ),
        // A name that is not known is LC-15's.
        ...must(
            `${subjectOf(pool)} path`,
            pool.path,
            (path) =>
                path !== undefined && (possible(pool.name) ?? []).every((name) => isPoolFolder(path, name)),
            `${POOL_FORM} is needed; it is called ${JSON.stringify(possible(pool.name) ?? [])}`,
        ),
    ]);

/**
 * Pools of which one's folder is the other's or lies in it: each reads the other's files, or takes them for
 * volumes.
 */
const nested = (model: Model): Finding[] =>
    model.pools.flatMap((pool, i) =>
        model.pools
            .slice(0, i)
            .filter((other) => other.host === pool.host)
            .flatMap((other) => {
                const pairs = (possible(pool.path) ?? []).flatMap((a) =>
                    (possible(other.path) ?? []).flatMap((b) =>
                        a === undefined || b === undefined ? [] : [[a, b] as const],
                    ),
                );
                const pair = pairs.find(([a, b]) => isInside(a, b) || isInside(b, a));
                return pair === undefined
                    ? []
                    : [
                          violation(
                              `${subjectOf(pool)} path of ${subjectOf(other)}`,
                              `${pair[0]} and ${subjectOf(other)}'s ${pair[1]} are one folder, ` +
                                  "or one in the other",
                              pool.path.at,
                          ),
                      ];
            }),
    );

type Claim = (subject: string, key: string, owner: string, at: Fact<unknown>["at"]) => Finding[];

function claims(): Claim {
    const owners = new Map<string, string>();
    return (subject, key, owner, at) => {
        const before = owners.get(key);
        owners.set(key, before ?? owner);
        return before === undefined || before === owner
            ? []
            : [violation(subject, `${key} is ${before}'s as well`, at)];
    };
}

/** Pools that the golden images are in: an enclave that wrote there could write to every guest's base. */
const images = (model: Model, claim: Claim): Finding[] =>
    [
        ...new Set(
            model.volumes.flatMap((v) =>
                (possible(v.base) ?? []).flatMap((ref) => (ref?.from === "volume" ? [ref.volume] : [])),
            ),
        ),
    ]
        .flatMap((id) => volumeById(model, id) ?? [])
        .flatMap((volume) =>
            (possible(volume.pool) ?? []).flatMap((pool) =>
                claim(subjectOf(volume), `${volume.host} pool ${pool}`, "the golden image", volume.pool.at),
            ),
        );

/** Pools that a guest's disks, seed and log are in. */
function usedBy(model: Model, domain: Domain, claim: Claim): Finding[] {
    const enclave =
        domain.enclave.kind === "known" && domain.enclave.value !== undefined
            ? `enclave ${domain.enclave.value}`
            : subjectOf(domain);
    const inPool = (subject: string, pool: string, at: Fact<unknown>["at"]): Finding[] =>
        claim(subject, `${domain.host} pool ${pool}`, enclave, at);
    return [
        ...(domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
            (possible(disk.source) ?? []).flatMap((source) => {
                const stored = source.from === "volume" ? storedById(model, source.volume) : undefined;
                return (
                    stored === undefined ? [] : (possible<string | undefined>(stored.pool) ?? [])
                ).flatMap((pool) =>
                    pool === undefined
                        ? []
                        : [
                              ...inPool(`${subjectOf(domain)} disk ${disk.index}`, pool, disk.at),
                              // What goes with a guest and what outlives it: a pool is removed with what it holds.
                              // A preview may not know yet which disk is which.
                              ...(possible(disk.source)?.length !== 1
                                  ? []
                                  : claim(
                                        `${subjectOf(domain)} disk ${disk.index}`,
                                        `${domain.host} kind of pool ${pool}`,
                                        disk.index === DATA_DISK ? "data volumes" : "roots and seeds",
                                        disk.at,
                                    )),
                          ],
                );
            }),
        ),
        ...(domain.devices.kind === "known" ? domain.devices.value : []).flatMap((device) =>
            (possible(valueAt(device, "log.file")) ?? []).flatMap((file) => {
                const subject = `${subjectOf(domain)} ${device.name}`;
                const pool = file === undefined ? undefined : poolAround(model, domain.host, file);
                return file === undefined
                    ? []
                    : [
                          ...claim(
                              subject,
                              `${domain.host} log ${plainPath(file)}`,
                              subjectOf(domain),
                              device.at,
                          ),
                          ...(pool === undefined
                              ? []
                              : (possible(pool.name) ?? []).flatMap((name) =>
                                    inPool(`${subject} pool`, name, device.at),
                                )),
                      ];
            }),
        ),
    ];
}

const rule: Rule = {
    id: "SH-04",
    title: "Enclaves share no pool, no path and no status file; data volumes have a pool of their own; a pool is a folder where it says",
    why: "What one enclave writes another could read, or fill.",
    severity: "high",
    fix: "Give each enclave pools and paths of its own, each in a folder that is called like its pool.",
    limits: "Links and mounts of the host are not seen: two paths may lead to one folder there.",
    local: plain,
    check: (model) => {
        const claim = claims();
        return [
            ...plain(model),
            ...nested(model),
            ...model.pools.flatMap((pool) =>
                (possible(pool.name) ?? []).flatMap((name) =>
                    claim(
                        `${subjectOf(pool)} name`,
                        `${pool.host} name of pool ${name}`,
                        pool.resource.id,
                        pool.name.at,
                    ),
                ),
            ),
            ...images(model, claim),
            ...eachDomain(model, "all", (domain) => usedBy(model, domain, claim)),
        ];
    },
};

export default rule;
