import { mustBe } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const rule: Rule = {
    id: "DD-04",
    title: "A display shares no clipboard, no files and no 3D",
    why: "Each is a channel between the guest and the host's desktop, on unless it is switched off.",
    severity: "high",
    fix: "Remove graphics, or set clipboard.copypaste and filetransfer.enable to no and leave gl out.",
    scope: "resource",
    check: (model) =>
        eachDevice(model, "all", ["graphics"], (_domain, graphics, subject) => [
            ...mustBe(subject, graphics, "clipboard.copypaste", ["no"]),
            ...mustBe(subject, graphics, "filetransfer.enable", ["no"]),
            ...mustBe(subject, graphics, "gl.enable", [undefined, "no"]),
        ]),
};

export default rule;
