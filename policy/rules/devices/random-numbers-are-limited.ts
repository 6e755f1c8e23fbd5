import { mustBe, mustBePresent } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const rule: Rule = {
    id: "DD-14",
    title: "Random numbers come from the host's kernel, at a limited rate",
    why:
        "Another source is a channel to the program that feeds it. Without a limit one guest drains " +
        "the host.",
    severity: "low",
    fix: "Use this project's stylesheet, or an rng with backend /dev/urandom and a rate.",
    scope: "resource",
    check: (model) =>
        eachDevice(model, "all", ["rng"], (_domain, rng, subject) => [
            ...mustBe(subject, rng, "backend.model", ["random", "builtin"]),
            ...mustBe(subject, rng, "backend", ["/dev/urandom", "/dev/random", ""]),
            ...mustBePresent(subject, rng, "rate"),
        ]),
};

export default rule;
