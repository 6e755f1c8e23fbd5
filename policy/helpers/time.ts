/**
 * The time plan that a Workstation's seed was rendered from, as far as this project would have rendered it.
 */
import { timePlanOf } from "../../cloud-init/time";
import { timeSources } from "../../config/clock";
import { once } from "../../model/adapters/seed/once";
import type { SeedContent, SeedFile } from "../../model";
import type { TimePlan } from "../../plan/guest-plan";
import { ONION_TIME_SOURCES, isOnion } from "../../values/time-sources";

/** Whether tor goes to the public network; a torrc that cannot be read is taken for one that does. */
const isPublic = (gateway: SeedContent): boolean =>
    gateway.torrc.kind !== "known" ||
    !(gateway.torrc.value ?? []).some((line) => line.option.toLowerCase() === "dirauthority");

/** The same few lists stand in every seed. */
const allowed = once((pools: string) => timeSources.safeParse(JSON.parse(pools)).success);
/** Whether some configuration may name these pools. */
export const timesAllowed = (pools: readonly (readonly string[])[]): boolean =>
    allowed(JSON.stringify(pools));

/** @returns undefined for pools that no configuration of ours allows */
export function timeOf(gateway: SeedContent, files: readonly SeedFile[]): TimePlan | undefined {
    const open = isPublic(gateway);
    const found = timePlanOf(files, (pools) => timesAllowed(pools) && (!open || pools.flat().every(isOnion)));
    // Shut until the time is set, with no source to ask: shut for ever, and no configuration of ours.
    if (found?.strict === true && found.sources.length === 0 && !open) {
        return undefined;
    }
    // There a source can be asked, so one is.
    return open && found?.sources.length === 0 ? { ...found, sources: ONION_TIME_SOURCES } : found;
}
