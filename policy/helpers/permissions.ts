/** Who may read a volume or a pool's folder, as libvirt sets it (formatstorage, "permissions"). */
import { nodesAt, type Node } from "../../model";
import { mustBe, mustHaveOnly, whenKnown } from "../check";
import type { Finding } from "../rule";

/** libvirt leaves "-1" as it is: root's, until the guest starts and the emulator gets it. */
const ROOT = [undefined, "0", "-1"];

/** Modes without writing for all, of a pool's folder: libvirt's own is 0711. */
export const FOLDER_MODES = [
    undefined,
    ...["700", "710", "711", "750", "751", "755"].flatMap((mode) => [mode, `0${mode}`]),
];

/** Findings for whatever gives a file or folder to another user, or labels it. */
export const permissions = (
    subject: string,
    xml: Node,
    modes: readonly (string | undefined)[],
): readonly Finding[] => [
    ...mustBe(subject, xml, "target.permissions.mode", modes),
    ...["owner", "group"].flatMap((who) => mustBe(subject, xml, `target.permissions.${who}`, ROOT)),
    ...mustBe(subject, xml, "target.permissions.label", [undefined]),
    ...whenKnown(`${subject} permissions`, nodesAt(xml, "target.permissions"), (nodes) =>
        nodes.flatMap((node) =>
            mustHaveOnly(`${subject} permissions`, node, "mode", "owner", "group", "label"),
        ),
    ),
];
