import { must, subjectOf, violation, whenKnown } from "../check";
import { createStep } from "../../topology/steps";
import { dependenciesOf } from "../families/graph";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "CI-14",
    title: "The base image is a local file whose sum is checked before it is uploaded",
    why: "Whoever changes the image owns every guest; the provider checks nothing.",
    severity: "critical",
    fix: "Use this project's BaseImage: a local file, named by its SHA-256 and checked by verify-image.",
    check: (model) => model.volumes.flatMap((volume) => whenKnown(subjectOf(volume), volume.source, (source) => {
        if (source === undefined) {
            return [];
        }
        const waitsFor = dependenciesOf(model, volume.resource);
        const sums = model.actuators.filter((a) => waitsFor.has(a.resource.id)).map(createStep).flatMap((step) => (step?.verb === "verify-image" ? [step.options.sha256 ?? ""] : []));
        return [
            ...(/^[a-z0-9+]+:\/\//i.test(source) ? [violation(subjectOf(volume), `source = "${source}" is fetched by the provider, which checks no sum`, volume.source.at)] : []),
            ...must(subjectOf(volume), volume.name, (name) => sums.some((sum) => /^[0-9a-f]{64}$/.test(sum) && name.includes(sum.slice(0, 12))), "no verify-image step that it depends on has the sum that its name begins with"),
        ];
    })),
};

export default rule;
