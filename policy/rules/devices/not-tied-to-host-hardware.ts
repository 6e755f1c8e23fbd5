import { mustBeAbsent, subjectOf } from "../../check";
import { HOST_TUNING } from "../../helpers/domain";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-22",
    title:
        "No guest is tied to memory nodes or weights of its host, nor one of its processors to one " +
        "of the host's",
    why:
        "What one host has another lacks: the guest then does not start there, and what is pinned " +
        "shows which host it is. (Huge pages: DD-08. An enclave's own processors, where asked for: " +
        "SH-06.)",
    severity: "low",
    fix: "Remove cpuTune, numaTune, blockIoTune, memoryTune and resource; use cpus of the enclave.",
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) => mustBeAbsent(subjectOf(domain), domain.xml, ...HOST_TUNING)),
};

export default rule;
