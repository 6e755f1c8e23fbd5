import type { Rule } from "../rule";
import { noDevice } from "../select";

const rule: Rule = {
    id: "DD-02",
    title: "No guest has a channel to the host: no guest agent, no SPICE agent",
    why: "The host trusts what an agent answers, and an agent obeys what the host says: both leave the enclave. Provider 0.8 adds an agent channel to every domain; only a stylesheet removes it.",
    severity: "critical",
    fix: "Use this project's stylesheet (provider 0.8) or declare no channels (0.9).",
    scope: "resource",
    check: (model) => noDevice(model, "all", "channel"),
};

export default rule;
