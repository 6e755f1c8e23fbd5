import type { Rule } from "../rule";
import { noDevice } from "../select";

const rule: Rule = {
    id: "DD-01",
    title: "No folder of the host's is shared with a guest",
    why: "9p and virtiofs are a channel to the host's files, and from there to everything.",
    severity: "critical",
    fix: "Remove filesystems.",
    scope: "resource",
    check: (model) => noDevice(model, "all", "filesystem"),
};

export default rule;
