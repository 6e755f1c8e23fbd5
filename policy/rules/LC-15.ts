import { describeFact, nicsOf, type Fact } from "../../topology/model";
import { nicSubject, subjectOf, undecided } from "../check";
import type { Finding, Rule } from "../rule";

const rule: Rule = {
    id: "LC-15",
    title: "Everything that a rule depends on is known before anything is created",
    why: "A rule that skips what it does not know passes everything.",
    severity: "critical",
    fix: "Take names from plain values with dependsOn, not from another resource's output.",
    check: (model) => {
        const facts = (subject: string, ...list: readonly Fact<unknown>[]): Finding[] => list.flatMap((fact) => (fact.kind === "known" || (fact.kind === "unknown" && fact.candidates !== undefined) ? [] : [undecided(subject, describeFact(fact), fact.at)]));
        return [
            ...model.hosts.flatMap((h) => facts(h.key, h.uri)),
            ...model.networks.flatMap((n) => facts(subjectOf(n), n.name, n.bridge, n.forward, n.addresses, n.dhcp, n.dns, n.autostart)),
            ...model.domains.flatMap((d) => [
                ...facts(subjectOf(d), d.name, d.role, d.nics, d.disks, d.devices, d.seeds, d.autostart, d.xml.value),
                ...nicsOf(d).flatMap((nic) => facts(nicSubject(d, nic), nic.attachment, nic.mac, nic.model, nic.isolatedPort, nic.filter)),
                ...(d.disks.kind === "known" ? d.disks.value : []).flatMap((disk) => facts(`${subjectOf(d)} disk ${disk.index}`, disk.source, disk.device, disk.readOnly)),
            ]),
            ...model.seeds.flatMap((s) => facts(subjectOf(s), s.name, s.userData, s.networkConfig, s.metaData)),
            ...model.volumes.flatMap((v) => facts(subjectOf(v), v.name, v.pool, v.format, v.source, v.base)),
            ...model.pools.flatMap((p) => facts(subjectOf(p), p.name, p.path)),
            ...model.actuators.flatMap((a) => facts(subjectOf(a), a.commands, a.environment)),
        ];
    },
};

export default rule;
