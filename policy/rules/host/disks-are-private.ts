import { subjectOf, violation } from "../../check";
import { FOLDER_MODES, permissions } from "../../helpers/permissions";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "HS-17",
    title: "No one on the host but root and the emulator reads a guest's disk",
    why: "The provider makes volumes that everyone may read.",
    severity: "high",
    fix: "Use this project's stylesheet for volumes, or permissions 0600 without owner, group and label.",
    limits:
        "Modes, owners and labels of volumes and pools. Folders above a pool's, and whether the file " +
        "system keeps copies, are the host's.",
    scope: "resource",
    check: (model) => [
        ...model.volumes.flatMap((volume) => [
            ...permissions(subjectOf(volume), volume.xml, ["0600", "600"]),
            ...(volume.stylesheet.kind === "opaque"
                ? [
                      violation(
                          `${subjectOf(volume)} stylesheet`,
                          `xml.xslt is not one of this project's: ${volume.stylesheet.why}`,
                          volume.stylesheet.at,
                      ),
                  ]
                : []),
        ]),
        ...model.pools.flatMap((pool) => permissions(subjectOf(pool), pool.xml, FOLDER_MODES)),
    ],
};

export default rule;
