/**
 * The clock that a Workstation is switched on with: the host's, off by a random number of whole seconds
 * (Whonix: bootclockrandomization). A reader of it learns neither the host's clock nor how wrong that is.
 *
 * The number travels in the domain's description, which a stylesheet can read and a policy can see: a
 * stylesheet with the number in it would be another one for each Workstation, and not known at the first
 * preview.
 */

/** Bounds and default of the window, in seconds either way. Whonix draws from 5 to 180. */
export const CLOCK_WINDOW = Object.freeze({ least: 10, most: 3600, default: 180 });

/** What the description begins with; the offset in whole seconds follows. */
export const CLOCK_PREFIX = "clock-offset=";

/** The offset of a description; undefined when it is of any other form. */
export function clockOffsetOf(description: string): number | undefined {
    const text = description.startsWith(CLOCK_PREFIX) ? description.slice(CLOCK_PREFIX.length) : "";
    return /^(0|-?[1-9]\d{0,4})$/.test(text) ? Number(text) : undefined;
}
