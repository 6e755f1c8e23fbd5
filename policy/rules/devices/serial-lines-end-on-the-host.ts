import { STATUS_SUFFIX } from "../../../libvirt/stylesheet";
import { possible, valueAt, type Domain, type Model, type Node } from "../../../model";
import { must, mustBe, mustBeAbsent, mustHaveOnly } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const LINES = ["serial", "console", "parallel"];
/**
 * With what libvirt shows of one that runs. A label of its own is QEMU's way past the host's security driver.
 */
const LINE = ["type", "source", "log", "target", "alias", "address", "tty"];
const SOURCE = ["path", "host", "service"];
const parts = (line: Node, name: string): readonly Node[] =>
    line.children.filter((child) => child.name === name && child.value.kind === "known");

/** The one file that a Gateway's line may be written to: under its own name, in a pool of this stack. */
function isStatusFile(model: Model, domain: Domain, file: string | undefined): boolean {
    const name = possible(domain.name)?.[0] ?? "";
    // Our stylesheet writes the domain's name itself.
    const found = /^(\/.*)\/([^/]+)$/.exec(
        (file ?? "").replace(domain.stylesheet.kind === "pinned" ? "{/domain/name}" : "\0", () => name),
    );
    return (
        file === undefined ||
        (found !== null &&
            found[2] === `${name}${STATUS_SUFFIX}` &&
            model.pools.some(
                (pool) =>
                    pool.host === domain.host &&
                    (possible(pool.path) ?? []).some((path) => path?.replace(/\/+$/, "") === found[1]),
            ))
    );
}

const rule: Rule = {
    id: "DD-12",
    title:
        "Serial lines end on the host alone; a Workstation's are not written down, and a Gateway's " +
        "only to its status file",
    why:
        "A console on a socket is a service. A log keeps a Workstation's screen on the host's disk. " +
        "A guest chooses what is in its log, so the host may not read that file as its own.",
    severity: "high",
    fix:
        "Use this project's stylesheet, or a pty without a log; a Gateway's log is <path of a " +
        "declared pool>/<domain>.status.",
    check: (model) => [
        ...eachDevice(model, "all", LINES, (_domain, line, subject) => [
            ...mustBe(subject, line, "type", ["pty", undefined]),
            ...mustHaveOnly(subject, line, ...LINE),
            ...parts(line, "source").flatMap((source) =>
                mustHaveOnly(`${subject} source`, source, ...SOURCE),
            ),
            ...parts(line, "log").flatMap((log) => mustHaveOnly(`${subject} log`, log, "file", "append")),
        ]),
        ...eachDevice(model, "workstation", LINES, (_domain, line, subject) =>
            mustBeAbsent(subject, line, "log"),
        ),
        ...eachDevice(model, "gateway", LINES, (domain, line, subject) =>
            must(
                `${subject} log`,
                valueAt(line, "log.file"),
                (file) => isStatusFile(model, domain, file),
                "the domain's own status file in a pool of this stack is allowed",
            ),
        ),
        // What an earlier Gateway wrote there would say "ready" for the next.
        ...eachDevice(model, "gateway", LINES, (_domain, line, subject) =>
            parts(line, "log").flatMap((log) => mustBe(`${subject} log`, log, "append", ["off"])),
        ),
    ],
};

export default rule;
