import { mustBePresent, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDevice } from "../select";

const rule: Rule = {
    id: "ID-16",
    title: "No display follows the size of the user's window",
    why: "The size of a screen is a fingerprint. Guests have no display: consoles are text.",
    severity: "low",
    fix: "Use this project's stylesheet, which has no video device.",
    scope: "resource",
    check: (model) => eachDevice(model, "all", ["video"], (domain, video) => [
        ...mustBePresent(subjectOf(domain), video, "model.resolution.x"),
        ...mustBePresent(subjectOf(domain), video, "model.resolution.y"),
    ]),
};

export default rule;
