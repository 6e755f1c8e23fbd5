/** Keys about time: an enclave's `clock`, and where a Tor network's time comes from. */
import { z } from "zod";
import { isAddress } from "../values/addresses";
import { CLOCK_WINDOW } from "../values/clock";

const { least, most } = CLOCK_WINDOW;

/** `enclaves[].clock` */
export const clock = z
    .strictObject({
        windowSeconds: z
            .int("a whole number of seconds")
            .min(least, `at least ${least} seconds`)
            .max(most, `at most ${most} seconds`)
            .default(CLOCK_WINDOW.default),
        strict: z.boolean().default(false),
    })
    .prefault({});

const MAX_POOLS = 9;
const MAX_URLS = 64;

const url = z
    .string()
    .regex(
        /^http:\/\/[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[1-9]\d{0,4})?\/[\x21-\x7e]{0,200}$/,
        "an address such as http://name.onion/, with its path",
    )
    .refine((text) => URL.canParse(text), "an address with a port from 1 to 65535, if any")
    // URL knows addresses in every spelling, such as 0x7f.1.
    .refine(
        (text) => !URL.canParse(text) || !isAddress(new URL(text).hostname),
        "a name, not an address: a Workstation's seed names nothing outside by address",
    );

/** `torNetwork.timeSources`: three pools at least, or there is no majority. */
export const timeSources = z
    .array(z.array(url).min(1, "at least one address").max(MAX_URLS, `at most ${MAX_URLS} addresses`))
    .max(MAX_POOLS, `at most ${MAX_POOLS} pools`)
    .refine(
        (pools) => pools.length === 0 || pools.length >= 3,
        "at least 3 pools, of which a majority has to agree; or none, for the default",
    )
    .default([]);
