/** How Workstations come to the right time: the plan, and what cannot be. */
import type { ConfigProblem } from "../config/error";
import type { EnclaveConfig, SallyportConfig } from "../config/schema";
import type { TimePlan } from "./guest-plan";
import type { StackPlan } from "./plan";
import { ONION_TIME_SOURCES, isOnion } from "../values/time-sources";

/** The public network has onion services to ask; a private one has what its owner names. */
export function timePlan(
    clock: EnclaveConfig["clock"],
    { dirAuthorities, timeSources }: SallyportConfig["torNetwork"],
): TimePlan {
    const otherwise = dirAuthorities.length === 0 ? ONION_TIME_SOURCES : [];
    return {
        windowSeconds: clock.windowSeconds,
        strict: clock.strict,
        sources: timeSources.length > 0 ? timeSources : otherwise,
    };
}

/** Sources that anybody could forge, and gates that would never open. */
export function timeConflicts(plan: StackPlan): ConfigProblem[] {
    return plan.enclaves.flatMap((enclave, i): ConfigProblem[] => {
        const { time, torNetwork } = enclave;
        const forged =
            torNetwork === undefined ? (time?.sources ?? []).flat().find((url) => !isOnion(url)) : undefined;
        return [
            ...(forged === undefined || i > 0
                ? []
                : [
                      {
                          property: "torNetwork.timeSources",
                          value: forged,
                          allowed:
                              "version 3 onion services: without encryption an exit can answer whatever it likes",
                          fix: "name an onion service; other names are for private Tor networks alone (dirAuthorities)",
                      },
                  ]),
            ...(time?.strict === true && time.sources.length === 0
                ? [
                      {
                          property: `enclaves[${i}].clock.strict`,
                          value: true,
                          allowed: "true only where a source of time can be asked",
                          fix: "name pools in torNetwork.timeSources, since the default ones are on the public Tor network; or set strict to false",
                      },
                  ]
                : []),
        ];
    });
}
