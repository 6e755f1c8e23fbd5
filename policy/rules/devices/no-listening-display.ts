import { mustBe, mustBeAbsent } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const rule: Rule = {
    id: "DD-03",
    title: "No guest has a display that listens anywhere",
    why: "A display server is a service of the host's that the guest draws in and that a network may reach.",
    severity: "high",
    fix: "Use this project's stylesheet, which has no graphics, or listen type none or socket.",
    scope: "resource",
    check: (model) =>
        eachDevice(model, "all", ["graphics"], (_domain, graphics, subject) => [
            ...mustBe(subject, graphics, "type", ["spice", "vnc"]),
            ...mustBe(subject, graphics, "listen.type", ["none", "socket"]),
            ...mustBeAbsent(subject, graphics, "port", "tlsPort", "websocket", "listen.address"),
        ]),
};

export default rule;
