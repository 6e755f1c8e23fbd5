import { mustBe, mustBeAbsent, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDevice } from "../select";

const LINES = ["serial", "console", "parallel"];

const rule: Rule = {
    id: "DD-12",
    title: "Serial lines end on the host alone, and a Workstation's are not written down",
    why: "A console on a socket is a service; a log of it keeps a Workstation's screen on the host's disk. (A Gateway's serial line carries its status and is logged.)",
    severity: "high",
    fix: "Use this project's stylesheet, or a pty without a log.",
    check: (model) => [
        ...eachDevice(model, "all", LINES, (domain, line) => mustBe(subjectOf(domain), line, "type", ["pty", undefined])),
        ...eachDevice(model, "workstation", LINES, (domain, line) => mustBeAbsent(subjectOf(domain), line, "log")),
    ],
};

export default rule;
