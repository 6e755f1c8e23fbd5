import { possible, type DiskSource, type Domain } from "../../../model";
import { must, subjectOf, undecided, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

/** What is behind a disk, so that two disks on the same thing have one key. */
function keyOf(source: DiskSource): string | undefined {
    switch (source.from) {
        case "nothing":
            return undefined;
        case "volume":
            return source.volume;
        case "undeclared-volume":
            return `undeclared ${source.key}`;
        default:
            return `${source.from} ${source.path}`;
    }
}

const rule: Rule = {
    id: "SH-01",
    title: "No disk that can be written is attached to two guests, and the golden image to none",
    why: "What one writes the other reads.",
    severity: "critical",
    fix: "Give each guest an overlay of its own.",
    check: (model) => {
        const owners = new Map<string, { readonly subject: string; readonly domain: Domain }>();
        const bases = new Set(
            model.volumes.flatMap((v) =>
                (possible(v.base) ?? []).flatMap((ref) => (ref?.from === "volume" ? [ref.volume] : [])),
            ),
        );
        const strangers = model.domains.flatMap((domain) =>
            (domain.touches?.files ?? []).map(({ what, at }) =>
                violation(`${subjectOf(domain)} files`, what, at),
            ),
        );
        return [
            ...strangers,
            ...eachDomain(model, "all", (domain) =>
                (domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) => {
                    const subject = `${subjectOf(domain)} disk ${disk.index}`;
                    // Before anything exists, a disk may be any of the volumes that feed it; no other domain
                    // may have one of those.
                    const sure = disk.source.kind === "known";
                    const say = sure ? violation : undecided;
                    return [
                        ...(possible(disk.source) ?? [])
                            .map(keyOf)
                            .filter((key) => key !== undefined)
                            .flatMap((key) => {
                                const owner = owners.get(key);
                                owners.set(key, owner ?? { subject, domain });
                                return [
                                    ...(owner === undefined || (owner.domain === domain && !sure)
                                        ? []
                                        : [say(subject, `${key} is ${owner.subject}'s as well`, disk.at)]),
                                    ...(bases.has(key)
                                        ? [say(subject, `${key} is the base of other disks`, disk.at)]
                                        : []),
                                ];
                            }),
                        ...must(subject, disk.shareable, (on) => !on, "a shareable disk is not allowed"),
                    ];
                }),
            ),
        ];
    },
};

export default rule;
