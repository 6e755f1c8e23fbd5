import { describeFact, nicsOf, type Fact } from "../../../model";
import { subjectOf, undecided } from "../../check";
import type { Finding, Rule } from "../../rule";

const rule: Rule = {
    id: "LC-15",
    title: "Everything that a rule depends on is known before anything is created",
    why: "A rule that skips what it does not know passes everything.",
    severity: "critical",
    fix: "Take names from plain values with dependsOn, not from another resource's output.",
    limits:
        "Before volumes exist, a disk or base whose id comes from declared volumes alone passes. A " +
        "program could make another id from theirs; `plan` counts them (references: assumed). NICs " +
        "have to be known.",
    check: (model) => {
        const missing = (subject: string, fact: Fact<unknown>): Finding =>
            undecided(
                fact.at.path === "" ? subject : `${subject} ${fact.at.path}`,
                describeFact(fact),
                fact.at,
            );
        const sure = (subject: string, fact: Fact<unknown>): Finding[] =>
            fact.kind === "known" ? [] : [missing(subject, fact)];
        const facts = (subject: string, ...list: readonly Fact<unknown>[]): Finding[] =>
            list.flatMap((fact) =>
                fact.kind === "unknown" && fact.candidates !== undefined ? [] : sure(subject, fact),
            );
        const all = [
            ...model.hosts.flatMap((h) => facts(h.key, h.uri)),
            ...model.networks.flatMap((n) =>
                facts(subjectOf(n), n.name, n.bridge, n.forward, n.addresses, n.dhcp, n.dns, n.autostart),
            ),
            ...model.domains.flatMap((d) => [
                ...facts(
                    subjectOf(d),
                    d.name,
                    d.role,
                    d.nics,
                    d.disks,
                    d.devices,
                    d.seeds,
                    d.autostart,
                    d.xml.value,
                ),
                // What feeds a name is not what it will be: one network's output can be made into any other's
                // name.
                ...nicsOf(d).flatMap((nic) => [
                    ...sure(subjectOf(d), nic.attachment),
                    ...facts(subjectOf(d), nic.mac, nic.model, nic.isolatedPort, nic.filter),
                ]),
                ...(d.disks.kind === "known" ? d.disks.value : []).flatMap((disk) =>
                    facts(subjectOf(d), disk.source, disk.device, disk.readOnly),
                ),
            ]),
            ...model.seeds.flatMap((s) =>
                facts(subjectOf(s), s.name, s.userData, s.networkConfig, s.metaData),
            ),
            ...model.volumes.flatMap((v) => facts(subjectOf(v), v.name, v.pool, v.format, v.source, v.base)),
            ...model.pools.flatMap((p) => facts(subjectOf(p), p.name, p.path)),
            ...model.actuators.flatMap((a) => facts(subjectOf(a), a.commands, a.environment)),
        ];
        // One input that hides several facts is one thing to fix.
        return [...new Map([...all].reverse().map((f) => [f.subject, f])).values()].reverse();
    },
};

export default rule;
