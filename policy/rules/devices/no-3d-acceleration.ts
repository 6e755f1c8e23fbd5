import { mustBe } from "../../check";
import type { Rule } from "../../rule";
import { eachDevice } from "../../select";

const rule: Rule = {
    id: "DD-24",
    title: "No guest draws with the host's graphics card",
    why: "3D acceleration runs the guest's programs in the host's driver.",
    severity: "medium",
    fix: "Use this project's stylesheet, which has no video device.",
    scope: "resource",
    check: (model) =>
        eachDevice(model, "all", ["video"], (_domain, video, subject) => [
            ...mustBe(subject, video, "model.acceleration.accel3d", [undefined, "no"]),
            ...mustBe(subject, video, "model.acceleration.accel2d", [undefined, "no"]),
        ]),
};

export default rule;
