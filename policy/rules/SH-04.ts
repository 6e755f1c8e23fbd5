import { digestOfNode, marked, nodesAt, possible, valueAt, type Fact, type Model, type Pool } from "../../topology/model";
import { must, mustHaveOnly, subjectOf, violation, whenKnown } from "../check";
import type { Finding, Rule } from "../rule";
import { eachDomain, volumeById } from "../select";

/** With what libvirt tells of it afterwards. */
const PARTS = ["name", "type", "path", "target", "source", "allocation", "available", "capacity", "poolId", "uuid"];

/** A folder at the path that is declared: a source, another type or a stylesheet can put it anywhere. */
const plain = (model: Model): Finding[] => model.pools.flatMap((pool: Pool) => [
    ...must(`${subjectOf(pool)} type`, pool.type, (type) => type === "dir", "a folder (dir) is allowed"),
    ...(pool.stylesheet.kind === "opaque" ? [violation(`${subjectOf(pool)} stylesheet`, `xml.xslt is not one of this project's: ${pool.stylesheet.why}`, pool.stylesheet.at)] : []),
    ...mustHaveOnly(subjectOf(pool), pool.xml, ...PARTS),
    ...whenKnown(`${subjectOf(pool)} source`, nodesAt(pool.xml, "source"), (sources) => sources.filter((source) => source.children.length > 0).map((source) => violation(`${subjectOf(pool)} source`, `it has a source; a folder has none ${marked(digestOfNode(source))}`, source.at))),
]);

const rule: Rule = {
    id: "SH-04",
    title: "Enclaves share no pool, no path and no status file; a pool is a folder where it says",
    why: "What one enclave writes another could read, or fill.",
    severity: "high",
    fix: "Give each enclave pools and paths of its own.",
    local: plain,
    check: (model) => {
        const owners = new Map<string, string>();
        const claim = (subject: string, key: string, owner: string, at: Fact<unknown>["at"]): Finding[] => {
            const before = owners.get(key);
            owners.set(key, before ?? owner);
            return before === undefined || before === owner ? [] : [violation(subject, `${key} is ${before}'s as well`, at)];
        };
        return [
            ...plain(model),
            ...model.pools.flatMap((pool) => (possible(pool.path) ?? []).flatMap((path) => (path === undefined ? [] : claim(subjectOf(pool), `${pool.host} path ${path.replace(/\/+$/, "")}`, subjectOf(pool), pool.path.at)))),
            ...eachDomain(model, "all", (domain) => {
                const enclave = domain.enclave.kind === "known" && domain.enclave.value !== undefined ? `enclave ${domain.enclave.value}` : subjectOf(domain);
                return [
                    ...(domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) => (disk.source.kind === "known" ? possible(disk.source) ?? [] : []).flatMap((source) => {
                        const volume = source.from === "volume" ? volumeById(model, source.volume) : undefined;
                        return (volume === undefined ? [] : possible(volume.pool) ?? []).flatMap((pool) => claim(`${subjectOf(domain)} disk ${disk.index}`, `${domain.host} pool ${pool}`, enclave, disk.at));
                    })),
                    ...(domain.devices.kind === "known" ? domain.devices.value : []).flatMap((device) => (possible(valueAt(device, "log.file")) ?? []).flatMap((file) =>
                        (file === undefined ? [] : claim(`${subjectOf(domain)} ${device.name}`, `${domain.host} log ${file}`, subjectOf(domain), device.at)))),
                ];
            }),
        ];
    },
};

export default rule;
