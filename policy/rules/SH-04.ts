import { possible, valueAt, type Fact } from "../../topology/model";
import { subjectOf, violation } from "../check";
import type { Finding, Rule } from "../rule";
import { eachDomain, volumeById } from "../select";

const rule: Rule = {
    id: "SH-04",
    title: "Enclaves share no pool, no path and no status file",
    why: "What one enclave writes another could read, or fill.",
    severity: "high",
    fix: "Give each enclave pools and paths of its own.",
    check: (model) => {
        const owners = new Map<string, string>();
        const claim = (subject: string, key: string, owner: string, at: Fact<unknown>["at"]): Finding[] => {
            const before = owners.get(key);
            owners.set(key, before ?? owner);
            return before === undefined || before === owner ? [] : [violation(subject, `${key} is ${before}'s as well`, at)];
        };
        return [
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
