/** A rule in one line of source. */
import type { Match, Rule } from "./model";

/** @param counter named counter; every drop and reject has one */
export const rule = (id: string, why: string, matches: readonly Match[], verdict: "accept" | "drop" | "reject", counter?: string): Rule => ({
    id,
    why,
    matches,
    verdict: { do: verdict },
    ...(counter === undefined ? {} : { counter }),
});
