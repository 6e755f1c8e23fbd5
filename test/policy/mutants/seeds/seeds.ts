/** What seeds hold: user-data, files, firewall, torrc, sysctls, network-config, meta-data. */
import type { FixtureResource } from "../../fixtures/resources";
import { SEED, ofType, type Mutant } from "../mutant";
import { everyGuest } from "./any-guest";
import { gateway } from "./gateway";
import { workstation } from "./workstation";
import { GATEWAY, WORKSTATION } from "./names";

/**
 * @param like the guests of another stack that have been changed already, and which guests of this one are of
 * interest
 */
export const seedMutants = (
    stack: readonly FixtureResource[],
    like?: { readonly stack: readonly FixtureResource[]; readonly only: RegExp },
): Mutant[] => {
    const of = (name: RegExp): FixtureResource[] =>
        ofType(stack, SEED, name).filter((seed) => like?.only.test(seed.name) !== false);
    const [gateways, workstations] = [of(GATEWAY), of(WORKSTATION)];
    const twin = (name: RegExp): FixtureResource | undefined =>
        like === undefined ? undefined : ofType(like.stack, SEED, name)[0];
    return [
        ...gateways.flatMap((seed) => everyGuest(seed, twin(GATEWAY))),
        ...workstations.flatMap((seed) => everyGuest(seed, twin(WORKSTATION))),
        ...gateways.flatMap((seed) => gateway(seed, twin(GATEWAY))),
        ...workstations.flatMap(workstation),
    ];
};
