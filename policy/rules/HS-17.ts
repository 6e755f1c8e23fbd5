import { mustBe, subjectOf, violation } from "../check";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "HS-17",
    title: "Nobody on the host but root and the emulator reads a guest's disk",
    why: "The provider makes volumes that everyone may read.",
    severity: "high",
    fix: "Use this project's stylesheet for volumes, or permissions 0600.",
    limits: "Modes of volumes. The pool's own folder, and whether the file system keeps copies, are the host's.",
    scope: "resource",
    check: (model) => model.volumes.flatMap((volume) => [
        ...mustBe(subjectOf(volume), volume.xml, "target.permissions.mode", ["0600", "600"]),
        ...(volume.stylesheet.kind === "opaque" ? [violation(`${subjectOf(volume)} stylesheet`, `xml.xslt is not one of this project's: ${volume.stylesheet.why}`, volume.stylesheet.at)] : []),
    ]),
};

export default rule;
