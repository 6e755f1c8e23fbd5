import { memoize } from "../../../util/memoize";
import {
    digestOf,
    holds,
    marked,
    possible,
    type Actuator,
    type DiskSource,
    type Domain,
    type Fact,
    type Model,
    type Seed,
    type Volume,
} from "../../../model";
import { createStep, deleteStep, leadsTo, type Step } from "../../../model/steps";
import { subjectOf, undecided, violation, whenKnown, whole } from "../../check";
import { dependenciesOf } from "../../helpers/graph";
import type { Rule } from "../../rule";
import { eachDomain, volumeById } from "../../select";

type Stored = Volume | Seed;

interface Wiping {
    readonly actuator: Actuator;
    /**
     * What it does when it is taken away: wipe, or nothing (`true`). Undefined: it does something at the
     * wrong time.
     */
    readonly step: Step | undefined;
}

/** Commands that wipe something at their end, or that stand where one would and do nothing. */
const wipings = memoize((model: Model): readonly Wiping[] =>
    model.actuators.flatMap((actuator) => {
        const [create, step] = [createStep(actuator), deleteStep(actuator)];
        return step?.verb === "wipe" || step?.verb === "true" || create?.verb === "wipe"
            ? [{ actuator, step: create?.verb === "true" ? step : undefined }]
            : [];
    }),
);

const is = (fact: Fact<string | undefined> | undefined, text: string | undefined): boolean =>
    fact !== undefined && text !== undefined && holds(fact, (value) => value === text) === "yes";

/** `storage.wipe` is off: the step is there, for to take it away would be to run it. */
const off = (step: Step): boolean => step.verb === "true";

/** The step that wipes a volume after its guest's end and before its own, be it destroyed or replaced. */
function wipingOf(model: Model, domain: Domain, stored: Stored): Actuator | undefined {
    const carried = "seed" in stored ? stored.seed : undefined;
    return wipings(model).find(
        ({ actuator, step }) =>
            step !== undefined &&
            (off(step) ||
                (is(stored.name, step.options["volume"]) &&
                    is(stored.pool, step.options["pool"]) &&
                    is(domain.name, step.options["domain"]) &&
                    leadsTo(model, domain.host, step.options["uri"]))) &&
            // What takes a property from it goes before it when it is replaced; what only depends on it does
            // not.
            (actuator.resource.propertyDependencies["triggers"] ?? []).some(
                (id) => id === stored.resource.id || id === carried,
            ) &&
            dependenciesOf(model, domain.resource).has(actuator.resource.id),
    )?.actuator;
}

const storedBy = (model: Model, sources: readonly DiskSource[]): Stored[] =>
    [...new Set(sources.flatMap((source) => (source.from === "volume" ? [source.volume] : [])))].flatMap(
        (id) => volumeById(model, id) ?? model.seeds.find((seed) => seed.resource.id === id) ?? [],
    );

/** Domains that a component of ours declares, or may have: disks of other stacks are their owners'. */
const ours = (domain: Domain): boolean =>
    domain.enclave.kind !== "known" || domain.enclave.value !== undefined;

const rule: Rule = {
    id: "LC-14",
    title:
        "A guest's disk and seed are overwritten when the guest is gone, before they are removed, or " +
        "the configuration leaves that out for all",
    why:
        "A removed file stays on the disk until something else is written there: what a Workstation " +
        "has fetched, tor's keys, a tunnel's key.",
    severity: "medium",
    fix: "Leave wiping steps to this project's components: `storage.wipe` switches all of them on or off.",
    limits:
        "`storage.wipe` is off by default: overwriting is not certain, and a replacement waits for " +
        "it. Stacks of others. Overwriting does not reach an SSD's spare cells, copy-on-write file " +
        "systems, the host's snapshots and backups, and what a guest discarded. Each wipe says so. " +
        "An encrypted disk on the host covers them.",
    check: (model) => {
        const used = new Set<Actuator>();
        return model.source === "live"
            ? []
            : [
                  ...eachDomain(model, "all", (domain) =>
                      !ours(domain)
                          ? []
                          : whenKnown(subjectOf(domain), domain.disks, (disks) => {
                                const sources = disks.map((disk) => possible<DiskSource>(disk.source));
                                const wiped = storedBy(
                                    model,
                                    sources.flatMap((list) => list ?? []),
                                ).map((stored) => ({ stored, by: wipingOf(model, domain, stored) }));
                                wiped.forEach(({ by }) => by === undefined || used.add(by));
                                const unwiped = wiped
                                    .filter(({ by }) => by === undefined)
                                    .map(({ stored }) => stored);
                                return [
                                    ...(sources.every((list) => list !== undefined)
                                        ? []
                                        : [
                                              undecided(
                                                  `${subjectOf(domain)} disks`,
                                                  "which volumes it has is not known",
                                                  whole(domain),
                                              ),
                                          ]),
                                    ...(unwiped.length === 0
                                        ? []
                                        : [
                                              violation(
                                                  subjectOf(domain),
                                                  "nothing that it waits for wipes " +
                                                      `${unwiped.map(subjectOf).join(", ")}`,
                                                  whole(domain),
                                              ),
                                          ]),
                                ];
                            }),
                  ),
                  ...(["wipe", "true"].every((verb) =>
                      [...used].some((actuator) => deleteStep(actuator)?.verb === verb),
                  )
                      ? [
                            violation("wiping", "some guests' volumes are wiped and some are not", {
                                resource: "",
                                path: "",
                            }),
                        ]
                      : []),
                  ...wipings(model)
                      .filter(({ actuator, step }) => !used.has(actuator) && step?.verb !== "true")
                      .map(({ actuator }) =>
                          violation(
                              subjectOf(actuator),
                              "it wipes what is no guest's here, or not at the right time " +
                                  `${marked(digestOf([actuator.commands, actuator.resource.propertyDependencies]))}`,
                              whole(actuator),
                          ),
                      ),
              ];
    },
};

export default rule;
