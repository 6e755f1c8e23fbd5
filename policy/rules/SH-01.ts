import { possible } from "../../topology/model";
import { must, subjectOf, violation } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "SH-01",
    title: "No disk that can be written is attached to two guests, and the golden image to none",
    why: "What one writes the other reads.",
    severity: "critical",
    fix: "Give each guest an overlay of its own.",
    check: (model) => {
        const owners = new Map<string, string>();
        const bases = new Set(model.volumes.flatMap((v) => (possible(v.base) ?? []).flatMap((ref) => (ref?.from === "volume" ? [ref.volume] : []))));
        return eachDomain(model, "all", (domain) => (domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) => {
            const subject = `${subjectOf(domain)} disk ${disk.index}`;
            const source = disk.source.kind === "known" ? disk.source.value : undefined;
            const key = source === undefined || source.from === "nothing" ? undefined : source.from === "volume" ? source.volume : `${source.from} ${source.from === "undeclared-volume" ? source.key : source.path}`;
            const owner = key === undefined ? undefined : owners.get(key);
            if (key !== undefined) {
                owners.set(key, owner ?? subject);
            }
            return [
                ...(owner === undefined ? [] : [violation(subject, `${key ?? ""} is ${owner}'s as well`, disk.at)]),
                ...(key !== undefined && bases.has(key) ? [violation(subject, `${key} is the base of other disks`, disk.at)] : []),
                ...must(subject, disk.shareable, (on) => !on, "a shareable disk is not allowed"),
            ];
        }));
    },
};

export default rule;
