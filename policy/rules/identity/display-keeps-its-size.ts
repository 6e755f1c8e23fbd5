import { mustBePresent } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const rule: Rule = {
    id: "ID-16",
    title: "No display follows the size of the user's window",
    why: "The size of a screen is a fingerprint. Guests have no display: consoles are text.",
    severity: "low",
    fix: "Use this project's stylesheet, which has no video device.",
    scope: "resource",
    check: (model) =>
        eachDevice(model, "all", ["video"], (_domain, video, subject) => [
            ...mustBePresent(subject, video, "model.resolution.x"),
            ...mustBePresent(subject, video, "model.resolution.y"),
        ]),
};

export default rule;
