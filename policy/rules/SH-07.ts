import type { Rule } from "../rule";
import { noDevice } from "../select";

const rule: Rule = {
    id: "SH-07",
    title: "No guest has a graphics card, and so none is shared",
    why: "Memory of a graphics card is shared memory.",
    severity: "high",
    fix: "Use this project's stylesheet, which has no video device.",
    scope: "resource",
    check: (model) => noDevice(model, "all", "video"),
};

export default rule;
