/** The ranges that are no place on the public Internet, as a set of the firewall's. */
import type { NamedSet } from "./model";
import { LOCAL_RANGES, localRangesOf, type NicAddress } from "../../values/ranges";

/** The same as a set that rules refer to. */
export const LOCAL_SET: NamedSet = Object.freeze({
    name: "local_ranges",
    type: "ipv4_addr",
    interval: true,
    elements: LOCAL_RANGES,
    why: "Networks that are no part of the public Internet: a LAN, the host, other guests.",
});

/**
 * The same as a set that a Gateway's rules refer to. A Workstation's names the constant ranges alone: it is
 * not to learn where its host is.
 */
export const localSetOf = (outer: NicAddress): NamedSet => ({ ...LOCAL_SET, elements: localRangesOf(outer) });
