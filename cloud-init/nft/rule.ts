/** A rule in one line of source. */
import type { Match, Rule } from "./model";

/** @param counter named counter; every drop and reject has one */
export const rule = (
    id: string,
    why: string,
    matches: readonly Match[],
    verdict: "accept" | "drop" | "reject",
    counter?: string,
): Rule => ({ id, why, matches, verdict: { do: verdict }, ...(counter === undefined ? {} : { counter }) });

/** What every line of the firewall's log begins with, before the chain's name. */
export const LOG_PREFIX = "sallyport-drop";

/**
 * What no rule of a chain has taken is logged before it is dropped; stands in front of the chain's last
 * rules.
 * @param chain its name, which the log tells
 */
export const logged = (id: string, chain: string): Rule => ({
    id,
    why: "Into the kernel's log, now and then: memory alone, and not the console.",
    matches: [],
    verdict: { do: "log", prefix: `${LOG_PREFIX} ${chain}: ` },
});
