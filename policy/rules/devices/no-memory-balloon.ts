import { mustBe, subjectOf, violation, whenKnown } from "../../check";
import type { Rule } from "../../rule";
import { eachDomain } from "../../select";

const rule: Rule = {
    id: "DD-07",
    title: "No guest has a memory balloon",
    why:
        "A balloon tells a guest about the host's memory and moves pages between guests. Libvirt " +
        "adds one unless it is told not to.",
    severity: "medium",
    fix: 'Use this project\'s stylesheet, or memBalloon: { model: "none" } (0.9).',
    scope: "resource",
    check: (model) =>
        eachDomain(model, "all", (domain) =>
            whenKnown(subjectOf(domain), domain.devices, (devices) => {
                const balloons = devices.filter((device) => device.name === "memballoon");
                return balloons.length === 0
                    ? [
                          violation(
                              subjectOf(domain),
                              "no memballoon is declared, so libvirt adds one",
                              domain.devices.at,
                          ),
                      ]
                    : balloons.flatMap((balloon) =>
                          mustBe(`${subjectOf(domain)} memballoon`, balloon, "model", ["none"]),
                      );
            }),
        ),
};

export default rule;
