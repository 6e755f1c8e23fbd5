import { eachTorrc, linesOf, optionMustBe, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-19",
    title: "tor's log holds no destinations",
    why: "From info on, tor logs where its clients go.",
    severity: "high",
    fix: "Write Log notice and SafeLogging 1.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...linesOf(torrc, "Log")
                .filter((line) => !/^(notice|warn|err)( syslog| stdout)?$/.test(line.value))
                .map((line) => wrongLine(torrc, line, "notice, warn or err to syslog is allowed")),
            ...optionMustBe(torrc, "SafeLogging", undefined, "1"),
            ...linesOf(torrc, "LogTimeGranularity", "LogMessageDomains", "HeartbeatPeriod").map((line) =>
                wrongLine(torrc, line, "leave it to tor"),
            ),
        ]),
};

export default rule;
