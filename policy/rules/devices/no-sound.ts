import { mustBe } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice, noDevice } from "../../select";

const rule: Rule = {
    id: "DD-06",
    title: "No guest has sound",
    why: "A microphone is a sensor in the room; a sound device shares its timing.",
    severity: "high",
    fix: "Use this project's stylesheet, which has no sound device.",
    scope: "resource",
    check: (model) => [
        ...noDevice(model, "all", "sound"),
        ...eachDevice(model, "all", ["audio"], (_domain, audio, subject) =>
            mustBe(subject, audio, "type", ["none"]),
        ),
    ],
};

export default rule;
