import { posix } from "node:path";
import { plainPath } from "../../../values/host-paths";
import { nicsOf, possible, type Attachment, type Model, type Seed, type Volume } from "../../../model";
import { must, nicSubject, partsOf, subjectOf } from "../../check";
import type { Finding, Rule } from "../../rule";
import { eachDomain } from "../../select";

/**
 * libvirt names a volume by its file: one outside of its pool's folder was made in another pool of that name.
 */
const inFolder = (model: Model, { resource, host, pool, id }: Volume | Seed): Finding[] => {
    const folders = model.pools
        .filter(
            (p) =>
                p.host === host &&
                p.name.kind === "known" &&
                pool.kind === "known" &&
                p.name.value === pool.value,
        )
        .flatMap(({ path }) => possible(path) ?? []);
    return folders.flatMap((folder) =>
        folder === undefined || id.kind !== "known"
            ? []
            : must(
                  `${subjectOf({ resource })} file`,
                  id,
                  (file) => plainPath(posix.dirname(file)) === plainPath(folder),
                  `a file in its pool's folder ${folder} is needed`,
              ),
    );
};

/**
 * Pools of volumes and seeds: one that the host happens to have may be on another machine, or in a user's
 * home.
 */
function pools(model: Model): Finding[] {
    const declared = new Set(
        model.pools.flatMap((pool) =>
            pool.name.kind === "known" ? [JSON.stringify([pool.host, pool.name.value])] : [],
        ),
    );
    // Provider 0.9 writes a seed on the machine that it runs on; the volume that carries it is in a pool.
    const carried = new Set(model.volumes.map((volume) => volume.seed));
    const stored: readonly (Volume | Seed)[] = [
        ...model.volumes,
        ...model.seeds.filter((seed) => !carried.has(seed.resource.id)),
    ];
    return stored.flatMap((record) => [
        ...inFolder(model, record),
        ...must<string | undefined>(
            `${subjectOf(record)} pool`,
            record.pool,
            (pool) => declared.has(JSON.stringify([record.host, pool ?? "default"])),
            "a pool that is declared in this stack is needed",
        ),
    ]);
}

const rule: Rule = {
    id: "NT-26",
    title: "Every reference leads to something that is declared here",
    why:
        "A network, volume or seed that the host happens to have by this name may be anything: " +
        '"default" is a NAT network on most hosts.',
    severity: "critical",
    fix: "Declare it in this stack, or correct the name.",
    limits:
        "In a first preview ids are not known. As many as volumes feed the input are taken for those " +
        "volumes'; reports name them under what they rest on. A text that the program makes of an id " +
        "cannot be told from it.",
    check: (model) => [
        ...pools(model),
        ...model.volumes.flatMap((volume) =>
            must(
                `${subjectOf(volume)} base`,
                volume.base,
                (base) => base === undefined || base.from === "volume",
                "no base, or a volume that is declared in this stack, is needed",
                partsOf(volume.xml, "basevolumename", "basevolumepool"),
            ),
        ),
        ...eachDomain(model, "all", (domain) => [
            ...nicsOf(domain).flatMap((nic) =>
                must<Attachment>(
                    nicSubject(domain, nic),
                    nic.attachment,
                    (a) => a.to !== "undeclared-network",
                    "the network has to be declared in this stack",
                ),
            ),
            ...(domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
                must(
                    `${subjectOf(domain)} disk ${disk.index}`,
                    disk.source,
                    (source) => source.from === "volume",
                    "a volume or seed that is declared in this stack is needed",
                ),
            ),
        ]),
    ],
};

export default rule;
